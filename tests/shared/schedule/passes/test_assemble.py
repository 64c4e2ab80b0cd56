"""Results written part by part: each part goes where NumPy would put it."""

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.shared.primitives import concatenate, neg, place, scatter_add, stack, update
from wonderland.shared.schedule.passes.arrange import Arranged
from wonderland.shared.schedule.passes.assemble import assembly

X, Y = np.arange(6.0).reshape(2, 3), np.arange(6.0, 12.0).reshape(2, 3)


def loops_of(f, *args):
    graph = wf.make_graph(f)(*args)
    return graph, assembly(graph.equations[-1], Arranged(graph).places)


def written(graph, loops, args):
    """The result, when NumPy does what the loops say: copies into views of one buffer."""
    z = graph.equations[-1].outputs[0]
    buffer = np.full(z.size, np.nan)
    memory = dict(zip(graph.inputs, args, strict=True))
    for loop in loops:
        (copy,), (operation,) = loop.stores, loop.operations
        root, strides, offset = loop.targets[copy]
        assert root is z
        target = np.ndarray(loop.shape, float, buffer, 8 * offset, [8 * s for s in strides])
        (a,) = operation.operands
        if not hasattr(a, "root"):
            target[...] = a
            continue
        at = [8 * s for s in a.strides]
        target[...] = np.ndarray(loop.shape, float, memory[a.root], 8 * a.offset, at)
    return buffer.reshape(z.shape)


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: concatenate(x, y, axis=0),
        lambda x, y: concatenate(x, y, x, axis=1),
        lambda x, y: stack(x, y, axis=0),
        lambda x, y: stack(x, y, axis=2),
        lambda x, y: place(y, key=(1, (4, 0, -2), (0, None, 1)), shape=(2, 5, 3)),
        lambda x, y: update(x, y, key=((1, None, -1), (0, 3, 1))),
    ],
)
def test_parts(f):
    graph, loops = loops_of(f, X, Y)
    np.testing.assert_array_equal(written(graph, loops, [X, Y]), f(X, Y))


def test_what_is_no_assembly():
    assert loops_of(neg, X)[1] is None


def test_rows_added_by_index_are_a_copy_and_a_loop():
    i, v = np.array([[1, 1, 0]]), np.ones((3, 3))
    _, loops = loops_of(lambda x, i, v: scatter_add(x, i, v, key=("array",)), X, i, v)
    copy, adding = loops
    assert [o.reduces for o in copy.operations] == [None]
    assert [o.reduces for o in adding.operations] == ["sum"]
    index = adding.operations[0].picked.picked
    assert (index.strides, adding.operations[0].picked.bound) == ((1, 0), 2)


def test_integers_are_added_by_the_kernel():
    i, n = np.array([[1]]), np.arange(6).reshape(2, 3)
    assert loops_of(lambda n, i: scatter_add(n, i, n[:1], key=("array",)), n, i)[1] is None
