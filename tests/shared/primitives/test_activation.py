import math

import numpy as np
import pytest

from wonderland.shared.forward import jvp
from wonderland.shared.primitives.activation import (
    gate,
    log_softmax,
    relu,
    sigmoid,
    softmax,
    softmax_slope,
    softplus,
)
from wonderland.shared.tape import vjp
from wonderland.shared.testing import Sample

x = np.array([[-1.5, 0.3, 2.0], [0.7, -0.2, -3.0]])
wide = np.array([[-9.0, 8.0, 3.5], [5.0, -7.0, 0.25]])


def exact_softmax(x, *, axis):
    e = np.exp(x.astype(np.longdouble))
    return (e / e.sum(axis=axis, keepdims=True)).astype(float)


def exact_log_softmax(x, *, axis):
    return np.log(exact_softmax(x, axis=axis))


def exact_sigmoid(x):
    return 1 / (1 + math.exp(-x))


def exact_softplus(x):
    return math.log1p(math.exp(x))


def exact_slope(d, p, *, axis, scale):
    return scale * p * (d - (p * d).sum(axis=axis, keepdims=True))


ROWS = [
    Sample(
        softmax_slope, x, wide / 5, reference=exact_slope, dtypes="f", axis=(1,), scale=1.0,
    ),
    Sample(
        softmax_slope, x, wide / 5, reference=exact_slope, dtypes="f", axis=(0, 1), scale=0.3,
        label="both axes",
    ),
    Sample(relu, x, reference=lambda x: max(x, 0.0), entrywise=True, dtypes="f"),
    Sample(
        gate, x, x[:, ::-1].copy(), reference=lambda x, y: x if y > 0 else 0.0,
        entrywise=True, dtypes="f",
    ),
    Sample(sigmoid, x, reference=exact_sigmoid, entrywise=True, dtypes="f"),
    Sample(sigmoid, wide, reference=exact_sigmoid, entrywise=True, dtypes="f", label="wide"),
    Sample(softplus, x, reference=exact_softplus, entrywise=True, dtypes="f"),
    Sample(softplus, wide, reference=exact_softplus, entrywise=True, dtypes="f", label="wide"),
    Sample(softmax, x, reference=exact_softmax, dtypes="f", axis=(1,)),
    Sample(softmax, x, reference=exact_softmax, dtypes="f", axis=(0, 1), label="both axes"),
    Sample(log_softmax, x, reference=exact_log_softmax, dtypes="f", axis=(1,)),
    Sample(log_softmax, x, reference=exact_log_softmax, dtypes="f", axis=(0,), label="axis 0"),
]  # fmt: skip


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_relu_has_derivative_zero_at_zero(mode):
    point, one = [np.array([0.0, -0.0])], [np.ones(2)]
    if mode == "forward":
        _, (derivative,) = jvp(lambda x: [relu(x)], point, one)
    else:
        (derivative,) = vjp(lambda x: [relu(x)], point)[1](one)
    assert derivative.tolist() == [0.0, 0.0]


def test_what_relu_cuts_off_gets_an_exact_zero():
    (g,) = vjp(lambda x: [relu(x)], [np.array([-1.0, 1.0])])[1]([np.array([np.inf, 2.0])])
    assert g.tolist() == [0.0, 2.0]


def test_sigmoid_neither_overflows_nor_loses_the_digits_of_small_values():
    z = sigmoid(np.array([-1e4, -700.0, -40.0, 40.0, 1e4]))
    assert z.tolist() == [0.0, math.exp(-700), math.exp(-40), 1.0, 1.0]


def test_softplus_of_large_and_small_values():
    z = softplus(np.array([-1e4, -50.0, 50.0, 1e4]))
    assert z.tolist() == [0.0, math.exp(-50), 50.0, 1e4]


@pytest.mark.parametrize("offset", [0.0, 1e4, -1e4])
def test_the_softmax_family_does_not_overflow(offset):
    rows = x + offset
    assert np.allclose(softmax(rows, axis=(1,)), exact_softmax(x, axis=(1,)))
    assert np.allclose(log_softmax(rows, axis=(1,)), exact_log_softmax(x, axis=(1,)), atol=1e-10)


def test_an_entry_of_minus_infinity_has_no_weight():
    row = np.array([0.0, -np.inf])
    z, pull = vjp(lambda x: [softmax(x, axis=(0,))], [row])
    assert z[0].tolist() == [1.0, 0.0]
    assert pull([np.array([1.0, 2.0])])[0].tolist() == [0.0, 0.0]
    z, pull = vjp(lambda x: [log_softmax(x, axis=(0,))], [row])
    assert z[0].tolist() == [0.0, -np.inf]
    assert pull([np.array([1.0, 0.0])])[0].tolist() == [0.0, 0.0]


@pytest.mark.parametrize("primitive", [softmax, log_softmax])
def test_a_slice_without_entries_is_refused(primitive):
    with pytest.raises(ValueError, match=r"softmax: axis 1 of x has no entries \(x: \(2, 0\)\)"):
        primitive(np.ones((2, 0)), axis=(1,))


def test_a_slope_of_different_shapes_is_refused():
    text = r"softmax_slope: d and p have different shapes \(d: \(2, 3\), p: \(1, 3\)\)"
    with pytest.raises(ValueError, match=text):
        softmax_slope(x, wide[:1], axis=(1,), scale=1.0)
