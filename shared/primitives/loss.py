"""Losses that are one primitive each: they stand at the end of every training step.

Of labels, and what becomes of those that are ignored or out of range, see `labels`. The derivative
of a row that is ignored is an exact zero.
"""

import math

import numpy as np

from .activation import softmax
from .exponential import exp, log
from .labels import Places, Steps, label_mask, labelled_shape
from .primitive import Primitive
from .reduction import count, expanded, same_lead, shifted
from .reduction import max as largest
from .reduction import sum as reduce_sum
from .selection import maximum, where
from .shape import reshape


def _mse(x, y, *, axis):
    if x.shape != y.shape:  # NumPy would broadcast
        _mse_shape(x, y, axis=axis)
    d = x - y
    if d.dtype.char == "e":  # sums of many halves overflow
        return _mse(x.astype(np.float32), y.astype(np.float32), axis=axis).astype(np.float16)
    if len(axis) == d.ndim:
        n, d = d.size, d.reshape(-1)
        total = d.dot(d)
    else:
        n, total = count(d.shape, axis), np.add.reduce(d * d, axis=axis, dtype=d.dtype)
    return total / n if n else total * math.nan  # of no entries there is no mean


def _mse_shape(x, y, *, axis):
    if x.shape != y.shape:
        raise ValueError(f"mse: x and y have different shapes (x: {x.shape}, y: {y.shape})")
    return tuple(n for i, n in enumerate(x.shape) if i not in axis)


def _mse_slope(x, y, axis):
    """2 (x - y) / n"""
    n = math.prod(x.shape) if len(axis) == len(x.shape) else count(x.shape, axis)
    return (x - y) * (2 / max(n, 1))


def _mse_jvp(dx, x, y, axis):
    return reduce_sum(_mse_slope(x, y, axis) * dx, axis=axis, keepdims=False)


def _mse_vjp(gz, x, y, axis):
    if len(axis) < len(x.shape):
        gz = reshape(gz, shape=expanded(x.shape, axis))
    return _mse_slope(x, y, axis) * gz


# z = mean((x - y)²) over `axis`
mse = Primitive(
    "mse",
    _mse,
    shape=_mse_shape,
    jvp={"x": _mse_jvp, "y": lambda dy, x, y, axis: _mse_jvp(dy, y, x, axis)},
    vjp={"x": _mse_vjp, "y": lambda gz, x, y, axis: _mse_vjp(gz, y, x, axis)},
    batch=lambda args, batched, axis: mse(*same_lead(args, batched), axis=shifted(axis)),
)


def _cross_entropy(x, labels, *, ignore_index, kept):
    classes = x.shape[-1]
    places = Places("cross_entropy", x, labels, classes, ignore_index)
    s = x.reshape(-1, classes)
    s = s - s.max(axis=1, keepdims=True)
    z = np.log(np.add.reduce(np.exp(s), axis=1, dtype=x.dtype)) - s[places.rows, places.columns]
    z = places.settle(z)
    if kept is None:
        return z.reshape(labels.shape)
    z = z.reshape(*labels.shape[:kept], math.prod(labels.shape[kept:]))
    with np.errstate(invalid="ignore"):  # of no labels there is no mean
        return np.add.reduce(z, axis=-1, dtype=x.dtype) / places.counts(labels, kept, x.dtype)


def _cross_entropy_shape(x, labels, *, ignore_index, kept):
    shape = labelled_shape("cross_entropy", x, labels)
    return shape if kept is None else shape[:kept]


def _cross_entropy_jvp(dx, x, labels, ignore_index, kept):
    first = len(labels.shape) if kept is None else kept
    slope = surplus(x, labels, ignore_index=ignore_index, kept=kept)
    return reduce_sum(slope * dx, axis=tuple(range(first, len(x.shape))), keepdims=False)


def _cross_entropy_vjp(gz, x, labels, ignore_index, kept):
    slope = surplus(x, labels, ignore_index=ignore_index, kept=kept)
    return slope * reshape(gz, shape=(*gz.shape, *[1] * (len(x.shape) - len(gz.shape))))


def _batched(kept):
    return None if kept is None else kept + 1


# z = logsumexp(x) - x[label]: minus the logarithm of the softmax of x at the label; averaged over
# the axes of the labels behind the first `kept`, or over none (None)
cross_entropy = Primitive(
    "cross_entropy",
    _cross_entropy,
    shape=_cross_entropy_shape,
    dtype=lambda x, labels, *, ignore_index, kept: x.dtype,
    jvp={"x": _cross_entropy_jvp},
    vjp={"x": _cross_entropy_vjp},
    batch=lambda args, batched, ignore_index, kept: cross_entropy(
        *same_lead(args, batched), ignore_index=ignore_index, kept=_batched(kept)
    ),
)


def _decomposed_cross_entropy(x, labels, *, ignore_index, kept):
    steps, last = Steps(x, labels, x.shape[-1], ignore_index), (len(x.shape) - 1,)
    s = x - largest(x, axis=last, keepdims=True)
    picked = reduce_sum(where(steps.hot, s, 0), axis=last, keepdims=False)
    z = steps.settle(log(reduce_sum(exp(s), axis=last, keepdims=False)) - picked)
    if kept is None:
        return z
    axis = tuple(range(kept, len(z.shape)))
    z = reduce_sum(z, axis=axis, keepdims=True) / steps.counts(kept, x.dtype)
    return reshape(z, shape=z.shape[:kept])


cross_entropy.decomposition = _decomposed_cross_entropy


def _surplus(x, labels, *, ignore_index, kept):
    classes = x.shape[-1]
    places = Places("surplus", x, labels, classes, ignore_index)
    s = x.reshape(-1, classes)
    z = np.exp(s - s.max(axis=1, keepdims=True))
    z /= np.add.reduce(z, axis=1, keepdims=True, dtype=x.dtype)
    z[places.rows, places.columns] -= 1
    z = places.settle(z, (classes,)).reshape(x.shape)
    if kept is None:
        return z
    n = places.counts(labels, kept, x.dtype)
    if n.__class__ is not int:
        n = np.maximum(n, 1).reshape(*labels.shape[:kept], *[1] * (x.ndim - kept))
    return z / max(n, 1) if n.__class__ is int else z / n


def _surplus_rule(d, x, labels, ignore_index, kept):
    """The derivative of the softmax, in rows that count."""
    last = (len(x.shape) - 1,)
    p = softmax(x, axis=last)
    d = p * (d - reduce_sum(p * d, axis=last, keepdims=True))
    counted = label_mask(labels, ignore_index=ignore_index, dtype=x.dtype)
    if kept is not None:
        averaged = tuple(range(kept, len(labels.shape)))
        n = reduce_sum(counted, axis=averaged, keepdims=True)
        counted = counted / where(n == 0, 1, n)
    return d * reshape(counted, shape=(*labels.shape, 1))


def _surplus_shape(x, labels, *, ignore_index, kept):
    labelled_shape("surplus", x, labels)
    return x.shape


# z = softmax(x), less 1 at the label; as in a mean over the axes behind the first `kept`. This is
# the derivative of cross_entropy.
surplus = Primitive(
    "surplus",
    _surplus,
    shape=_surplus_shape,
    dtype=lambda x, labels, *, ignore_index, kept: x.dtype,
    jvp={
        "x": lambda dx, x, labels, ignore_index, kept: _surplus_rule(
            dx, x, labels, ignore_index, kept
        )
    },
    vjp={
        "x": lambda gz, x, labels, ignore_index, kept: _surplus_rule(
            gz, x, labels, ignore_index, kept
        )
    },
    batch=lambda args, batched, ignore_index, kept: surplus(
        *same_lead(args, batched), ignore_index=ignore_index, kept=_batched(kept)
    ),
)


def _decomposed_surplus(x, labels, *, ignore_index, kept):
    steps = Steps(x, labels, x.shape[-1], ignore_index)
    p = softmax(x, axis=(len(x.shape) - 1,))
    z = steps.settle(where(steps.hot, p - 1, p))
    if kept is None:
        return z
    n = steps.counts(kept, x.dtype)
    if n.__class__ is int:
        return z / max(n, 1)
    return z / reshape(maximum(n, 1), shape=(*n.shape, 1))


surplus.decomposition = _decomposed_surplus
