"""What depends on no input is computed at once, by the primitives' own kernels."""

import numpy as np

from wonderland import functional as wf
from wonderland.shared.primitives import add, broadcast_to, div, mul, split, tanh
from wonderland.shared.schedule.graph import Constant
from wonderland.shared.schedule.passes import fold
from wonderland.shared.schedule.passes.fold import folded

X, C = np.ones(3), np.linspace(0, 1, 3)


def test_equations_of_constants_become_constants():
    graph = wf.make_graph(lambda x: mul(x, add(tanh(add(C, 0)), C)))(X)
    # eager code would have done these before the graph is made: the capture sees arrays alone
    assert [e.primitive.name for e in graph.equations] == ["mul"]
    staged = constant_graph(lambda c, x: mul(x, add(tanh(c), c)))
    assert [e.primitive.name for e in folded(staged).equations] == ["mul"]
    np.testing.assert_array_equal(folded(staged)(X)[0], np.tanh(C) + C)


def constant_graph(f, constant=C):
    """The graph of f(constant, x), whose first operand is known only now."""
    graph = wf.make_graph(f)(constant, X)
    known = Constant(constant)
    equations = [
        e.like([known if a is graph.inputs[0] else a for a in e.inputs]) for e in graph.equations
    ]
    outputs = [known if a is graph.inputs[0] else a for a in graph.outputs]
    return type(graph)(graph.inputs[1:], outputs, equations)


def test_several_results_and_outputs():
    graph = folded(constant_graph(lambda c, x: [*split(c, axis=0, sizes=(1, 2)), x]))
    assert not graph.equations
    np.testing.assert_array_equal(np.concatenate(graph(X)[:2]), C)


def test_folding_warns_of_nothing():
    graph = folded(constant_graph(lambda c, x: div(x, div(1.0, c))))
    assert len(graph.equations) == 1
    assert graph.equations[0].inputs[1].value[0] == np.inf


def test_what_would_be_too_large_stays(monkeypatch):
    def f(c, x):
        return broadcast_to(c, shape=(3,))

    one = np.ones(1)
    assert not folded(constant_graph(f, one)).equations
    monkeypatch.setattr(fold, "LARGEST", 2)
    assert len(folded(constant_graph(f, one)).equations) == 1


def test_what_needs_an_input_stays():
    graph = folded(constant_graph(lambda c, x: mul(x, c)))
    assert len(graph.equations) == 1
