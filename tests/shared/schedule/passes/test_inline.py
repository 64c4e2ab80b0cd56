"""Calls become their equations; what a checkpoint recomputes is kept apart."""

import numpy as np

from wonderland import functional as wf
from wonderland.functional import lax
from wonderland.shared.primitives import tanh
from wonderland.shared.schedule.graph import Graph, Variable
from wonderland.shared.schedule.passes.inline import inlined

X = np.linspace(-1, 1, 3)


def names(graph):
    return [e.primitive.name for e in graph.equations]


def outer(x):
    return wf.checkpoint(lambda x: tanh(wf.checkpoint(tanh)(x)))(x)


def test_calls_within_calls_become_their_equations():
    graph = wf.make_graph(outer)(X)
    assert names(graph) != ["tanh", "tanh"]
    flat = inlined(graph)
    assert names(flat) == ["tanh", "tanh"]
    np.testing.assert_array_equal(flat(X)[0], np.tanh(np.tanh(X)))


def test_a_call_made_twice_has_variables_of_its_own_each_time():
    f = wf.checkpoint(lambda x: tanh(x) * x)
    (e,) = (once := wf.make_graph(f)(X)).equations
    z = Variable(X.shape, X.dtype)
    twice = Graph(once.inputs, [z], [e, e.like(e.outputs, [z])])
    flat = inlined(twice)
    made = [z for e in flat.equations for z in e.outputs]
    assert len(made) == len(set(made)) == 4
    np.testing.assert_array_equal(flat(X)[0], f(f(X)))


def test_each_checkpoint_is_a_scope():
    flat = inlined(wf.make_graph(lambda x: (tanh(x), wf.checkpoint(tanh)(x), outer(x)))(X))
    scopes = [e.scope for e in flat.equations]
    assert scopes[0] is None and len(set(scopes)) == 4


def test_loops_stay_structured():
    graph = wf.make_graph(lambda x: lax.fori_loop(0, 3, lambda i, x: wf.checkpoint(tanh)(x), x))(X)
    assert names(inlined(graph)) == names(graph) == ["fori_loop"]


def test_an_output_that_is_an_argument_of_the_call():
    flat = inlined(wf.make_graph(lambda x: wf.checkpoint(lambda x: (x, tanh(x)))(x))(X))
    assert flat.outputs[0] is flat.inputs[0]
