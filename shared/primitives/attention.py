"""The weights of attention: a softmax of scaled scores, over the entries that a mask allows."""

import math

import numpy as np

from .activation import softmax_slope
from .exponential import exp
from .primitive import Primitive
from .reduction import max as largest
from .reduction import same_lead
from .reduction import sum as reduce_sum
from .selection import maximum, where

FLOOR = {"e": -6e4, "f": -3e38, "d": -1e308}  # finite, below every score


def _masked_softmax(x, mask, *, scale):
    _shape(x, mask, scale=scale)
    z = x * scale
    np.copyto(z, -math.inf, where=~mask)
    # a row that may attend to nothing has -inf for its largest score, and 0 for its sum
    z -= np.maximum(z.max(axis=-1, keepdims=True), FLOOR[z.dtype.char])
    z = np.exp(z, out=z)
    total = np.add.reduce(z, axis=-1, keepdims=True, dtype=z.dtype)
    z /= np.maximum(total, 0.5)
    return z


def _shape(x, mask, *, scale):
    a, b = tuple(x.shape), tuple(mask.shape)
    if not a or len(a) != len(b) or any(m not in (1, n) for n, m in zip(a, b, strict=True)):
        raise ValueError(f"masked_softmax: the mask does not broadcast to x (x: {a}, mask: {b})")
    if mask.dtype != bool:
        raise TypeError(f"masked_softmax: the mask holds booleans, but these are {mask.dtype}")
    if not a[-1]:
        raise ValueError(f"masked_softmax: the rows of x have no entries (x: {a})")
    return a


def _decomposed(x, mask, *, scale):
    axis = (len(x.shape) - 1,)
    s = where(mask, x * scale, -math.inf)
    e = exp(s - maximum(largest(s, axis=axis, keepdims=True), FLOOR[x.dtype.char]))
    return e / maximum(reduce_sum(e, axis=axis, keepdims=True), 0.5)


def _slope(d, z, scale):
    return softmax_slope(d, z, axis=(len(z.shape) - 1,), scale=scale)


# z = softmax(scale x) over the entries of each row where the mask holds, and 0 elsewhere: in a row
# where it holds nowhere, everywhere. The mask broadcasts to x. What a mask hides has no influence,
# not even as NaN, and the derivative 0.
masked_softmax = Primitive(
    "masked_softmax",
    _masked_softmax,
    shape=_shape,
    dtype=lambda x, mask, *, scale: x.dtype,
    jvp={"x": lambda dx, z, scale: _slope(dx, z, scale)},
    vjp={"x": lambda gz, z, scale: _slope(gz, z, scale)},
    batch=lambda args, batched, scale: masked_softmax(*_with_lead(args, batched), scale=scale),
)
masked_softmax.decomposition = _decomposed


def _with_lead(args, batched):
    """x with the batch; the mask with it, or with an axis of size 1 that broadcasts."""
    x, mask = args
    return (
        [x, mask] if all(batched) else [x, mask[None]] if batched[0] else same_lead(args, batched)
    )
