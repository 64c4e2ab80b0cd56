"""Which result may lie in which argument's memory; the executor's side is in test_donated.py."""

import numpy as np
import pytest

from wonderland import functional as wf

execute = pytest.importorskip("wonderland.shared.schedule.native.execute")
from wonderland.shared.schedule.passes.donate import donations  # noqa: E402

P = np.ones((200, 200), np.float32)


def taken(f, *args, places=(0,)):
    graph, arranged, steps = execute.steps_of(wf.make_graph(f)(*args))
    found = donations(steps, arranged, [graph.inputs[i] for i in places])
    return [graph.inputs.index(v) for v in found.values()]


def test_entry_for_entry_is_in_place():
    assert taken(lambda p, g: p - g, P, P) == [0]


def test_each_argument_is_taken_once():
    assert taken(lambda p: (p + 1, p + 2), P) == [0]  # read once, before either is written
    assert taken(lambda p, q: (p + 1, q + 2), P, P, places=(0, 1)) == [0, 1]


def test_a_transposed_reader_forbids_it():
    assert taken(lambda p: p + p.T, P) == []


def test_small_arrays_are_left_alone():
    assert taken(lambda p: p + 1, P[:4]) == []


@pytest.mark.parametrize(
    "f",
    [
        lambda x: (x, x + 1),
        lambda x: (x + 1, x @ x),
        lambda x: (x + 1, x[::-1] * 2),
        lambda x: x / x.sum(0),
        lambda x: x + x[0],
        lambda x: (x + 1).reshape(-1)[::-1] * x.reshape(-1),
    ],
    ids=["returned itself", "multiplied later", "read later", "total", "row", "backwards"],
)
@pytest.mark.parametrize("executor", ["numpy", "native"])
def test_what_is_needed_is_not_overwritten(f, executor):
    x = np.linspace(-1, 1, 200 * 200).reshape(200, 200)
    found = wf.jit(f, donate_argnums=0, executor=executor)(x.copy())
    for z, expected in zip(wf.tree.leaves(found), wf.tree.leaves(f(x)), strict=True):
        np.testing.assert_allclose(z, expected, rtol=1e-12, atol=1e-12)
