"""Labels: integers of shape (...) beside rows of values (..., C), one value for each of C classes.

A row whose label is `ignore_index` (None: no such label) counts for nothing. A label out of range
is an error; on a GPU, where to ask would make the host wait, and in compiled code, its row is NaN.
"""

import math

import numpy as np

from ..backend import array_module, same_device
from ..dispatch import bottom
from .cast import convert
from .comparison import (
    equal,
    greater_equal,
    less,
    logical_and,
    logical_not,
    logical_or,
    not_equal,
)
from .primitive import elementwise, linear
from .reduction import count, same_lead
from .reduction import sum as reduce_sum
from .selection import where
from .shape import reshape


def labelled_shape(name, x, labels):
    """The shape of the labels, one for each row of x."""
    if np.dtype(labels.dtype).kind not in "iu":
        raise TypeError(f"{name}: labels are integers, but these are {labels.dtype}")
    if not x.shape or x.shape[:-1] != labels.shape:
        raise ValueError(
            f"{name}: one label is needed for each row of x (x: {x.shape}, labels: {labels.shape})"
        )
    return labels.shape


class Places:
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


class Steps:
    """What the decompositions of labelled rows share: the same with no place to point to."""

    def __init__(self, x, labels, classes, ignore_index):
        self.labels, self.rank, self.ignore_index = labels, len(labels.shape), ignore_index
        numbers = array_module(bottom(labels)).arange(classes).astype(labels.dtype)
        self.hot = equal(
            reshape(labels, shape=(*labels.shape, 1)),
            reshape(numbers, shape=(*[1] * self.rank, classes)),
        )
        self.ignored = None if ignore_index is None else equal(labels, ignore_index)
        wrong = logical_or(less(labels, 0), greater_equal(labels, classes))
        counted = wrong if self.ignored is None else logical_and(wrong, logical_not(self.ignored))
        self.wrong = counted

    def settle(self, z):
        """z, of rows or of one value each, with zeros where ignored and NaN where wrong."""
        shape = (*self.labels.shape, *[1] * (len(z.shape) - self.rank))
        if self.ignored is not None:
            z = where(reshape(self.ignored, shape=shape), 0, z)
        return where(reshape(self.wrong, shape=shape), math.nan, z)

    def counts(self, kept, dtype):
        """How many labels count, for each of the first `kept` axes, with those behind at size 1."""
        axis = tuple(range(kept, self.rank))
        if self.ignored is None:
            return count(self.labels.shape, axis)
        counted = label_mask(self.labels, ignore_index=self.ignore_index, dtype=dtype)
        return reduce_sum(counted, axis=axis, keepdims=True)


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


def _decomposed_mask(labels, *, ignore_index, dtype):
    if ignore_index is None:
        return np.ones_like(bottom(labels), shape=labels.shape, dtype=dtype)
    return convert(not_equal(labels, ignore_index), dtype=dtype)


label_mask.decomposition = _decomposed_mask


def _pick_label(x, labels, *, ignore_index):
    places = Places("pick_label", x, labels, x.shape[-1], ignore_index)
    z = x.reshape(-1, x.shape[-1])[places.rows, places.columns]
    return places.settle(z).reshape(labels.shape)


# z = x[label] in each row; 0 where the label is ignored
pick_label = linear(
    "pick_label",
    _pick_label,
    shape=lambda x, labels, *, ignore_index: labelled_shape("pick_label", x, labels),
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


def _decomposed_pick(x, labels, *, ignore_index):
    steps = Steps(x, labels, x.shape[-1], ignore_index)
    picked = where(steps.hot, x, 0)
    return steps.settle(reduce_sum(picked, axis=(len(x.shape) - 1,), keepdims=False))


pick_label.decomposition = _decomposed_pick


def _place_label(x, labels, *, classes, ignore_index):
    places = Places("place_label", x, labels, classes, ignore_index)
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


def _decomposed_place(x, labels, *, classes, ignore_index):
    steps = Steps(x, labels, classes, ignore_index)
    return where(steps.hot, reshape(steps.settle(x), shape=(*x.shape, 1)), 0)


place_label.decomposition = _decomposed_place
