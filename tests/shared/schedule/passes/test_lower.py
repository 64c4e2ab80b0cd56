"""Composite primitives become their steps, and compute the same."""

import numpy as np
import pytest

from tests.shared.primitives import rows
from wonderland import functional as wf
from wonderland.shared.primitives import affine, mean, multiply_add, registry, relu, softmax, sub
from wonderland.shared.schedule.graph import Equation, Graph
from wonderland.shared.schedule.passes import lower
from wonderland.shared.schedule.passes.lower import STEPS, lowered

rows.declare_everything()
TABLE = [row for row in rows.table() if row.primitive.name in STEPS or row.primitive.decomposition]
X = np.linspace(-1, 1, 12).reshape(3, 4)


def names(graph):
    return [e.primitive.name for e in graph.equations]


def test_the_table_of_steps_names_primitives():
    assert set(STEPS) <= set(registry)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.label)
def test_the_steps_compute_the_same(row):
    for call in row.calls():
        if call.dtype != np.float64:
            continue
        places = [i for i, a in enumerate(call.args) if hasattr(a, "dtype")]

        def apply(*arrays, call=call, places=places):
            args = list(call.args)
            for i, x in zip(places, arrays, strict=True):
                args[i] = x
            return call.primitive(*args, **call.static)

        arrays = [call.args[i] for i in places]
        graph = wf.make_graph(apply)(*arrays)
        steps = lowered(graph)
        assert row.primitive.name not in names(steps)
        with np.errstate(all="ignore"):
            for z, expected in zip(steps(*arrays), graph(*arrays), strict=True):
                assert z.dtype == expected.dtype and z.shape == expected.shape
                np.testing.assert_allclose(z, expected, rtol=1e-10, atol=1e-12)


def test_nothing_composite_is_left_within_the_steps():
    graph = lowered(
        wf.make_graph(lambda x: softmax(relu(mean(x, axis=(0,), keepdims=True)), axis=(1,)))(X)
    )
    assert not {"mean", "relu", "softmax"} & set(names(graph))


def test_what_is_kept_is_kept():
    graph = wf.make_graph(lambda x: softmax(relu(x), axis=(1,)))(X)
    kept = names(lowered(graph, {"relu"}))
    assert "relu" in kept and "softmax" not in kept


def test_a_number_among_the_operands_stays_a_number():
    graph = lowered(wf.make_graph(lambda x: multiply_add(x, 2.0, x, x))(np.float32(X)))
    assert names(graph) == ["mul", "mul", "add"] and 2.0 in graph.equations[0].inputs
    assert graph.outputs[0].dtype == np.float32


def test_lines_and_scopes_are_those_of_the_whole():
    graph = wf.make_graph(lambda x: affine(x, np.ones((2, 4)), np.ones(2)))(X)
    (e,) = graph.equations
    e = Equation(e.primitive, e.inputs, e.outputs, e.static, "net.py:7", scope=3)
    steps = lowered(Graph(graph.inputs, graph.outputs, [e])).equations
    assert len(steps) > 2 and {(s.line, s.scope) for s in steps} == {("net.py:7", 3)}


def test_an_equation_that_is_a_step_is_itself():
    graph = wf.make_graph(lambda x: sub(x, 1))(X)
    assert lowered(graph).equations[0].outputs == graph.equations[0].outputs


def test_equal_steps_are_captured_once_and_stay_apart(monkeypatch):
    captured = []

    def capture(f, like, name):
        captured.append((name, [(a.shape, a.weak) for a in like]))
        return whole(f, like, name)

    whole = lower.capture
    monkeypatch.setattr(lower, "capture", capture)

    def f(x, y):
        means = [mean(a, axis=axis, keepdims=True) for a in (x, y) for axis in ((0,), (1,))]
        return softmax(means[0], axis=(1,)) * softmax(means[2], axis=(1,)) + means[1] + means[3]

    graph = lowered(wf.make_graph(f)(X, X + 1))
    assert [name for name, _ in captured] == ["mean", "mean", "softmax"]
    made = [z for e in graph.equations for z in e.outputs]
    assert len(set(made)) == len(made)
    Y = np.sin(X)
    np.testing.assert_allclose(graph(X, Y)[0], f(X, Y), rtol=1e-12)
