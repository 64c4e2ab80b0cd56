"""Activation functions that have rules of their own: composed, they would be slow or unstable.

The softmax family subtracts the largest entry first, which changes nothing but the rounding:
exp never overflows. `axis` is a tuple of axes.
"""

import numpy as np

from .exponential import exp
from .primitive import Primitive, elementwise
from .reduction import reduced_shape, shifted
from .reduction import sum as reduce_sum

# z = x where y > 0, else 0; exactly, also where x is infinite
gate = elementwise("gate", lambda x, y: np.where(y > 0, x, 0), x=lambda d, y: gate(d, y), y=0)

# z = max(x, 0); its derivative at 0 is 0
relu = elementwise("relu", lambda x: np.maximum(x, 0), x=lambda d, z: gate(d, z))


def _sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


# z = 1 / (1 + exp(-x)), accurate to the last digits also where it is tiny
sigmoid = elementwise("sigmoid", _sigmoid, x=lambda z: z * (1 - z))

# z = log(1 + exp(x))
softplus = elementwise("softplus", lambda x: np.logaddexp(x, 0), x=lambda x: sigmoid(x))


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


def _softmax_rule(d, z, axis):
    """The Jacobian diag(z) - z zᵀ is symmetric, so that one rule serves both modes."""
    return z * (d - reduce_sum(z * d, axis=axis, keepdims=True))


# z = exp(x) / sum(exp(x)); a slice that is -inf throughout gives NaN
softmax = Primitive(
    "softmax",
    _softmax,
    shape=_same_shape("softmax"),
    jvp={"x": lambda dx, z, axis: _softmax_rule(dx, z, axis)},
    vjp={"x": lambda gz, z, axis: _softmax_rule(gz, z, axis)},
    batch=lambda args, batched, axis: softmax(args[0], axis=shifted(axis)),
)


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
