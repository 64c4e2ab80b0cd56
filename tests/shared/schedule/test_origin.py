"""Every equation leads to the line of the user's program: also of a backward pass, also
replayed."""

import numpy as np

from wonderland import functional as wf


def line_in(function, offset):
    return f"test_origin.py:{function.__code__.co_firstlineno + offset}"


def f(x, y):
    h = np.sin(x)
    k = h * y
    return np.sum(k)


X, Y = np.ones(3), np.full(3, 2.0)


def places(graph, name):
    return [e.line for e in graph.equations if e.primitive.name == name]


def test_forward_and_backward_of_grad():
    graph = wf.make_graph(wf.grad(f))(X, Y)
    (sin,), (cos,) = places(graph, "sin"), places(graph, "cos")
    assert sin.endswith(line_in(f, 1)) and not sin.startswith("backward")
    assert cos.startswith("backward of ") and cos.endswith(line_in(f, 1))
    products = places(graph, "mul")
    assert not products[0].startswith("backward of ") and products[0].endswith(line_in(f, 2))
    assert products[1].startswith("backward of ") and products[1].endswith(line_in(f, 2))


def test_sums_of_cotangents_too():
    def g(x):
        h = np.exp(x)
        return np.sum(np.sin(h) + h * h)

    graph = wf.make_graph(wf.grad(g))(X)
    here = [e.line for e in graph.equations]
    assert not any(line.endswith("<unknown>") for line in here)
    back = [line for line in here if line.startswith("backward of ")]
    assert len(back) >= 4
    assert {line.rsplit(":", 1)[0] for line in back} == {f"backward of {__file__}"}


def test_the_derived_programs_of_jit_keep_the_lines():
    staged = wf.jit(f, executor="numpy")
    wf.grad(staged)(X, Y)
    wf.vmap(staged)(np.ones((2, 3)), np.ones((2, 3)))
    wf.jvp(staged, (X, Y), (X, Y))
    ((entry,),) = staged.entries.values()
    derived = entry.program._derived.values()
    programs = [p for found in derived for p in (found if isinstance(found, tuple) else (found,))]
    graphs = [p.graph for p in programs if hasattr(p, "graph")]
    assert len(graphs) == 4
    own = {line_in(f, i) for i in (1, 2, 3)}
    for graph in graphs:
        for e in graph.equations:
            assert e.line.rsplit("/", 1)[-1] in own, (graph, e.line)
    assert any(e.line.startswith("backward of ") for g in graphs for e in g.equations)


def test_grad_of_grad_says_backward_once():
    graph = wf.make_graph(wf.grad(wf.grad(lambda x: np.sin(x) * x)))(2.0)
    assert not any(e.line.count("backward of") > 1 for e in graph.equations)


def test_a_rule_of_the_users_own_has_its_own_line():
    @wf.custom_vjp
    def own(x):
        return np.sin(x)

    def back(x, gz):
        return (np.tan(x) * gz,)

    own.defvjp(lambda x: (own(x), x), back)
    graph = wf.make_graph(wf.grad(own))(2.0)
    (tan,) = places(graph, "tan")
    assert tan.endswith(line_in(back, 1)) and not tan.startswith("backward")


def test_lines_in_the_text_are_short():
    text = repr(wf.make_graph(wf.grad(f))(X, Y))
    assert f"# {line_in(f, 1)}" in text
    assert f"# backward of {line_in(f, 1)}" in text
    assert "/test_origin.py" not in text
