"""log and the normal quantile against mpmath and the standard library."""

import ast
import inspect
from statistics import NormalDist

import mpmath
import numpy as np

from wonderland.shared.random import exact


def everywhere():
    """Positive float64: small and large, around 1 and around the powers of two."""
    rng = np.random.default_rng(1)
    steps = np.arange(-40, 41) * 2.0**-52
    powers = 2.0 ** np.arange(-1021, 1023, 17)
    return np.concatenate(
        [np.exp(rng.uniform(-700, 700, 500)), rng.uniform(0.5, 2, 500), powers, 1 + steps]
    )


def test_log_is_right_to_a_unit_in_the_last_place():
    x = everywhere()
    with mpmath.workdps(40):
        expected = [mpmath.log(mpmath.mpf(float(value))) for value in x]
        for value, right in zip(exact.log(x), expected, strict=True):
            assert abs(mpmath.mpf(float(value)) - right) <= np.spacing(abs(float(right)))


def test_normal_quantile_is_that_of_the_standard_library():
    rng = np.random.default_rng(2)
    tails = np.exp(rng.uniform(np.log(1e-300), np.log(0.1), 500))
    near_ends = 0.5 + np.array([0.425, -0.425, 0.4250001, -0.4250001, 0.0, 1e-12])
    p = np.concatenate([rng.uniform(0, 1, 500), tails, 1 - tails[tails > 1e-15], near_ends])
    expected = np.array([NormalDist().inv_cdf(value) for value in p])
    np.testing.assert_allclose(exact.normal_quantile(p), expected, rtol=2e-15, atol=1e-17)


def test_normal_quantile_inverts_the_distribution():
    with mpmath.workdps(30):
        for p in (2.0**-53, 1e-9, 0.075, 0.1, 0.4, 0.6, 1 - 2.0**-53):
            z = float(exact.normal_quantile(np.array([p]))[0])
            # A relative error e of z is one of about z² e in the tail probability.
            assert abs(mpmath.ncdf(z) / p - 1) < 1e-15 * (1 + z * z)


def test_the_quantile_is_odd_and_increasing():
    p = np.arange(1, 1 << 14) / (1 << 14)
    z = exact.normal_quantile(p)
    np.testing.assert_array_equal(z, -z[::-1])
    assert (np.diff(z) > 0).all()


def test_only_operations_that_every_device_rounds_alike():
    names = {
        node.attr
        for node in ast.walk(ast.parse(inspect.getsource(exact)))
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "np"
    }
    assert names == {"frexp", "where", "float64", "abs", "sqrt"}
