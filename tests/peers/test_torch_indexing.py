"""Indexing and assignment against torch."""

import numpy as np
import pytest

from tests.peers.twins import agree

pytestmark = pytest.mark.peers

RNG = np.random.default_rng(2)
X = RNG.standard_normal((3, 4))
C = RNG.standard_normal((2, 3, 4))
V = RNG.standard_normal(4)

INDICES = {
    "integer": lambda t, x: x[1],
    "negative": lambda t, x: x[-1],
    "integers": lambda t, x: x[0, 2],
    "0-d tensor": lambda t, x: x[t.tensor(1)],
    "slice": lambda t, x: x[1:],
    "stepped slice": lambda t, x: x[::2, 1:4:2],
    "slice past the end": lambda t, x: x[1:100],
    "empty slice": lambda t, x: x[2:1],
    "ellipsis": lambda t, x: x[..., 0],
    "new axes": lambda t, x: x[None, :, None],
    "list": lambda t, x: x[[0, 2]],
    "repeated list": lambda t, x: x[[0, 0, 1]],
    "negative list": lambda t, x: x[[-1, 0]],
    "tensor": lambda t, x: x[t.tensor([[0, 1], [2, 2]])],
    "two tensors": lambda t, x: x[t.tensor([0, 2]), t.tensor([1, 1])],
    "tensors that broadcast": lambda t, x: x[t.tensor([[0], [1]]), t.tensor([0, 3])],
    "tensor and slice": lambda t, x: x[t.tensor([0, 0]), 1:],
    "slice and tensor": lambda t, x: x[:, t.tensor([3, 3, 0])],
    "mask": lambda t, x: x[x > 0],
    "mask of rows": lambda t, x: x[t.tensor([True, False, True])],
    "mask of columns": lambda t, x: x[:, t.tensor([True, False, True, True])],
    "empty mask": lambda t, x: x[x > 100],
    "chain": lambda t, x: x[1:][0][None, ::2],
    "NumPy array": lambda t, x: x[np.array([2, 0])],
    "iteration": lambda t, x: [row * i for i, row in enumerate(x)],
    "unpacking": lambda t, x: (lambda a, b, c: a * b - c)(*x),
}
OF_THREE = {
    "around a slice": lambda t, x: x[t.tensor([0, 1]), :, t.tensor([0, 0])],
    "beside each other": lambda t, x: x[:, t.tensor([0, 2]), t.tensor([1, 3])],
    "integer and tensor": lambda t, x: x[0, :, t.tensor([0, 0])],
    "new axis between": lambda t, x: x[t.tensor([0, 1]), None, t.tensor([0, 0])],
    "mask of two axes": lambda t, x: x[x[..., 0] > 0],
    "ellipsis between": lambda t, x: x[0, ..., t.tensor([0, 1])],
}


@pytest.mark.parametrize("name", INDICES)
def test_indexing(name):
    agree(lambda t, x: [z * z for z in listed(INDICES[name](t, x))], X)


@pytest.mark.parametrize("name", OF_THREE)
def test_indexing_of_three_axes(name):
    agree(lambda t, x: OF_THREE[name](t, x) ** 2, C)


def listed(z):
    return z if isinstance(z, list) else [z]


def assign(t, x, v, place):
    """A copy of x with v assigned somewhere."""
    y = x * 1
    place(t, y, v)
    return y * x


ASSIGNMENTS = {
    "row": lambda t, y, v: y.__setitem__(0, v),
    "row from a number": lambda t, y, v: y.__setitem__(0, 2.0),
    "entry": lambda t, y, v: y.__setitem__((0, 1), v[0]),
    "column": lambda t, y, v: y.__setitem__((slice(None), 0), v[:3]),
    "slice": lambda t, y, v: y.__setitem__(slice(1, None), v),
    "all": lambda t, y, v: y.__setitem__(Ellipsis, v),
    "list": lambda t, y, v: y.__setitem__([0, 2], v),
    "tensors": lambda t, y, v: y.__setitem__((t.tensor([0, 1]), t.tensor([1, 2])), v[:2]),
    "mask": lambda t, y, v: y.__setitem__(y > 0, 0.5),
    "mask of rows": lambda t, y, v: y.__setitem__(t.tensor([True, False, True]), v),
    "its own entries": lambda t, y, v: y.__setitem__(0, y[1] + v),
    "overlapping": lambda t, y, v: y.__setitem__(slice(1, None), y[:-1].clone()),
    "twice": lambda t, y, v: (y.__setitem__(0, v), y.__setitem__((0, 1), v[2])),
    "through views": lambda t, y, v: y[1:][0].__setitem__(slice(0, 2), v[:2]),
    "in-place on an entry": lambda t, y, v: y[0].mul_(v),
    "augmented": lambda t, y, v: augmented(y, v),
}


def augmented(y, v):
    y[0] += v
    y[:, 1] *= 2
    y[1:, 0] -= v[:2]


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_assignment(name):
    agree(lambda t, x, v: assign(t, x, v, ASSIGNMENTS[name]), X, V)


def test_assignment_casts_to_the_tensor():
    agree(lambda t, x: assign(t, x.float(), None, lambda t, y, v: y.__setitem__(0, x[1])), X)
