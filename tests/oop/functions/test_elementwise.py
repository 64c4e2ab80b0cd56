"""torch's functions of every entry against NumPy's, and what torch does otherwise."""

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland import oop

X = np.array([[0.3, -0.7, 1.1], [0.9, -0.2, 0.6]])
POSITIVE = np.abs(X) + 0.1

UNARY = {
    "exp": np.exp, "exp2": np.exp2, "expm1": np.expm1, "log": np.log, "log2": np.log2,
    "log10": np.log10, "log1p": np.log1p, "sin": np.sin, "cos": np.cos, "tan": np.tan,
    "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "sinh": np.sinh, "cosh": np.cosh,
    "tanh": np.tanh, "asinh": np.arcsinh, "atanh": np.arctanh, "sqrt": np.sqrt,
    "square": np.square, "abs": np.abs, "neg": np.negative, "sign": np.sign, "floor": np.floor,
    "ceil": np.ceil, "trunc": np.trunc, "deg2rad": np.deg2rad, "rad2deg": np.rad2deg,
    "isnan": np.isnan, "isfinite": np.isfinite, "signbit": np.signbit,
    "logical_not": np.logical_not, "reciprocal": np.reciprocal, "round": np.round,
    "rsqrt": lambda x: 1 / np.sqrt(x), "frac": lambda x: np.modf(x)[0],
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)), "relu": lambda x: np.maximum(x, 0),
    "logit": lambda x: np.log(x / (1 - x)), "positive": lambda x: x,
}  # fmt: skip
BINARY = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "pow": np.power,
    "floor_divide": np.floor_divide, "remainder": np.remainder, "fmod": np.fmod,
    "atan2": np.arctan2, "hypot": np.hypot, "copysign": np.copysign, "logaddexp": np.logaddexp,
    "maximum": np.maximum, "minimum": np.minimum, "fmax": np.fmax, "fmin": np.fmin,
    "eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal, "gt": np.greater,
    "ge": np.greater_equal, "logical_and": np.logical_and, "logical_or": np.logical_or,
    "rsub": lambda x, y: y - x, "xlogy": lambda x, y: x * np.log(y),
}  # fmt: skip


@pytest.mark.parametrize("name", UNARY)
def test_one_operand(name):
    x = X / 4 + 0.5 if name == "logit" else X if name in ("sign", "floor", "abs") else POSITIVE / 2
    z = getattr(oop, name)(oop.tensor(x))
    np.testing.assert_allclose(z.numpy(), UNARY[name](x), rtol=1e-14)
    if hasattr(oop.Tensor, name):
        assert oop.equal(getattr(oop.tensor(x), name)(), z)
    if hasattr(oop.Tensor, f"{name}_") and z.dtype == x.dtype:
        t = oop.tensor(x)
        assert getattr(t, f"{name}_")() is t
        assert oop.equal(t, z)
    f = np.asarray(wf.vmap(getattr(oop, name))(x))
    np.testing.assert_array_equal(f, z.numpy())


@pytest.mark.parametrize("name", BINARY)
def test_two_operands(name):
    x, y = POSITIVE, POSITIVE[::-1] + 0.3
    function = getattr(oop, name)
    expected = BINARY[name](x, y)
    z = function(oop.tensor(x), oop.tensor(y))
    np.testing.assert_allclose(z.numpy(), expected, rtol=1e-14)
    np.testing.assert_array_equal(function(x, oop.tensor(y)).numpy(), z.numpy())
    np.testing.assert_array_equal(function(oop.tensor(x), y).numpy(), z.numpy())
    assert isinstance(function(x, y), oop.Tensor)
    np.testing.assert_array_equal(wf.vmap(function)(x, y), z.numpy())


def test_numbers_and_lists_become_tensors():
    assert oop.exp(0.0).item() == 1
    assert oop.add([1.0, 2.0], 1).tolist() == [2, 3]
    assert isinstance(oop.where(True, 1.0, 2.0), oop.Tensor)


def test_alpha_and_value():
    x = oop.ones(2)
    assert oop.add(x, x, alpha=3).tolist() == [4, 4]
    assert x.sub(x, alpha=2).tolist() == [-1, -1]
    assert oop.rsub(x, 5, alpha=2).tolist() == [3, 3]
    assert x.addcmul(x, x * 2, value=3).tolist() == [7, 7]
    assert x.addcdiv(x, x * 2, value=3).tolist() == [2.5, 2.5]
    assert x.lerp(x * 3, 0.5).tolist() == [2, 2]
    x.add_(x, alpha=2)
    assert x.tolist() == [3, 3]


def test_division_rounds_as_asked():
    x, y = oop.tensor([7.0, -7.0]), oop.tensor([2.0, 2.0])
    assert x.div(y, rounding_mode="trunc").tolist() == [3, -3]
    assert x.div(y, rounding_mode="floor").tolist() == [3, -4]
    i = oop.tensor([7, -7])
    assert i.div(2, rounding_mode="trunc").dtype == np.int64
    assert (i / 2).tolist() == [3.5, -3.5]
    with pytest.raises(ValueError, match="div: rounding_mode 'up' is none of"):
        x.div(y, rounding_mode="up")


def test_clamp():
    x = oop.tensor([-1.0, 0.0, 2.0], requires_grad=True)
    z = x.clamp(0, 1)
    assert z.tolist() == [0, 0, 1]
    z.sum().backward()
    assert x.grad.tolist() == [0, 1, 0]
    assert x.clamp(min=oop.tensor([0.0, 1.0, 3.0])).tolist() == [0, 1, 3]
    assert x.clip(max=1).tolist() == [-1, 0, 1]
    with pytest.raises(ValueError, match="clamp: there is no bound"):
        x.clamp()


def test_where():
    x = oop.tensor([0.0, 4.0], requires_grad=True)
    oop.where(x > 0, x.sqrt(), 0.0).sum().backward()
    assert x.grad.tolist() == [0, 0.25]
    assert [i.tolist() for i in oop.where(x > 0)] == [[1]]
    assert oop.where(oop.tensor([True, False]), 1, 2).dtype == np.int64


def test_functions_by_steps_have_a_gradient_of_zero():
    x = oop.tensor([1.5, -0.5], requires_grad=True)
    for z in (x.sign(), x.floor(), x.ceil(), x.trunc(), x.round(), x.round(decimals=1)):
        assert z.requires_grad
        z.sum().backward()
        assert x.grad.tolist() == [0, 0]
    assert not (x > 0).requires_grad


def test_masked_fill():
    x = oop.tensor([1.0, 2.0], requires_grad=True)
    z = x.masked_fill(oop.tensor([True, False]), float("-inf"))
    assert z.tolist() == [float("-inf"), 2]
    z[1].backward()
    assert x.grad.tolist() == [0, 1]
    assert oop.masked_fill(oop.tensor([1, 2]), oop.tensor([True, False]), 9.0).tolist() == [9, 2]


def test_closeness():
    x = oop.tensor([1.0, float("nan")])
    assert not oop.allclose(x, x)
    assert oop.allclose(x, x, equal_nan=True)
    assert oop.isclose(oop.ones(2), 1 + 1e-6).tolist() == [True, True]
    assert oop.equal(oop.ones(2), oop.ones(2))
    assert not oop.equal(oop.ones(2), oop.ones(1))
    assert oop.tensor([2.0]).is_nonzero()


def test_xlogy_is_zero_at_zero():
    x = oop.tensor([0.0, 2.0], requires_grad=True)
    y = oop.tensor([0.0, 1.0], requires_grad=True)
    z = oop.xlogy(x, y)
    assert z.tolist() == [0, 0]
    z.sum().backward()
    assert y.grad.tolist() == [0, 2]


def test_complex_parts():
    z = oop.complex(oop.tensor([1.0, 0.0]), oop.tensor([2.0, -1.0]))
    assert z.dtype == np.complex64
    assert (z.real.tolist(), z.imag.tolist()) == ([1, 0], [2, -1])
    assert oop.imag(oop.ones(2)).tolist() == [0, 0]
    assert oop.angle(z)[1].item() == pytest.approx(-np.pi / 2)
    assert oop.sgn(z)[1].item() == -1j
    assert oop.sigmoid(z)[0].item() == pytest.approx(1 / (1 + np.exp(-1 - 2j)), rel=1e-6)


def test_what_torch_refuses_and_what_it_widens():
    with pytest.raises(TypeError, match="sign: complex numbers have no order"):
        oop.sign(oop.tensor([1j]))
    flags = oop.tensor([True, False])
    assert (flags.sign().dtype, flags.square().dtype) == (np.bool_, np.int64)
    assert oop.tensor([2]).sqrt().dtype == np.float32
    assert oop.nan_to_num(oop.tensor([float("nan"), 1.0])).tolist() == [0, 1]
