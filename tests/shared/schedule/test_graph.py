"""A graph as data and as text."""

import tracemalloc

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.shared.schedule.graph import Constant, Graph, Variable, letters

X = np.ones((2, 3), np.float32)
TABLE = np.arange(3.0, dtype=np.float32)


def model(x, s):
    h = np.tanh(x * TABLE)
    return h.sum(axis=1), s + 1


def test_golden_text():
    text = repr(wf.make_graph(model)(X, 2.0))
    line = model.__code__.co_firstlineno
    rows = [
        ("model(a: float32[2,3], b: float64[]):", ""),
        ("    c: float32[1,3] = constant", ""),
        ("    d: float32[2,3] = mul(a, c)", line + 1),
        ("    e: float32[2,3] = tanh(d)", line + 1),
        ("    f: float32[2] = sum(e, axis=(1,), keepdims=False)", line + 2),
        ("    g: float64[] = add(b, 1)", line + 2),
        ("    return f, g", ""),
    ]
    expected = [f"{row:<72}  # test_graph.py:{n}" if n else row for row, n in rows]
    assert text.splitlines() == expected


def test_loops_and_branches_show_what_they_hold():
    def f(x):
        def step(i, c):
            return c * i

        return wf.lax.cond(x > 0, np.sin, lambda x: wf.lax.fori_loop(0, 3, step, x), x)

    rows = repr(wf.make_graph(f)(np.float32(1))).splitlines()
    line = f.__code__.co_firstlineno + 2
    assert "        body1 = cond(a: float32[]):" in rows
    assert f"{'            b: float32[] = sin(a)':<80}" in [row[:80] for row in rows]
    assert "                body = fori_loop(a: float32[], b: int64[]):" in rows
    assert any(row.startswith(" " * 20) and row.endswith(f"# test_graph.py:{line}") for row in rows)
    assert rows[-1] == "    return d" and rows[-2].startswith("            return ")


def test_calling_a_graph():
    graph = wf.make_graph(model)(X, 2.0)
    found, expected = graph(X, 2.0), model(X, 2.0)
    for a, b in zip(found, expected, strict=True):
        assert np.asarray(a).tobytes() == np.asarray(b).tobytes()
    with pytest.raises(TypeError, match=r"^model: it takes 2 array\(s\) but got 1$"):
        graph(X)


def test_an_error_inside_says_where_it_was_written():
    graph = wf.make_graph(lambda x: x @ TABLE)(X)
    with pytest.raises(ValueError, match="matmul") as caught:
        graph(np.ones((2, 7)))
    assert any("written at" in n and "test_graph.py" in n for n in caught.value.__notes__)


def test_users_makers_and_constants():
    graph = wf.make_graph(model)(X, 2.0)
    users, makers = graph.users(), graph.makers()
    for e in graph.equations:
        assert all(makers[z] is e for z in e.outputs)
        assert all(e in users[a] for a in e.inputs if isinstance(a, Variable))
    assert all(None in users[a] for a in graph.outputs)
    (constant,) = graph.constants()
    np.testing.assert_array_equal(constant.value.reshape(-1), TABLE)
    assert not constant.value.flags.writeable


def test_variables_are_equal_to_themselves_alone():
    assert Variable((2,), np.float32) != Variable((2,), np.float32)
    assert len({Variable((2,), np.float32), Variable((2,), np.float32)}) == 2
    assert repr(Variable((2,), np.float32)) == "Variable(float32[2])"


def test_outputs_may_be_inputs_constants_and_numbers():
    v, c = Variable((), np.float64), Constant(np.float64(3.0))
    assert Graph([v], [v, c, 2, v], [])(1.0) == [1.0, 3.0, 2, 1.0]
    assert repr(Graph([v], [v, c, 2], [], "f")) == (
        "f(a: float64[]):\n    return a, float64(3.0), 2"
    )


def test_letters_never_repeat():
    names = [letters(i) for i in range(2000)]
    assert len(set(names)) == 2000
    assert names[:2] + names[25:28] + [names[701], names[702]] == [
        "a", "b", "z", "aa", "ab", "zz", "aaa",
    ]  # fmt: skip


def test_what_nothing_uses_any_more_is_let_go():
    graph = wf.make_graph(lambda x: np.tanh(np.exp(np.sin(x)) + x))(np.ones(3))
    sine, exponential, total, _ = [e.outputs[0] for e in graph.equations]
    (x,) = graph.inputs
    assert graph.ends() == [[], [sine], [exponential, x], [total]]
    tracemalloc.start()
    try:
        ones = np.ones(100_000)
        graph(ones)
        assert tracemalloc.get_traced_memory()[1] < 3.5 * ones.nbytes
    finally:
        tracemalloc.stop()
