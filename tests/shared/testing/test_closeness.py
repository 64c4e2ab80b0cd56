"""Tolerances: NaN equals NaN, infinities equal themselves, shapes and dtypes come first."""

import numpy as np
import pytest

from wonderland.shared.testing.closeness import (
    eps_of,
    first_difference,
    first_other_bit,
    largest,
    require_close,
    require_dtype,
)

A = np.array([[1.0, np.nan, np.inf], [0.0, -2.0, 3.0]])
WORDS = ("mine", "yours", "mend it")


def test_the_coarsest_dtype_sets_the_unit():
    half, double = np.ones(1, np.float16), np.ones(1)
    assert eps_of(half, double, 2.0, np.array([1])) == 2.0**-10
    assert eps_of(np.ones(1, np.complex64)) == 2.0**-23
    assert eps_of(np.array([1]), 2.0) == 2.0**-52


def test_the_largest_entry_is_finite():
    assert largest(A) == 3.0
    assert largest(A[:0]) == 0.0
    assert largest(np.array([3 + 4j])) == 5.0


def test_nan_and_infinity_equal_themselves():
    assert first_difference(A, A.copy(), 0.0, 0.0) is None
    assert first_difference(A, np.where(np.isnan(A), 0, A), 1e-3, 1e-3) == (0, 1)
    assert first_difference(A, np.where(np.isinf(A), -A, A), 1e-3, 1e-3) == (0, 2)
    assert first_difference(np.where(np.isinf(A), 9.0, A), A, 1e-3, 1e-3) == (0, 2)
    assert first_difference(A[:0], A[:0], 0.0, 0.0) is None


def test_relative_and_absolute_tolerance():
    assert first_difference(A, A + 0.01, 0.0, 0.02) is None
    assert first_difference(A, A * 1.01, 0.02, 0.0) is None
    assert first_difference(A, A + 0.01, 0.005, 0.0) == (0, 0)


def test_signed_zeros_differ_in_a_bit():
    assert first_other_bit(A, A.copy()) is None
    assert first_other_bit(A, np.where(A == 0, -0.0, A)) == (1, 0)
    assert first_other_bit(np.array(1.0), np.array(2.0)) == ()


def test_errors_give_both_values():
    text = (
        r"name: mine is 1\.0 but yours is 1\.5 at \[0, 0\] \(float64, tolerance 1\.0e-01\); mend it"
    )
    with pytest.raises(AssertionError, match=text):
        require_close("name", A, A + 0.5, 0.0, 0.1, WORDS)
    with pytest.raises(AssertionError, match=r"mine has shape \(2, 3\) but yours has \(3, 2\)"):
        require_close("name", A, A.T, 0.0, 0.1, WORDS)
    with pytest.raises(AssertionError, match="name: z is float64, but must be float32; mend it"):
        require_dtype("name", "z", A.dtype, np.float32, "mend it")
