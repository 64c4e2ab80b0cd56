"""Initial weights, from a key: each draws an array of a shape. Names and defaults are torch's.

Weights are (out, in, *receptive field). fan_in is how many inputs feed an output, fan_out the
converse.
"""

import math

import numpy as np

from .. import random

GAINS = {
    "linear": 1.0, "identity": 1.0, "sigmoid": 1.0, "conv1d": 1.0, "conv2d": 1.0, "conv3d": 1.0,
    "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 0.75,
}  # fmt: skip


def fans(shape):
    """(fan_in, fan_out) of a weight.

    >>> fans((5, 3))
    (3, 5)
    """
    if len(shape) < 2:
        raise ValueError(f"fans: a weight has at least two axes (shape: {tuple(shape)})")
    field = math.prod(shape[2:])
    return shape[1] * field, shape[0] * field


def calculate_gain(nonlinearity, param=None):
    """The factor by which an activation function shrinks the spread of its input.

    >>> calculate_gain("tanh")
    1.6666666666666667
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        return math.sqrt(2 / (1 + slope**2))
    if nonlinearity not in GAINS:
        known = ", ".join(sorted([*GAINS, "leaky_relu"]))
        raise ValueError(f"calculate_gain: {nonlinearity!r} is none of {known}")
    return GAINS[nonlinearity]


def uniform(key, shape, dtype=np.float32, low=0.0, high=1.0):
    """U(low, high)."""
    return random.uniform(key, tuple(shape), dtype, low, high)


def normal(key, shape, dtype=np.float32, mean=0.0, std=1.0):
    """N(mean, std²)."""
    dtype = np.dtype(dtype)
    return random.normal(key, tuple(shape), dtype) * dtype.type(std) + dtype.type(mean)


def truncated_normal(key, shape, dtype=np.float32, mean=0.0, std=1.0, low=-2.0, high=2.0):
    """N(mean, std²), given that the value lies in [low, high]."""
    dtype = np.dtype(dtype)
    z = random.truncated_normal(key, (low - mean) / std, (high - mean) / std, tuple(shape), dtype)
    return z * dtype.type(std) + dtype.type(mean)


def constant(key, shape, dtype=np.float32, value=0.0):
    """The same value everywhere."""
    return np.full(shape, value, dtype)


def fan_in_uniform(key, shape, dtype=np.float32, fan_in=None):
    """U(-k, k) with k = fan_in^-½: torch's default for linear and convolutional layers."""
    fan_in = fans(shape)[0] if fan_in is None else fan_in
    k = 1 / math.sqrt(fan_in) if fan_in > 0 else 0.0
    return uniform(key, shape, dtype, -k, k)


def xavier_uniform(key, shape, dtype=np.float32, gain=1.0):
    """U(-k, k) with k = gain √(6 / (fan_in + fan_out)). Glorot and Bengio 2010."""
    k = gain * math.sqrt(6 / sum(fans(shape)))
    return uniform(key, shape, dtype, -k, k)


def xavier_normal(key, shape, dtype=np.float32, gain=1.0):
    """N(0, gain² 2 / (fan_in + fan_out)). Glorot and Bengio 2010."""
    return normal(key, shape, dtype, 0.0, gain * math.sqrt(2 / sum(fans(shape))))


def kaiming_std(shape, a, mode, nonlinearity):
    """gain / √fan: the spread that keeps the variance from layer to layer. He et al. 2015."""
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"kaiming: mode is 'fan_in' or 'fan_out', not {mode!r}")
    fan = fans(shape)[mode == "fan_out"]
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


def kaiming_uniform(key, shape, dtype=np.float32, a=0.0, mode="fan_in", nonlinearity="leaky_relu"):
    """U(-k, k) with k = gain √(3 / fan). He et al. 2015."""
    k = math.sqrt(3) * kaiming_std(shape, a, mode, nonlinearity)
    return uniform(key, shape, dtype, -k, k)


def kaiming_normal(key, shape, dtype=np.float32, a=0.0, mode="fan_in", nonlinearity="leaky_relu"):
    """N(0, gain² / fan). He et al. 2015."""
    return normal(key, shape, dtype, 0.0, kaiming_std(shape, a, mode, nonlinearity))


def orthogonal(key, shape, dtype=np.float32, gain=1.0):
    """A (semi-)orthogonal matrix of (out, the rest), times gain. Saxe et al. 2013."""
    if len(shape) < 2:
        raise ValueError(f"orthogonal: a weight has at least two axes (shape: {tuple(shape)})")
    rows, columns = shape[0], math.prod(shape[1:])
    flat = random.normal(key, (max(rows, columns), min(rows, columns)), np.float64)
    q, r = np.linalg.qr(flat)
    q = q * np.sign(np.diagonal(r))  # without this, Q would not be uniform among the orthogonal
    q = q.T if rows < columns else q
    return (gain * q).reshape(shape).astype(dtype)
