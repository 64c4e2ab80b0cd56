"""What is computed twice is computed once, and only that."""

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.shared.primitives import add, cast, mul, tanh
from wonderland.shared.primitives import sum as total
from wonderland.shared.schedule.passes.dead import without_dead
from wonderland.shared.schedule.passes.inline import inlined
from wonderland.shared.schedule.passes.repetition import without_repetition

X = np.linspace(-1, 1, 6).reshape(2, 3)


def merged(f, *args):
    return without_repetition(inlined(wf.make_graph(f)(*args)))


def count(graph, name):
    return sum(e.primitive.name == name for e in graph.equations)


def test_a_chain_computed_twice_is_there_once():
    graph = merged(lambda x: mul(tanh(add(x, 1)), tanh(add(x, 1))), X)
    assert [e.primitive.name for e in graph.equations] == ["add", "tanh", "mul"]
    np.testing.assert_array_equal(graph(X)[0], np.tanh(X + 1) ** 2)


def test_an_output_is_renamed():
    graph = merged(lambda x: (tanh(x), tanh(x)), X)
    assert count(graph, "tanh") == 1 and graph.outputs[0] is graph.outputs[1]


@pytest.mark.parametrize(
    ("f", "name"),
    [
        (lambda x: (mul(x, 0.0), mul(x, -0.0)), "mul"),
        (lambda x: (add(x, 1), add(x, 1.0), add(x, True)), "add"),
        (lambda x: [total(x, axis=(a,), keepdims=True) for a in (0, 1)], "sum"),
        (lambda x: [total(x, axis=(0,), keepdims=k) for k in (False, True)], "sum"),
        (lambda x: [cast(x, dtype=np.dtype(t)) for t in (np.float32, np.float16)], "cast"),
        (lambda x: (mul(x, np.ones((2, 3))), mul(x, np.ones((2, 3)))), "mul"),
    ],
    ids=["signs of zero", "kinds of number", "axes", "keepdims", "dtypes", "other constants"],
)
def test_what_differs_stays_apart(f, name):
    before = wf.make_graph(f)(X)
    after = without_repetition(before)
    assert count(after, name) == count(before, name) > 1


@pytest.mark.parametrize("f", [lambda x: tanh(tanh(x)), lambda x: tanh(x) * tanh(x + 1)])
def test_a_checkpoint_really_recomputes(f):
    def tanhs(f):
        graph = merged(wf.value_and_grad(lambda x: f(x).sum()), X)
        return count(without_dead(graph), "tanh")

    assert tanhs(f) == 2
    assert tanhs(wf.checkpoint(f)) == 4
    again = wf.checkpoint(f)
    np.testing.assert_array_equal(
        wf.jit(wf.grad(lambda x: again(x).sum()), executor="numpy")(X),
        wf.grad(lambda x: f(x).sum())(X),
    )
