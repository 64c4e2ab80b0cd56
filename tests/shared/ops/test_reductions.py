"""NumPy's reductions, held against NumPy."""

import numpy as np
import pytest

from tests.shared.ops.against_numpy import Case, hold
from wonderland.shared import ops
from wonderland.shared.tape import vjp

X = np.array([[0.5, -1.25, 2.0], [1.5, 0.75, -0.5]])
Y = np.linspace(-1, 1.5, 12).reshape(2, 3, 2)
C = X + 1j * X[::-1]
N = np.array([[3, 0, 2], [1, 5, -4]], np.int32)
B = np.array([[True, False, True], [True, True, True]])

FLOATS = "sum prod max min mean var std median ptp".split()
CASES = [
    *[Case(name, X) for name in FLOATS],
    *[Case(name, X, axis=1) for name in FLOATS],
    *[Case(name, Y, axis=(0, -1), keepdims=True) for name in FLOATS],
    *[Case(name, N, axis=0) for name in [*FLOATS, "any", "all", "count_nonzero"]],
    *[Case(name, B) for name in "sum prod mean any all count_nonzero max min".split()],
    *[Case(name, C, axis=0) for name in "sum prod mean var std".split()],
    *[Case(name, X.astype(np.float32)) for name in FLOATS],
    Case("sum", 2.5),
    Case("sum", N, dtype=np.int16),
    Case("sum", X, axis=(), keepdims=True),
    Case("sum", X, axis=0, initial=2.0),
    Case("prod", X, axis=0, initial=2.0),
    Case("max", X, axis=0, initial=1.0),
    Case("min", X, axis=0, initial=1.0),
    Case("max", np.ones((0, 2)), axis=0, initial=1.0, grads=False),
    Case("amax", X, axis=0),
    Case("amin", X, axis=0),
    Case("var", X, axis=0, ddof=1),
    Case("std", X, axis=1, correction=1),
    Case("var", X, axis=1, keepdims=True, mean=np.mean(X, axis=1, keepdims=True)),
    Case("median", X, axis=0, keepdims=True),
    Case("median", X[:, :2]),
    Case("average", X, axis=1),
    Case("average", X, axis=1, weights=np.array([1.0, 2.0, 3.0]), returned=True),
    Case("average", X, weights=np.abs(X)),
    Case("argmax", X, batch=True),
    Case("argmax", X, axis=1, keepdims=True),
    Case("argmin", X, axis=-2),
    Case("argmin", X, keepdims=True),
    Case("all", X, axis=1, keepdims=True),
    Case("any", X, axis=(0, 1)),
    Case("cumsum", X),
    Case("cumsum", X, axis=-1),
    Case("cumsum", N, axis=0),
    Case("cumprod", X, axis=0),
    Case("cumprod", X),
    Case("cumulative_sum", X, axis=1, include_initial=True),
    Case("cumulative_prod", X[0], include_initial=True),
    Case("logsumexp", X, axis=1, reference=lambda x, axis: np.log(np.exp(x).sum(axis))),
]


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_as_numpy(case):
    hold(case)


def test_dtype_widens_the_sum():
    x = np.full(3, 0.1, np.float16)
    z, pull = vjp(lambda x: [ops.sum(x, dtype=np.float64)], [x])
    assert z[0].dtype == np.float64 and pull([np.float64(1)])[0].dtype == np.float16


def test_lists_are_arrays():
    assert ops.sum([1, 2, 3]) == 6 and ops.mean([1.0, 2.0]).dtype == np.float32


def test_ties_share():
    g = vjp(lambda x: [ops.max(x)], [np.array([1.0, 2.0, 2.0])])[1]([np.float64(1)])[0]
    np.testing.assert_array_equal(g, [0, 0.5, 0.5])


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: ops.sum(X, axis=3), ValueError,
         r"sum: axis 3 is out of range for the 2 axes of x: \(2, 3\)"),
        (lambda: ops.sum(X, axis=-3), IndexError, r"sum: axis -3 is out of range for the 2 axes"),
        (lambda: ops.sum(X, axis=(0, -2)), ValueError, r"sum: an axis is named twice"),
        (lambda: ops.sum(X, axis=1.0), TypeError,
         r"sum: an axis is an integer, but 1.0 is a float"),
        (lambda: ops.sum(X, where=X > 0), TypeError,
         r"sum: where= is not supported, .*; select with where\(\) first"),
        (lambda: ops.max(X, out=X), TypeError, r"max: out= is not supported"),
        (lambda: ops.mean(X, out=X), TypeError, r"mean: out= is not supported"),
        (lambda: ops.max(np.ones((0, 2))), ValueError, r"max: axis 0 of x has no entries"),
        (lambda: ops.mean(np.ones((0, 2))), ValueError, r"mean: axis 0 of x has no entries"),
        (lambda: ops.average(X, weights=np.ones(2)), ValueError,
         r"average: the weights fit neither x nor one axis of it \(x: \(2, 3\), weights: \(2,\), "),
        (lambda: ops.cumulative_sum(X), ValueError, r"cumulative_sum: name the axis, as x has 2"),
    ],
)  # fmt: skip
def test_errors_teach(call, error, text):
    with pytest.raises(error, match=text):
        call()
