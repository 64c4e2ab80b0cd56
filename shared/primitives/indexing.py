"""Indexing with integers, slices and integer arrays, and writing there, each the other's transpose.

A `key` says how NumPy is to index, and is hashable; it may stop before the last axis:

    3            an integer, not negative: the axis goes
    (4, 0, -2)   a slice: start, stop, step (stop None: to the very end)
    None         a new axis of size 1
    ARRAY        the next of the index arrays
    Ellipsis     no axis at all, but it parts the arrays on its two sides

The index arrays are one operand `i` of shape (k, ...): i[0], i[1], ... have one shape, that of the
axes they put into the result: behind the axes before them, or first of all where they do not stand
together (NumPy's rule; an integer beside arrays counts as one of them).
"""

import math

import numpy as np

from ..backend import same_device
from ..cotangents import Indexed, Scattered
from ..dispatch import Value
from .keys import (
    accumulate,
    array_sizes,
    batched_key,
    index_axes_place,
    indexed_shape,
    native,
    rows_of,
    whole,
)
from .primitive import Primitive, linear
from .reduction import batch_size, with_batch
from .shape import inverse_permutation, moved, reshape, transpose, zeros


def _getitem_transpose(gz, x_shape, key):
    def placed():
        return place(gz, key=key, shape=x_shape)

    def scatter(total):
        return total + place(gz, key=key, shape=x_shape, negative=True)

    if isinstance(gz, Value):
        return Scattered(gz, x_shape, scatter, placed)
    return Indexed(gz, x_shape, lambda total, g: _add_at_view(total, key, g), scatter, placed)


def _add_at_view(total, key, values):
    total[native(key)] += values


# z = x[key], a view
getitem = linear(
    "getitem",
    lambda x, *, key: x[native(key)],
    shape=lambda x, *, key: indexed_shape(x.shape, key),
    transpose=_getitem_transpose,
    batch=lambda args, batched, key: getitem(args[0], key=(whole(args[0].shape[0]), *key)),
    view=True,
)


def _place(x, *, key, shape, negative=False):
    z = np.zeros_like(x, shape=shape)
    if negative:
        np.negative(z, out=z)
    z[native(key)] = x
    return z


def _fits(name, x_shape, key, v, i=None):
    """The shape rule of writing v to x[key]."""
    wanted = indexed_shape(x_shape, key, i)
    if tuple(v.shape) != wanted:
        raise ValueError(
            f"{name}: x[key] has shape {wanted} but the values have {tuple(v.shape)} (x: {x_shape})"
        )
    return x_shape


def _place_batch(args, batched, key, shape, negative=False):
    n = args[0].shape[0]
    return place(args[0], key=(whole(n), *key), shape=(n, *shape), negative=negative)


# z = 0 but for z[key] = x; negative: -0.0, so that y + z is y at every other place, a -0.0 too
place = linear(
    "place",
    _place,
    shape=lambda x, *, key, shape, negative=False: _fits("place", shape, key, x),
    transpose=lambda gz, key: getitem(gz, key=key),
    batch=_place_batch,
)


def _update(x, v, *, key):
    z = np.copy(x)
    z[native(key)] = v
    return z


def _update_batch(args, batched, key):
    n = batch_size(args, batched)
    x, v = [with_batch(a, flag, n) for a, flag in zip(args, batched, strict=True)]
    return update(x, v, key=(whole(n), *key))


# z = x but for z[key] = v; what is overwritten has derivative zero
update = linear(
    "update",
    _update,
    shape=lambda x, v, *, key: _fits("update", x.shape, key, v),
    transpose={
        "x": lambda gz, v_shape, key: update(gz, zeros(gz, v_shape), key=key),
        "v": lambda gz, key: getitem(gz, key=key),
    },
    batch=_update_batch,
)


def _gather_transpose(gz, i, x_shape, key):
    def scatter(total):
        return scatter_add(total, i, gz, key=key)

    if isinstance(gz, Value) or isinstance(i, Value):
        return Scattered(gz, x_shape, scatter, lambda: scatter(zeros(gz, x_shape)))
    return Indexed(gz, x_shape, lambda total, values: add_at(total, i, values, key), scatter)


def _gather_batch(args, batched, key):
    x, i = args
    if not batched[0]:  # the batch is one more axis of the index arrays
        z = gather(x, transpose(i, axes=moved(len(i.shape), 0, 1)), key=key)
        return transpose(z, axes=moved(len(z.shape), index_axes_place(key), 0))
    native_key, i, axes = batched_key(key, i, batched[1], x.shape)
    return transpose(gather(x, i, key=native_key), axes=inverse_permutation(axes))


def _together(name, x, i):
    """ValueError where the index arrays are elsewhere: CuPy would copy them at every call."""
    if x.__class__ is not i.__class__:
        same_device(name, x, i, names=("x", "i"))


def _gather(x, i, *, key):
    _together("gather", x, i)
    z = x[native(key, i)]
    return z if i.ndim > 1 else z.copy()  # where index arrays have no axes NumPy gives a view


# z = x[key] with the index arrays i
gather = linear(
    "gather",
    _gather,
    shape=lambda x, i, *, key: indexed_shape(x.shape, key, i),
    dtype=lambda x, i, *, key: x.dtype,
    transpose={"x": _gather_transpose},
    batch=_gather_batch,
)


def add_at(total, i, values, key):
    """total[key] += values in place, where an index that occurs n times is added to n times."""
    where = native(key, i)
    if values.ndim > i.ndim - 1 and i.__class__ is np.ndarray and _distinct(total.shape, i, key):
        total[where] += values  # many times as fast as ufunc.at on rows
    else:
        accumulate(total, where, values)


def _distinct(shape, i, key):
    """True where no index occurs twice."""
    slots = np.sort(_slots(i, array_sizes(shape, key)), axis=None)
    return bool((slots[1:] != slots[:-1]).all())


def _slots(i, sizes):
    """One number per entry of the index arrays: the place it points to."""
    slots = 0
    for index, n in zip(i, sizes, strict=True):
        slots = slots * n + np.where(index < 0, index + n, index)
    return slots


def _scatter_batch(scatter):
    """The batch rule of z = scatter(x, i, v): x and v get the batch, i only if it had one."""

    def batch(args, batched, key):
        n = batch_size(args, batched)
        x, v = with_batch(args[0], batched[0], n), with_batch(args[2], batched[2], n)
        native_key, i, axes = batched_key(key, args[1], batched[1], x.shape)
        return scatter()(x, i, transpose(v, axes=axes), key=native_key)

    return batch


def _scatter_add(x, i, v, *, key):
    _together("scatter_add", x, i)
    z = np.copy(x)
    add_at(z, i, v, key)
    return z


# z = x with v added at z[key]; an index that occurs n times is added to n times
scatter_add = linear(
    "scatter_add",
    _scatter_add,
    shape=lambda x, i, v, *, key: _fits("scatter_add", x.shape, key, v, i),
    dtype=lambda x, i, v, *, key: x.dtype,
    transpose={"x": lambda gz: gz, "v": lambda gz, i, key: gather(gz, i, key=key)},
    batch=_scatter_batch(lambda: scatter_add),
)


def _winner(i, *, sizes, dtype):
    slots = _slots(i, sizes).reshape(-1)
    number = np.cumsum(np.ones_like(slots)) - 1
    last = np.zeros_like(slots, shape=(math.prod(sizes),))
    np.maximum.at(last, slots, number)
    return (last[slots] == number).reshape(i.shape[1:]).astype(dtype)


def _slots_shape(i, *, sizes, dtype=None):
    if len(sizes) != i.shape[0]:
        raise ValueError(f"winner: {i.shape[0]} index arrays run over axes of sizes {sizes}")
    return i.shape[1:]


# 1 where no later index points to the same place, else 0
winner = Primitive(
    "winner",
    _winner,
    shape=_slots_shape,
    dtype=lambda i, *, sizes, dtype: dtype,
    jvp=0,
    vjp=0,
    batch=lambda args, batched, sizes, dtype: winner(
        rows_of(args[0]), sizes=(args[0].shape[0], *sizes), dtype=dtype
    ),
)


def _occurrence(i, *, sizes):
    slots = _slots(i, sizes).reshape(-1)
    order = np.argsort(slots, kind="stable")
    ordered = slots[order]
    rank = np.zeros_like(slots)
    number = np.cumsum(np.ones_like(slots)) - 1
    rank[order] = number - np.searchsorted(ordered, ordered)
    return rank.reshape(i.shape[1:])


# how many earlier indices point to the same place
occurrence = Primitive(
    "occurrence",
    _occurrence,
    shape=_slots_shape,
    jvp=0,
    vjp=0,
    batch=lambda args, batched, sizes: occurrence(
        rows_of(args[0]), sizes=(args[0].shape[0], *sizes)
    ),
)


def _scatter_set(x, i, v, *, key):
    _together("scatter_set", x, i)
    z = np.copy(x)
    if i.__class__ is np.ndarray:  # NumPy writes in the order of memory
        i, v = np.copy(i, "C"), np.copy(v, "C")
    else:  # CuPy leaves open which of several writes comes last
        v = _last_values(x.shape, i, v, key)
    z[native(key, i)] = v
    return z


def _last_values(shape, i, v, key):
    """v where every write to a place brings the value of the last one."""
    sizes = array_sizes(shape, key)
    slots = _slots(i, sizes).reshape(-1)
    last = np.zeros_like(slots, shape=(math.prod(sizes),))
    np.maximum.at(last, slots, np.cumsum(np.ones_like(slots)) - 1)
    first = index_axes_place(key)
    flat = v.reshape(*v.shape[:first], slots.size, *v.shape[first + i.ndim - 1 :])
    return np.take(flat, last[slots], axis=first).reshape(v.shape)


def _won(gz, i, x_shape, key):
    """The cotangent of the values: what arrives at their place, where they were written last."""
    wins = winner(i, sizes=array_sizes(x_shape, key), dtype=gz.dtype)
    g = gather(gz, i, key=key)
    before = index_axes_place(key)
    after = len(g.shape) - before - len(wins.shape)
    return g * reshape(wins, shape=(1,) * before + tuple(wins.shape) + (1,) * after)


# z = x but for z[key] = v; of several values for one place the last stays, and takes the derivative
scatter_set = linear(
    "scatter_set",
    _scatter_set,
    shape=lambda x, i, v, *, key: _fits("scatter_set", x.shape, key, v, i),
    dtype=lambda x, i, v, *, key: x.dtype,
    transpose={
        "x": lambda gz, i, v_shape, key: scatter_set(gz, i, zeros(gz, v_shape), key=key),
        "v": _won,
    },
    batch=_scatter_batch(lambda: scatter_set),
)
