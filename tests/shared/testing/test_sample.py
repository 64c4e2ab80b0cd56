"""From a row to calls: dtypes, imaginary parts, and what the reference is given."""

import cmath
import math

import numpy as np
import pytest

from wonderland.shared.primitives import add, mul
from wonderland.shared.testing import Sample
from wonderland.shared.testing.sample import expected, is_array, kind

X = np.array([[0.5, -1.25]])
FIVE = ("float16", "float32", "float64", "complex64", "complex128")


def test_one_call_per_dtype():
    row = Sample(mul, X, X, reference=None)
    assert row.names() == FIVE
    for call, name in zip(row.calls(), FIVE, strict=True):
        assert [a.dtype for a in call.args] == [name, name]
        assert call.label == f"mul-(1, 2)x(1, 2)-{name}"


def test_complex_calls_have_imaginary_parts_that_differ():
    z = Sample(mul, X, X, reference=None).call("complex128").args[0]
    np.testing.assert_array_equal(z.real, X)
    assert len({*z.imag.flat}) == 2 and 0 not in z.imag


def test_a_complex_operand_makes_the_row_complex():
    row = Sample(mul, X + 1j, X, reference=None)
    assert row.names() == FIVE[3:]
    np.testing.assert_array_equal(row.call("complex64").args[0], (X + 1j).astype(np.complex64))


def test_integers_booleans_and_scalars_are_left_as_they_are():
    i, b = np.array([1, 2]), np.array([True, False])
    call = Sample(mul, X, i, b, 2.0, reference=None).call("float16")
    assert call.args[1] is i and call.args[2] is b and call.args[3] == 2.0
    assert call.inexact == [0] and call.arrays == [0, 1, 2]
    assert [kind(a) for a in call.args] == ["f", "i", "b", "-"]


def test_a_row_without_floats_is_one_call():
    (call,) = Sample(add, np.array([1]), 2, reference=None).calls()
    assert call.dtype is None and call.label == "add-(1,)xscalar"


def test_dtypes_by_kind_or_by_name():
    assert Sample(mul, X, X, reference=None, dtypes="fi").names() == (*FIVE[:3], "int32", "int64")
    assert Sample(mul, X, X, reference=None, dtypes=("float32",)).names() == ("float32",)


@pytest.mark.parametrize("name", FIVE)
def test_the_reference_gets_the_rounded_operand_in_double_precision(name):
    seen = []
    call = Sample(mul, X / 3, 2.0, reference=lambda x, y: seen.append(x) or x).call(name)
    expected(call)
    assert seen[0].dtype == (np.complex128 if "c" in name else np.float64)
    np.testing.assert_array_equal(seen[0], call.args[0])


def test_an_entrywise_reference_is_of_scalars():
    row = Sample(mul, X, np.ones((3, 1)), reference=math.copysign, entrywise=True)
    np.testing.assert_array_equal(expected(row.call("float64"))[0], np.abs(X) + np.zeros((3, 1)))
    row = Sample(mul, X, reference=cmath.sin, entrywise=True)
    np.testing.assert_allclose(
        expected(row.call("complex128"))[0], np.sin(row.call("complex128").args[0])
    )
    assert expected(Sample(mul, X[:0], reference=math.sin, entrywise=True).call("float64"))[
        0
    ].shape == (0, 2)


def test_labels():
    assert repr(Sample(mul, X, 2.0, reference=None)) == "Sample(mul-(1, 2)xscalar)"
    row = Sample(mul, X, reference=None, label="small")
    assert row.label == "mul-small" and repr(row.call("float16")) == "Call(mul-small-float16)"
    assert is_array(np.float64(1)) and not is_array(1.0)
