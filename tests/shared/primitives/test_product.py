"""Products and running sums: rows of samples, and zeros among the factors."""

import numpy as np
import pytest

from wonderland.shared.forward import jvp
from wonderland.shared.primitives import cumprod, cumsum, prod
from wonderland.shared.tape import vjp
from wonderland.shared.testing import Sample

X = np.array([[0.5, -1.25, 2.0], [1.5, 0.75, -0.5]])
ONE_ZERO = np.array([[0.0, -1.25, 2.0], [1.5, 0.75, -0.5]])
ZEROS = np.array([[0.0, -1.25, 0.0], [1.5, 0.0, 0.5]])
LONG = np.linspace(0.5, 1.5, 7)


def running(x, axis, reverse):
    return np.flip(np.cumsum(np.flip(x, axis), axis), axis) if reverse else np.cumsum(x, axis)


ROWS = [
    *[
        Sample(prod, x, reference=np.prod, label=f"{name}-{axis}", axis=axis, keepdims=kept)
        for name, x in (("plain", X), ("zero", ONE_ZERO), ("zeros", ZEROS))
        for axis, kept in (((0,), False), ((1,), True), ((0, 1), False))
        if name != "zeros" or kept  # where three factors are 0 a central difference sees h³
    ],
    Sample(prod, LONG, reference=np.prod, axis=(0,), keepdims=False),
    Sample(cumsum, X, reference=running, label="forward", axis=1, reverse=False),
    Sample(cumsum, X, reference=running, label="reverse", axis=0, reverse=True),
    *[
        Sample(cumprod, x, reference=np.cumprod, label=f"{name}-{axis}", axis=axis)
        for name, x in (("plain", X), ("zero", ONE_ZERO), ("zeros", ZEROS))
        for axis in (0, 1)
    ],
    Sample(cumprod, LONG, reference=np.cumprod, axis=0),
]


def whole(x):
    return prod(x, axis=(0,), keepdims=False)


def gradient(x):
    return vjp(lambda x: [whole(x)], [x])[1]([np.float64(1.0)])[0]


@pytest.mark.parametrize(
    ("x", "expected"),
    [([2.0, 3.0, 4.0], [12, 8, 6]), ([0.0, 3.0, 4.0], [12, 0, 0]), ([0.0, 3.0, 0.0], [0, 0, 0])],
)
def test_gradient_is_the_product_of_the_others(x, expected):
    np.testing.assert_array_equal(gradient(np.array(x)), expected)


def test_second_order_through_two_zeros():
    x = np.array([0.0, 3.0, 0.0, 5.0])
    rows = [
        jvp(lambda x: [vjp(lambda x: [whole(x)], [x])[1]([np.float64(1)])[0]], [x], [e])[1][0]
        for e in np.eye(4)
    ]
    expected = np.zeros((4, 4))
    expected[0, 2] = expected[2, 0] = 15
    np.testing.assert_array_equal(rows, expected)


def test_cumprod_derivative_is_exact_behind_a_zero():
    x = np.array([2.0, 0.0, 3.0])
    g = vjp(lambda x: [cumprod(x, axis=0)], [x])[1]([np.array([0.0, 0.0, 1.0])])[0]
    np.testing.assert_array_equal(g, [0, 6, 0])


def test_unknown_axis():
    with pytest.raises(ValueError, match=r"cumsum: x has no axis 1 \(x: \(3,\)\)"):
        cumsum(np.ones(3), axis=1, reverse=False)
