"""In-place and view programs against MyGrad, the NumPy engine that has them exactly."""

import numpy as np
import pytest

from wonderland import oop

pytestmark = pytest.mark.peers

mg = pytest.importorskip("mygrad")

RNG = np.random.default_rng(8)
X = RNG.standard_normal((2, 3))
V = RNG.standard_normal(3)


def rows(x, v):
    y = x * 1
    y[0] = v
    y[1] *= v
    return (y * x).sum()


def view_first(x, v):
    y = x * 1
    row = y[1]
    y[1] = v * 2
    return (row * x).sum()


def base_later(x, v):
    y = x * 1
    row = y[0]
    row += v
    return (y**2).sum()


def view_of_view(x, v):
    y = x * 1
    y[:, 1:][0] *= 3
    return (y * y).sum()


def transposed(x, v):
    y = x * 1
    y.T[0] = v[:2]
    return (y * x).sum()


def reshaped(x, v):
    y = x * 1
    y.reshape(3, 2)[1] = v[1:]
    return (y * y).sum()


def masked(x, v):
    y = x * 1
    y[y > 0] = 2.0
    return (y * x).sum()


def repeated_index(x, v):
    y = x * 1
    y[[0, 1], [2, 2]] = v[:2]
    return (y * y).sum()


def its_own_entries(x, v):
    y = x * 1
    y[0] = y[1] + v
    return (y * y).sum()


def loop(x, v):
    y = v * 1
    for i in range(5):
        y[i % 3] *= v[(i + 1) % 3]
    return (y * x).sum()


PROGRAMS = [
    rows, view_first, base_later, view_of_view, transposed, reshaped, masked, repeated_index,
    its_own_entries, loop,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_programs(program):
    theirs = mg.tensor(X.copy()), mg.tensor(V.copy())
    ours = [oop.tensor(a, requires_grad=True) for a in (X, V)]
    wanted, found = program(*theirs), program(*ours)
    wanted.backward()
    found.backward()
    np.testing.assert_allclose(found.item(), wanted.item(), rtol=1e-12)
    for a, b in zip(ours, theirs, strict=True):
        zero = np.zeros(a.shape)
        mine = zero if a.grad is None else a.grad.numpy()
        np.testing.assert_allclose(mine, zero if b.grad is None else b.grad, rtol=1e-12, atol=1e-12)
