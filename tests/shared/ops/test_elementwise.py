"""The functions of NumPy's names give NumPy's values, dtypes and shapes."""

import math

import numpy as np
import pytest

from wonderland.shared import ops
from wonderland.shared.forward import jvp
from wonderland.shared.tape import vjp

VECTOR = [0.3, 0.7, 0.9]
ARRAYS = {
    "f8": np.array(VECTOR),
    "f4": np.array(VECTOR, np.float32),
    "f2": np.array(VECTOR, np.float16),
    "i8": np.array([1, 2, 3]),
    "i4": np.array([1, 2, 3], np.int32),
    "u1": np.array([1, 2, 3], np.uint8),
    "b": np.array([True, False, True]),
    "c8": np.array([0.3 + 1j, 0.7, 0.9 - 1j], np.complex64),
    "number": 0.5,
    "whole": 2,
    "generic": np.float32(0.25),
    "point": np.array(0.5),
    "column": np.array([[0.25], [0.5]], np.float32),
}
ONE = (
    "sinc absolute arccos arccosh arcsin arcsinh arctan arctanh cbrt ceil conj cos cosh deg2rad "
    "exp exp2 expm1 fabs floor isfinite isinf isnan log log10 log1p log2 logical_not negative "
    "positive rad2deg reciprocal rint sign signbit sin sinh spacing sqrt square tan tanh "
    "trunc frexp modf angle imag real isreal iscomplex isneginf isposinf nan_to_num round abs "
    "acos acosh asin asinh atan atanh degrees radians fix around conjugate bitwise_count "
    "invert bitwise_not bitwise_invert"
).split()
TWO = (
    "add arctan2 copysign divide divmod equal float_power floor_divide fmax fmin fmod gcd "
    "greater greater_equal heaviside hypot lcm left_shift less less_equal logaddexp "
    "logaddexp2 logical_and logical_or logical_xor maximum minimum multiply nextafter "
    "not_equal power remainder right_shift subtract true_divide mod pow atan2 bitwise_and "
    "bitwise_or bitwise_xor isclose bitwise_left_shift bitwise_right_shift"
).split()
PAIRS = [
    ("f8", "f8"), ("f4", "f8"), ("f4", "number"), ("whole", "f4"), ("f2", "whole"), ("i8", "i4"),
    ("i8", "number"), ("u1", "i4"), ("f4", "i8"), ("b", "f4"), ("b", "b"), ("c8", "f4"),
    ("c8", "number"), ("f4", "column"), ("column", "point"), ("generic", "f8"), ("f4", "generic"),
    ("number", "whole"), ("i8", "u1"), ("u1", "whole"), ("point", "f4"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def quiet():
    with np.errstate(all="ignore"):
        yield


def same(found, expected):
    if isinstance(expected, tuple):
        for z, e in zip(found, expected, strict=True):
            same(z, e)
        return
    assert np.asarray(found).dtype == np.asarray(expected).dtype
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-6, equal_nan=True)


def reference(name, *args):
    """What NumPy gives, or None where it has no such function of these dtypes."""
    try:
        return getattr(np, name)(*args)
    except TypeError:
        return None


@pytest.mark.parametrize("name", ONE)
def test_functions_of_one_operand(name):
    for x in ARRAYS.values():
        expected = reference(name, x)
        if expected is not None:
            same(getattr(ops, name)(x), expected)


@pytest.mark.parametrize("name", TWO)
def test_functions_of_two_operands(name):
    for pair in PAIRS:
        x, y = [ARRAYS[key] for key in pair]
        expected = reference(name, x, y)
        if expected is not None:
            same(getattr(ops, name)(x, y), expected)


@pytest.mark.parametrize("name", ONE + TWO)
def test_every_function_of_numpy_is_under_its_own_name(name):
    assert getattr(ops, name).__doc__


def test_no_ufunc_is_missing():
    without = {"isnat"}  # of dates
    ufuncs = [f.__name__ for f in vars(np).values() if isinstance(f, np.ufunc)]
    assert [name for name in ufuncs if not hasattr(ops, name) and name not in without] == []


@pytest.mark.parametrize("n", [-3, -2, -1, 0, 1, 2, 3, 5, 20, 0.5, 2.0, 1.5, -0.5, True])
def test_powers_with_a_fixed_exponent(n):
    for x in (np.array([0.5, 2.0, 3.0], np.float32), np.array([0.5 + 1j, 2.0, 3.0])):
        same(ops.power(x, n), np.power(x, n))
        if n is not True:
            (gx,) = vjp(lambda x: [ops.power(x, n)], [x])[1]([np.ones_like(x)])
            same(gx, (n * np.power(x, n - 1.0)).astype(x.dtype))


def test_a_power_of_integers_is_one():
    same(ops.power(np.array([1, 2, 3]), 2), np.array([1, 4, 9]))
    same(ops.power(np.array([1, 2, 3]), 0.5), np.sqrt([1.0, 2, 3]))
    with pytest.raises(ValueError, match="Integers to negative integer powers"):
        ops.power(np.array([1, 2, 3]), -1)


def test_operands_of_other_ranks_get_their_gradients_in_their_own_shape():
    x, y = np.ones((2, 3), np.float32), np.array([1.0, 2.0, 3.0], np.float32)
    _, pull = vjp(lambda x, y: [ops.multiply(x, y)], [x, y])
    gx, gy = pull([np.ones((2, 3), np.float32)])
    assert gx.tolist() == [[1, 2, 3]] * 2
    assert gy.tolist() == [2, 2, 2]
    assert gx.dtype == gy.dtype == np.float32


def test_operands_of_other_dtypes_get_their_gradients_in_their_own_dtype():
    x, y = np.ones(2, np.float32), np.ones(2)
    gx, gy = vjp(lambda x, y: [ops.add(x, y)], [x, y])[1]([np.ones(2)])
    assert (gx.dtype, gy.dtype) == (np.float32, np.float64)
    _, (dz,) = jvp(lambda x: [ops.add(x, y)], [x], [x])
    assert dz.dtype == np.float64


def test_lists_are_arrays_of_the_default_float():
    same(ops.add([1.0, 2.0], [3.0, 4.0]), np.array([4, 6], np.float32))
    same(ops.exp([0.0]), np.array([1], np.float32))


def test_parts_of_a_number_with_its_derivatives():
    (gx,) = vjp(lambda x: [ops.modf(x)[0]], [np.array(2.5)])[1]([np.ones(())])
    assert gx == 1
    (gx,) = vjp(lambda x: [ops.frexp(x)[0]], [np.array(12.0)])[1]([np.ones(())])
    assert gx == 1 / 16
    fraction, whole = ops.modf(math.inf)
    assert (fraction, whole) == (0, math.inf)


def test_the_sign_of_a_complex_number_has_a_derivative():
    z = np.array([3 + 4j, 0])
    same(ops.sign(z), np.sign(z))
    (gz,) = vjp(lambda z: [ops.imag(ops.sign(z))], [z])[1]([np.ones(2)])
    # d Im(z / |z|) = Im(dz / |z|) - Im(z) Re(conj(z) dz) / |z|³
    expected = -1j / 5 - 4 * (3 - 4j) / 125
    np.testing.assert_allclose(gz, [expected, 0], atol=1e-15)


def test_a_ufunc_has_no_out():
    with pytest.raises(TypeError, match="unexpected keyword argument 'out'"):
        ops.add(1.0, 2.0, out=np.zeros(()))
