"""Central differences of the fourth order, and the pairing of tangents and cotangents."""

import numpy as np
import pytest

from wonderland.shared.testing.differences import (
    Tolerance,
    central_difference,
    directions,
    filled,
    pairing,
    step_for,
)

X = np.array([0.5, -1.25, 2.0])


def test_polynomials_of_degree_four_are_exact():
    ((d, size),) = central_difference(lambda x: [x**4], [X], [np.ones(3)], 0.25)
    np.testing.assert_allclose(d, 4 * X**3, rtol=1e-13)
    assert size == 2.5**4


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_default_tolerance_covers_the_error(dtype):
    x = X.astype(dtype)
    tolerance = Tolerance([x])
    ((d, size),) = central_difference(lambda x: [np.sin(x)], [x], [np.ones_like(x)], tolerance.step)
    error = np.abs(d - np.cos(x.astype("f8"))).max()
    assert error < tolerance.absolute_for(1.0, size) < 0.6


def test_complex_directions_of_a_real_step():
    ((d, _),) = central_difference(lambda z: [z * z], [X + 1j], [np.full(3, 1j)], 1e-3)
    np.testing.assert_allclose(d, 2j * (X + 1j), rtol=1e-10)


def test_the_step_balances_both_errors():
    h = step_for(2.0**-52)
    assert 0.1 < h**4 / (2.0**-52 / h) < 10


def test_the_pairing_has_no_conjugate():
    assert pairing([np.array([1j])], [np.array([1j])]) == (-1.0, 1.0)
    assert pairing([X, X], [X, None])[0] == pytest.approx(np.dot(X, X))
    assert pairing([], []) == (0.0, 0.0)


def test_directions_are_seeded_and_typed():
    likes = [X.astype("f2"), X + 0j, np.array(1.0)]
    drawn = directions(np.random.default_rng(0), likes)
    again = directions(np.random.default_rng(0), likes)
    for d, e, like in zip(drawn, again, likes, strict=True):
        assert d.dtype == like.dtype and d.shape == like.shape
        np.testing.assert_array_equal(d, e)
    assert drawn[1].imag.all()


def test_symbolic_zeros_are_filled():
    first, second = filled([None, X], [X.astype("f4"), X])
    assert first.dtype == np.float32 and not first.any() and second is X
