"""The keys of indexing: what NumPy makes of one, and where a batch goes. See `indexing`."""

import numpy as np

from ..dispatch import bottom
from .joining import concatenate
from .reduction import broadcast_to
from .shape import moved, reshape, transpose

ARRAY = "array"


def whole(n):
    """The slice that takes an axis of size n as it is."""
    return (0, n, 1)


def native(key, i=()):
    """The key as NumPy takes it, with the index arrays i in their places.

    >>> native(((0, 2, 1), 3, None))
    (slice(0, 2, 1), 3, None)
    """
    if len(i):
        arrays = iter(i)
        return tuple([
            slice(*k) if k.__class__ is tuple else next(arrays) if k is ARRAY else k for k in key
        ])  # fmt: skip
    return tuple([slice(*k) if k.__class__ is tuple else k for k in key])


def indexed_shape(shape, key, i=None):
    """The shape of x[key] for x of a shape; the error where an index leaves its axis.

    >>> indexed_shape((4, 5, 6), ((0, 4, 2), 1))
    (2, 6)
    """
    rest, axis, arrays = [], 0, 0
    if len(consuming(key)) > len(shape):
        raise IndexError(
            f"getitem: {len(consuming(key))} indices are too many for the {len(shape)} axes of x: "
            f"{tuple(shape)}"
        )
    for k in key:
        if k is None or k is Ellipsis:
            rest += [1] if k is None else []
            continue
        if k.__class__ is tuple:
            rest.append(len(range(*slice(*k).indices(shape[axis]))))
        elif k is ARRAY:
            check_range(i, arrays, axis, shape)
            arrays += 1
        elif not 0 <= k < shape[axis]:
            raise out_of_range(k, axis, shape)
        axis += 1
    rest += shape[axis:]
    if arrays != (0 if i is None else i.shape[0]):
        raise ValueError(f"getitem: the key has places for {arrays} index arrays (i: {i.shape})")
    first = index_axes_place(key) if arrays else 0
    return (*rest[:first], *(i.shape[1:] if arrays else ()), *rest[first:])


def out_of_range(index, axis, shape):
    """The error for an index that leaves its axis."""
    return IndexError(
        f"getitem: index {index} is out of range for axis {axis} of x: {tuple(shape)}"
    )


def check_range(i, number, axis, shape):
    """Every entry of an index array lies within its axis, where the entries are known."""
    if i is None or i.__class__ is not np.ndarray or number >= len(i):
        return
    n = shape[axis]
    outside = i[number][(i[number] < -n) | (i[number] >= n)]
    if outside.size:
        raise out_of_range(int(outside.flat[0]), axis, shape)


def index_axes_place(key):
    """Where the axes of the index arrays stand in x[key].

    >>> index_axes_place(((0, 2, 1), ARRAY, ARRAY)), index_axes_place((ARRAY, (0, 2, 1), ARRAY))
    (1, 0)
    """
    places = [p for p, k in enumerate(key) if k is ARRAY or k.__class__ is int]
    return places[0] if places[-1] - places[0] < len(places) else 0


def array_sizes(shape, key):
    """The sizes of the axes that index arrays run over."""
    return tuple([n for n, k in zip(shape, consuming(key), strict=False) if k is ARRAY])


def consuming(key):
    """The entries of a key that stand for an axis of x."""
    return [k for k in key if k is not None and k is not Ellipsis]


def rows_of(i):
    """Index arrays with a batch, (b, k, ...), behind one of the row's number: (k + 1, b, ...).

    They index an x that carries the batch too.
    """
    b, _, *rest = i.shape
    counting = np.cumsum(np.ones_like(bottom(i), shape=(b,))) - 1
    rows = broadcast_to(reshape(counting, shape=(1, b, *[1] * len(rest))), shape=(1, b, *rest))
    return concatenate(rows, transpose(i, axes=moved(len(i.shape), 0, 1)), axis=0)


def batched_key(key, i, i_batched, x_shape):
    """(key, i, axes) that index an x with a leading batch axis as `key` and `i` do each element.

    axes: the permutation from the result one wants, the batch first and then each x[key], to what
    NumPy gives for the new key.
    """
    before, n = index_axes_place(key), len(i.shape) - 1 - i_batched
    gone = [k for k in consuming(key) if k.__class__ is not tuple]
    rank = len(x_shape) + n + key.count(None) - len(gone)
    if i_batched:  # one more index array, which runs over the batch: the index axes come first
        own = range(before + 1, before + 1 + n)
        axes = (0, *own, *range(1, before + 1), *range(before + 1 + n, rank))
        return (ARRAY, *key), rows_of(i), axes
    key = (whole(x_shape[0]), *key)
    if index_axes_place(key):
        return key, i, tuple(range(rank))
    return key, i, moved(rank, 0, n)


def accumulate(total, where, values):
    """total[where] += values in place, as often as an index occurs; CuPy has it for reals only."""
    if values.dtype.kind == "c" and total.__class__ is not np.ndarray:
        np.add.at(total.real, where, values.real)
        np.add.at(total.imag, where, values.imag)
    else:
        np.add.at(total, where, values)
