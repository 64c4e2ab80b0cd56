"""Reductions. sum and broadcast_to are each other's transpose.

Statics: `axis` is a tuple of non-negative axes, `keepdims` a bool. Where a maximum or minimum is
attained by several entries they share the derivative equally.
"""

import math

import numpy as np

from .comparison import equal, isfinite
from .complex import real
from .exponential import exp, gap, log
from .primitive import Primitive, linear
from .selection import where
from .shape import reshape


def _broadcast_to_shape(x, *, shape):
    """Equal ranks; axes of size 1 widen."""
    if len(shape) != len(x.shape) or {
        n for n, m in zip(x.shape, shape, strict=True) if n not in (1, m)
    }:
        raise ValueError(f"broadcast_to: {x.shape} does not broadcast to {shape}")
    return shape


broadcast_to = linear(
    "broadcast_to",
    lambda x, *, shape: np.broadcast_to(x, shape),
    shape=_broadcast_to_shape,
    transpose=lambda gz, x_shape, shape: sum(gz, axis=widened(x_shape, shape), keepdims=True),
    batch=lambda args, batched, shape: broadcast_to(args[0], shape=(args[0].shape[0], *shape)),
    view=True,
)


def widened(narrow, wide):
    """The axes along which `narrow` has size 1 and `wide` has not."""
    return tuple(i for i, (n, m) in enumerate(zip(narrow, wide, strict=True)) if n != m)


def with_batch(x, batched, size):
    """x with a leading batch axis of `size`: its own, or one it is repeated along."""
    if batched:
        return x
    return broadcast_to(reshape(x, shape=(1, *x.shape)), shape=(size, *x.shape))


def batch_size(args, batched):
    """The size of the leading axis of the operands that carry the batch."""
    return next(a.shape[0] for a, flag in zip(args, batched, strict=True) if flag)


def same_lead(args, batched):
    """All operands with the batch as leading axis; the others repeated along it."""
    size = batch_size(args, batched)
    return [with_batch(a, flag, size) for a, flag in zip(args, batched, strict=True)]


def expanded(shape, axis):
    """The shape with the reduced axes put back at size 1."""
    return tuple(1 if i in axis else n for i, n in enumerate(shape))


def shifted(axis):
    """Axes behind a leading batch axis."""
    return tuple(a + 1 for a in axis)


def reduced_shape(name, needs_entries=False):
    """The shape rule of a reduction; needs_entries: nothing is reduced to nothing."""

    def shape(x, *, axis, keepdims=False):
        for a in axis:
            if not 0 <= a < len(x.shape):
                raise ValueError(f"{name}: x has no axis {a} (x: {x.shape})")
            if needs_entries and not x.shape[a]:
                raise ValueError(f"{name}: axis {a} of x has no entries (x: {x.shape})")
        kept = expanded(x.shape, axis)
        return kept if keepdims else tuple(n for i, n in enumerate(kept) if i not in axis)

    return shape


def _sum_transpose(gz, x_shape, axis):
    return broadcast_to(reshape(gz, shape=expanded(x_shape, axis)), shape=x_shape)


sum = linear(
    "sum",
    lambda x, *, axis, keepdims: np.add.reduce(x, axis=axis, keepdims=keepdims, dtype=x.dtype),
    shape=reduced_shape("sum"),
    transpose=_sum_transpose,
    batch=lambda args, batched, axis, keepdims: sum(args[0], axis=shifted(axis), keepdims=keepdims),
)


def count(shape, axis):
    """The number of entries that a reduction over `axis` takes together."""
    return math.prod([shape[a] for a in axis])


def _mean(x, *, axis, keepdims):
    n = x.size if len(axis) == x.ndim else count(x.shape, axis)
    if not n:
        raise ValueError  # the shape rule says which axis is empty
    if x.dtype.char == "e":  # sums of many halves overflow, as NumPy knows too
        total = np.add.reduce(x, axis=axis, keepdims=keepdims, dtype=np.float32)
        return (total / n).astype(np.float16)
    return np.add.reduce(x, axis=axis, keepdims=keepdims, dtype=x.dtype) / n


# z = sum(x) / n
mean = linear(
    "mean",
    _mean,
    shape=reduced_shape("mean", needs_entries=True),
    transpose=lambda gz, x_shape, axis: _sum_transpose(gz / count(x_shape, axis), x_shape, axis),
    batch=lambda args, batched, axis, keepdims: mean(
        args[0], axis=shifted(axis), keepdims=keepdims
    ),
)


def _share(x, z, *, axis):
    tied = x == z
    n = np.add.reduce(tied, axis=axis, keepdims=True, dtype=x.dtype)
    return np.true_divide(tied, np.maximum(n, 1))  # a NaN ties with nothing


# the weight of each entry in the extremum z of x (reduced axes kept): equal among ties
share = Primitive(
    "share",
    _share,
    shape=lambda x, z, *, axis: x.shape,
    dtype=lambda x, z, *, axis: x.dtype,
    jvp=0,
    vjp=0,
    batch=lambda args, batched, axis: _share_batch(args, batched, axis),
)


def _share_batch(args, batched, axis):
    size = batch_size(args, batched)
    x, z = [with_batch(a, flag, size) for a, flag in zip(args, batched, strict=True)]
    return share(x, z, axis=shifted(axis))


def _extremum_jvp(dx, x, z, axis, keepdims):
    weights = share(x, reshape(z, shape=expanded(x.shape, axis)), axis=axis)
    return sum(dx * weights, axis=axis, keepdims=keepdims)


def _extremum_vjp(gz, x, z, axis):
    kept = expanded(x.shape, axis)
    return reshape(gz, shape=kept) * share(x, reshape(z, shape=kept), axis=axis)


max = Primitive(
    "max",
    lambda x, *, axis, keepdims: x.max(axis=axis, keepdims=keepdims),
    shape=reduced_shape("max", needs_entries=True),
    jvp={"x": _extremum_jvp},
    vjp={"x": _extremum_vjp},
    batch=lambda args, batched, axis, keepdims: max(args[0], axis=shifted(axis), keepdims=keepdims),
)


min = Primitive(
    "min",
    lambda x, *, axis, keepdims: x.min(axis=axis, keepdims=keepdims),
    shape=reduced_shape("min", needs_entries=True),
    jvp={"x": _extremum_jvp},
    vjp={"x": _extremum_vjp},
    batch=lambda args, batched, axis, keepdims: min(args[0], axis=shifted(axis), keepdims=keepdims),
)


def _one_axis(name):
    rule = reduced_shape(name, needs_entries=True)
    return lambda x, *, axis: rule(x, axis=(axis,))


# the place of the first maximum along one axis; piecewise constant
argmax = Primitive(
    "argmax",
    lambda x, *, axis: x.argmax(axis=axis),
    shape=_one_axis("argmax"),
    dtype=np.dtype(np.int64),
    jvp=0,
    vjp=0,
    batch=lambda args, batched, axis: argmax(args[0], axis=axis + 1),
)


# the place of the first minimum along one axis; piecewise constant
argmin = Primitive(
    "argmin",
    lambda x, *, axis: x.argmin(axis=axis),
    shape=_one_axis("argmin"),
    dtype=np.dtype(np.int64),
    jvp=0,
    vjp=0,
    batch=lambda args, batched, axis: argmin(args[0], axis=axis + 1),
)


# True where every entry is other than 0
all = Primitive(
    "all",
    lambda x, *, axis, keepdims: np.all(x, axis=axis, keepdims=keepdims),
    shape=reduced_shape("all"),
    dtype=np.dtype(bool),
    jvp=0,
    vjp=0,
    batch=lambda args, batched, axis, keepdims: all(args[0], axis=shifted(axis), keepdims=keepdims),
)


# True where some entry is other than 0
any = Primitive(
    "any",
    lambda x, *, axis, keepdims: np.any(x, axis=axis, keepdims=keepdims),
    shape=reduced_shape("any"),
    dtype=np.dtype(bool),
    jvp=0,
    vjp=0,
    batch=lambda args, batched, axis, keepdims: any(args[0], axis=shifted(axis), keepdims=keepdims),
)


def _logsumexp(x, *, axis, keepdims):
    peak = x.real.max(axis=axis, keepdims=True)
    peak = np.where(np.isfinite(peak), peak, np.zeros_like(peak))
    with np.errstate(divide="ignore", over="ignore"):  # every entry is -inf, or one is inf
        total = np.add.reduce(np.exp(x - peak), axis=axis, keepdims=keepdims, dtype=x.dtype)
        return np.log(total) + (peak if keepdims else peak.squeeze(axis))


def softmax_of(x, z, axis):
    """exp(x - z), the derivative of z = logsumexp(x); 0 where every entry is -inf."""
    z = reshape(z, shape=expanded(x.shape, axis))
    return exp(gap(x, where(equal(z, -math.inf), 0, z)))


# z = log(sum(exp(x))), shifted by the largest entry so that nothing overflows
logsumexp = Primitive(
    "logsumexp",
    _logsumexp,
    shape=reduced_shape("logsumexp", needs_entries=True),
    jvp={
        "x": lambda dx, x, z, axis, keepdims: sum(
            dx * softmax_of(x, z, axis), axis=axis, keepdims=keepdims
        )
    },
    vjp={
        "x": lambda gz, x, z, axis: (
            reshape(gz, shape=expanded(x.shape, axis)) * softmax_of(x, z, axis)
        )
    },
    batch=lambda args, batched, axis, keepdims: logsumexp(
        args[0], axis=shifted(axis), keepdims=keepdims
    ),
)


def _decomposed_logsumexp(x, *, axis, keepdims):
    peak = max(real(x) if x.dtype.kind == "c" else x, axis=axis, keepdims=True)
    peak = where(isfinite(peak), peak, 0)
    z = log(sum(exp(x - peak), axis=axis, keepdims=True)) + peak
    kept = tuple([n for a, n in enumerate(x.shape) if a not in axis])
    return z if keepdims else reshape(z, shape=kept)


logsumexp.decomposition = _decomposed_logsumexp
