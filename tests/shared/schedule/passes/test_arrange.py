"""Views leave the program, and say where NumPy would find the same entries."""

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.shared.primitives import (
    broadcast_to,
    flip,
    getitem,
    neg,
    reshape,
    split,
    stop_gradient,
    transpose,
    unstack,
)  # fmt: skip
from wonderland.shared.schedule.passes.arrange import Arranged

X = np.arange(24.0).reshape(2, 3, 4)


def arranged(f, x=X):
    graph = wf.make_graph(f)(x)
    return graph, Arranged(graph)


def looked_at(found, a, memory):
    """The array that NumPy makes of a place."""
    view = found.places[a].view
    strides = [8 * s for s in view.strides]
    return np.ndarray(view.shape, float, memory, 8 * view.offset, strides)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: transpose(x, axes=(2, 0, 1)),
        lambda x: reshape(x, shape=(6, 4)),
        lambda x: flip(x, axes=(0, 2)),
        lambda x: getitem(x, key=(1, (2, 0, -1), None)),
        lambda x: broadcast_to(reshape(x, shape=(2, 3, 1, 4)), shape=(2, 3, 5, 4)),
        lambda x: stop_gradient(transpose(flip(x, axes=(1,)), axes=(1, 0, 2))),
        lambda x: split(x, axis=2, sizes=(1, 3))[1],
        lambda x: unstack(x, axis=1)[2],
    ],
)
def test_a_view_is_no_equation(f):
    graph, found = arranged(f)
    assert not found.equations
    (z,) = graph.outputs
    assert found.places[z].root is graph.inputs[0]
    np.testing.assert_array_equal(looked_at(found, z, X), f(X))


def test_a_reshape_that_no_strides_can_say_copies_first():
    graph, found = arranged(lambda x: reshape(transpose(x, axes=(1, 0, 2)), shape=(24,)))
    assert [e.primitive.name for e in found.equations] == ["clone"]
    z, copy = graph.outputs[0], found.equations[0].outputs[0]
    assert found.places[z].root is copy and found.places[z].view.is_whole
    assert found.equations[0].inputs == graph.equations[0].outputs


def test_what_computes_has_memory_of_its_own():
    graph, found = arranged(lambda x: neg(transpose(x, axes=(0, 2, 1))))
    z = graph.outputs[0]
    assert found.places[z].root is z and found.places[z].view.is_whole
    assert [e.primitive.name for e in found.equations] == ["neg"]
