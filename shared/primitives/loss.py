"""Losses that are one primitive each: they stand at the end of every training step.

Labels are integers of shape (...), logits x have shape (..., C): one row of C classes per label.
A row whose label is `ignore_index` (None: no such label) counts for nothing, and its derivative is
an exact zero. A label out of range is an error; on a GPU, where to ask would make the host wait,
its row is NaN instead.
"""

import math

import numpy as np

from ..backend import array_module, same_device
from .activation import softmax
from .primitive import Primitive, elementwise, linear
from .reduction import count, expanded, same_lead, shifted
from .reduction import sum as reduce_sum
from .selection import where
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


def _labelled_shape(name, x, labels):
    """The shape of the labels, one for each row of x."""
    if np.dtype(labels.dtype).kind not in "iu":
        raise TypeError(f"{name}: labels are integers, but these are {labels.dtype}")
    if not x.shape or x.shape[:-1] != labels.shape:
        raise ValueError(
            f"{name}: one label is needed for each row of x (x: {x.shape}, labels: {labels.shape})"
        )
    return labels.shape


class _Places:
    """Where the labels point in x as rows: x2[rows, columns]; which rows are ignored or wrong."""

    __slots__ = ("columns", "ignored", "rows", "wrong")

    def __init__(self, name, x, labels, classes, ignore_index):
        if x.__class__ is not labels.__class__:  # CuPy would copy such labels at every call
            same_device(name, x, labels, names=("x", "labels"))
        flat = labels.reshape(-1)
        self.rows = array_module(labels).arange(flat.shape[0])
        self.columns, self.ignored, self.wrong = flat, None, None
        host = flat.__class__ is np.ndarray
        outside = ignore_index is None or not 0 <= ignore_index < classes
        # Negative labels are huge as unsigned ones: one pass tells that there is nothing to do.
        if host and outside and _largest_unsigned(flat) < classes:
            return
        wrong = (flat < 0) | (flat >= classes)
        if ignore_index is not None:
            self.ignored = flat == ignore_index
            wrong = wrong & ~self.ignored
        if host and wrong.any():
            raise _out_of_range(name, flat, wrong, classes, labels.shape)
        self.wrong = None if host else wrong
        self.columns = np.where((flat < 0) | (flat >= classes), 0, flat)

    def counts(self, labels, kept, dtype):
        """How many labels count, for each of the first `kept` axes: an int where all do."""
        if self.ignored is None:
            return math.prod(labels.shape[kept:])
        counted = ~self.ignored.reshape(*labels.shape[:kept], math.prod(labels.shape[kept:]))
        return np.add.reduce(counted, axis=-1, dtype=dtype)

    def settle(self, z, row_shape=()):
        """z with zeros in ignored rows and NaN in wrong ones."""
        shape = (-1,) + (1,) * len(row_shape)
        if self.ignored is not None:
            z = np.where(self.ignored.reshape(shape), 0, z)
        return z if self.wrong is None else np.where(self.wrong.reshape(shape), math.nan, z)


def _largest_unsigned(labels):
    unsigned = labels.view(f"u{labels.itemsize}")
    return int(np.max(unsigned)) if unsigned.size else 0


def _out_of_range(name, flat, wrong, classes, shape):
    place = np.unravel_index(int(np.argmax(wrong)), shape or (1,))
    return ValueError(
        f"{name}: label {flat[wrong][0]} at {tuple(map(int, place))} is out of range for "
        f"{classes} classes; labels run from 0 to {classes - 1} (labels: {shape})"
    )


def _cross_entropy(x, labels, *, ignore_index, kept):
    classes = x.shape[-1]
    places = _Places("cross_entropy", x, labels, classes, ignore_index)
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
    shape = _labelled_shape("cross_entropy", x, labels)
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


def _surplus(x, labels, *, ignore_index, kept):
    classes = x.shape[-1]
    places = _Places("surplus", x, labels, classes, ignore_index)
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
    _labelled_shape("surplus", x, labels)
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


def _label_mask(labels, *, ignore_index, dtype):
    if ignore_index is None:  # CuPy compares with numbers only
        return np.ones_like(labels, dtype=dtype)
    return (labels != ignore_index).astype(dtype)


# z = 1 where the label counts, 0 where it is ignored
label_mask = elementwise(
    "label_mask",
    _label_mask,
    dtype=lambda labels, *, ignore_index, dtype: dtype,
    statics=("ignore_index", "dtype"),
    labels=0,
)


def _pick_label(x, labels, *, ignore_index):
    places = _Places("pick_label", x, labels, x.shape[-1], ignore_index)
    z = x.reshape(-1, x.shape[-1])[places.rows, places.columns]
    return places.settle(z).reshape(labels.shape)


# z = x[label] in each row; 0 where the label is ignored
pick_label = linear(
    "pick_label",
    _pick_label,
    shape=lambda x, labels, *, ignore_index: _labelled_shape("pick_label", x, labels),
    dtype=lambda x, labels, *, ignore_index: x.dtype,
    transpose={
        "x": lambda gz, x_shape, labels, ignore_index: place_label(
            gz, labels, classes=x_shape[-1], ignore_index=ignore_index
        )
    },
    batch=lambda args, batched, ignore_index: pick_label(
        *same_lead(args, batched), ignore_index=ignore_index
    ),
)


def _place_label(x, labels, *, classes, ignore_index):
    places = _Places("place_label", x, labels, classes, ignore_index)
    z = np.zeros_like(x, shape=(places.columns.shape[0], classes))
    z[places.rows, places.columns] = places.settle(x.reshape(-1))
    return z.reshape(*labels.shape, classes)


def _place_label_shape(x, labels, *, classes, ignore_index):
    if x.shape != labels.shape:
        raise ValueError(f"place_label: one value per label (x: {x.shape}, labels: {labels.shape})")
    return (*labels.shape, classes)


# z = a row of zeros for each x, but x at the label
place_label = linear(
    "place_label",
    _place_label,
    shape=_place_label_shape,
    dtype=lambda x, labels, *, classes, ignore_index: x.dtype,
    transpose={
        "x": lambda gz, labels, ignore_index: pick_label(gz, labels, ignore_index=ignore_index)
    },
    batch=lambda args, batched, classes, ignore_index: place_label(
        *same_lead(args, batched), classes=classes, ignore_index=ignore_index
    ),
)
