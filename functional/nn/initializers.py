"""Initializers: functions of (key, shape, dtype), and what makes them, under jax.nn's names.

Weights are (out, in, *receptive field), as everywhere here.
"""

from functools import partial

import numpy as np

from ...shared.nn import initializers as formulas


def zeros(key, shape, dtype=np.float32):
    """0 everywhere."""
    return formulas.constant(key, shape, dtype, 0)


def ones(key, shape, dtype=np.float32):
    """1 everywhere.

    >>> ones(None, (2,))
    array([1., 1.], dtype=float32)
    """
    return formulas.constant(key, shape, dtype, 1)


def constant(value):
    """The same value everywhere."""
    return partial(formulas.constant, value=value)


def uniform(scale=1e-2):
    """U(0, scale)."""
    return partial(formulas.uniform, high=scale)


def normal(stddev=1e-2):
    """N(0, stddev²)."""
    return partial(formulas.normal, std=stddev)


def truncated_normal(stddev=1e-2, lower=-2.0, upper=2.0):
    """N(0, stddev²), given that the value lies within lower and upper standard deviations."""
    return partial(formulas.truncated_normal, std=stddev, low=lower * stddev, high=upper * stddev)


def glorot_uniform():
    """U(-k, k) with k = √(6 / (fan_in + fan_out))."""
    return formulas.xavier_uniform


def glorot_normal():
    """N(0, 2 / (fan_in + fan_out))."""
    return formulas.xavier_normal


def he_uniform():
    """U(-k, k) with k = √(6 / fan_in)."""
    return partial(formulas.kaiming_uniform, nonlinearity="relu")


def he_normal():
    """N(0, 2 / fan_in)."""
    return partial(formulas.kaiming_normal, nonlinearity="relu")


def orthogonal(scale=1.0):
    """A (semi-)orthogonal matrix, times scale."""
    return partial(formulas.orthogonal, gain=scale)
