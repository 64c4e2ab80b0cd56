"""Activation functions that have rules of their own: composed, they would be slow or unstable.

The softmax family subtracts the largest entry first, which changes nothing but the rounding:
exp never overflows. `axis` is a tuple of axes.
"""

import numpy as np

from .exponential import exp, log, log1p
from .masking import masked
from .primitive import Primitive, elementwise
from .reduction import max as largest
from .reduction import reduced_shape, same_lead, shifted
from .reduction import sum as reduce_sum
from .selection import maximum, where

# z = x where y > 0, else 0; exactly, also where x is infinite
gate = elementwise("gate", lambda x, y: masked(x, y > 0), x=lambda d, y: gate(d, y), y=0)

gate.decomposition = lambda x, y: where(y > 0, x, 0)

# z = max(x, 0); its derivative at 0 is 0
relu = elementwise("relu", lambda x: np.maximum(x, 0), x=lambda d, z: gate(d, z))
relu.decomposition = lambda x: maximum(x, 0)


def _sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


# z = 1 / (1 + exp(-x)), accurate to the last digits also where it is tiny
sigmoid = elementwise("sigmoid", _sigmoid, x=lambda z: z * (1 - z))


def _decomposed_sigmoid(x):
    e = exp(-abs(x))
    return where(x >= 0, 1, e) / (1 + e)


sigmoid.decomposition = _decomposed_sigmoid

# z = log(1 + exp(x))
softplus = elementwise("softplus", lambda x: np.logaddexp(x, 0), x=lambda x: sigmoid(x))
softplus.decomposition = lambda x: maximum(x, 0) + log1p(exp(-abs(x)))


def _same_shape(name):
    reduced = reduced_shape(name, needs_entries=True)

    def shape(x, *, axis):
        reduced(x, axis=axis)
        return x.shape

    return shape


def _softmax(x, *, axis):
    z = np.exp(x - x.max(axis=axis, keepdims=True))
    z /= np.add.reduce(z, axis=axis, keepdims=True, dtype=z.dtype)
    return z


def _decomposed_softmax(x, *, axis):
    e = exp(x - largest(x, axis=axis, keepdims=True))
    return e / reduce_sum(e, axis=axis, keepdims=True)


# z = exp(x) / sum(exp(x)); a slice that is -inf throughout gives NaN
softmax = Primitive(
    "softmax",
    _softmax,
    shape=_same_shape("softmax"),
    jvp={"x": lambda dx, z, axis: softmax_slope(dx, z, axis=axis, scale=1.0)},
    vjp={"x": lambda gz, z, axis: softmax_slope(gz, z, axis=axis, scale=1.0)},
    batch=lambda args, batched, axis: softmax(args[0], axis=shifted(axis)),
)
softmax.decomposition = _decomposed_softmax


def _softmax_slope(d, p, *, axis, scale):
    if d.shape != p.shape:  # NumPy would broadcast
        _slope_shape(d, p, axis=axis, scale=scale)
    z = d * p
    total = np.add.reduce(z, axis=axis, keepdims=True, dtype=z.dtype)
    if scale != 1.0:
        total *= scale
        z *= scale
    z -= p * total
    return z


def _slope_shape(d, p, *, axis, scale):
    if d.shape != p.shape:
        raise ValueError(
            f"softmax_slope: d and p have different shapes (d: {d.shape}, p: {p.shape})"
        )
    return d.shape


def _less_mean(d, p, axis):
    """d less its mean by the weights p."""
    return d - reduce_sum(d * p, axis=axis, keepdims=True)


def _slope_jvp(dp, d, p, axis, scale):
    mean = reduce_sum(d * dp, axis=axis, keepdims=True)
    return (dp * _less_mean(d, p, axis) - p * mean) * scale


def _slope_vjp(gz, d, p, axis, scale):
    mean = reduce_sum(gz * p, axis=axis, keepdims=True)
    return (gz * _less_mean(d, p, axis) - d * mean) * scale


# z = scale p (d - sum(p d)), the derivative of p = softmax(scale x). The matrix diag(p) - p pᵀ is
# symmetric, so that it serves both modes.
softmax_slope = Primitive(
    "softmax_slope",
    _softmax_slope,
    shape=_slope_shape,
    jvp={
        "d": lambda dd, p, axis, scale: softmax_slope(dd, p, axis=axis, scale=scale),
        "p": _slope_jvp,
    },
    vjp={
        "d": lambda gz, p, axis, scale: softmax_slope(gz, p, axis=axis, scale=scale),
        "p": _slope_vjp,
    },
    batch=lambda args, batched, axis, scale: softmax_slope(
        *same_lead(args, batched), axis=shifted(axis), scale=scale
    ),
)
softmax_slope.decomposition = lambda d, p, *, axis, scale: _less_mean(d, p, axis) * p * scale


def _log_softmax(x, *, axis):
    s = x - x.max(axis=axis, keepdims=True)
    return s - np.log(np.add.reduce(np.exp(s), axis=axis, keepdims=True, dtype=x.dtype))


# z = x - log(sum(exp(x)))
log_softmax = Primitive(
    "log_softmax",
    _log_softmax,
    shape=_same_shape("log_softmax"),
    jvp={"x": lambda dx, z, axis: dx - reduce_sum(exp(z) * dx, axis=axis, keepdims=True)},
    vjp={"x": lambda gz, z, axis: gz - exp(z) * reduce_sum(gz, axis=axis, keepdims=True)},
    batch=lambda args, batched, axis: log_softmax(args[0], axis=shifted(axis)),
)


def _decomposed_log_softmax(x, *, axis):
    s = x - largest(x, axis=axis, keepdims=True)
    return s - log(reduce_sum(exp(s), axis=axis, keepdims=True))


log_softmax.decomposition = _decomposed_log_softmax
