import numpy as np

from wonderland import functional as wf
from wonderland.shared.schedule.control.dependence import hoisted, reached, settled

X = np.ones(3)


def graph_of(f, *args):
    return wf.make_graph(f)(*args)


def test_what_an_input_reaches():
    graph = graph_of(lambda x, y: (x + 1, y * x, wf.stop_gradient(y), y > 0), X, X)
    assert reached(graph, [False, True]) == [False, True, True, True]
    assert reached(graph, [False, True], differentiable=True) == [False, True, False, False]
    assert reached(graph, [True, False]) == [True, True, False, False]


def test_operands_without_a_rule_do_not_count():
    graph = graph_of(lambda p, x: np.where(p > 0, x, 2 * x), X, X)
    assert reached(graph, [True, False], differentiable=True) == [False]
    assert reached(graph, [True, False]) == [True]


def test_flags_travel_from_carry_to_carry():
    graph = graph_of(lambda w, a, b, c: (b, c, c * 1), X, X, X, X)
    assert settled(graph, [False, False, False, True], 1, 3) == [False, True, True, True]
    assert settled(graph, [False, True, False, False], 1, 3) == [False, True, False, False]


def test_what_depends_on_constants_alone_goes_before_the_loop():
    graph = graph_of(lambda w, h: np.exp(w).T @ h + np.ones(3), np.eye(3), X)
    before, loop = hoisted(graph, 1)
    assert [e.primitive.name for e in before.equations] == ["exp", "transpose"]
    assert "exp" not in [e.primitive.name for e in loop.equations]
    w, h = np.eye(3) * 2, X * 3
    np.testing.assert_array_equal(loop(w, *before(w), h)[0], graph(w, h)[0])


def test_an_output_may_be_constant_too():
    before, loop = hoisted(graph_of(lambda w, h: (np.exp(w), h), X, X), 1)
    np.testing.assert_array_equal(loop(X, *before(X), X)[0], np.exp(X))
