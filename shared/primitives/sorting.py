"""Order: argsort and sort, picking along an axis and its transpose, searchsorted.

Sorting is stable. Where entries tie, each takes the derivative of the place it is sorted to.
"""

import math

import numpy as np

from .keys import accumulate
from .primitive import Primitive, linear
from .reduction import batch_size, reduced_shape, with_batch
from .shape import zeros


def _with_axis(name):
    rule = reduced_shape(name)

    def shape(x, *, axis):
        rule(x, axis=(axis,))
        return x.shape

    return shape


# the places of the entries in ascending order, equal ones as they stood; piecewise constant
argsort = Primitive(
    "argsort",
    lambda x, *, axis: np.argsort(x, axis=axis, kind="stable"),
    shape=_with_axis("argsort"),
    dtype=np.dtype(np.int64),
    jvp=0,
    vjp=0,
    batch=lambda args, batched, axis: argsort(args[0], axis=axis + 1),
)


def _unsorted(gz, x, axis):
    """The transpose of a permutation is its inverse: the order of the order."""
    return take_along_axis(gz, argsort(argsort(x, axis=axis), axis=axis), axis=axis)


# z: the entries of x in ascending order along `axis`
sort = Primitive(
    "sort",
    lambda x, *, axis: np.sort(x, axis=axis, kind="stable"),
    shape=_with_axis("sort"),
    jvp={"x": lambda dx, x, axis: take_along_axis(dx, argsort(x, axis=axis), axis=axis)},
    vjp={"x": _unsorted},
    batch=lambda args, batched, axis: sort(args[0], axis=axis + 1),
)


def _along_shape(x, i, *, axis):
    a, b = tuple(x.shape), tuple(i.shape)
    if len(a) != len(b) or not 0 <= axis < len(a):
        raise ValueError(f"take_along_axis: x and i both need axis {axis} (x: {a}, i: {b})")
    if a[:axis] + a[axis + 1 :] != b[:axis] + b[axis + 1 :]:
        raise ValueError(
            f"take_along_axis: x and i differ beside axis {axis} (x: {a}, i: {b}); broadcast them"
        )
    if i.__class__ is np.ndarray and i.size and not (-a[axis] <= i.min() and i.max() < a[axis]):
        wrong = i[(i < -a[axis]) | (i >= a[axis])].flat[0]
        raise IndexError(
            f"take_along_axis: index {wrong} is out of range for axis {axis} of x: {a}"
        )
    return b


def _batch_of_all(primitive):
    """The batch rule where every operand gets the batch, and the axis moves one on."""

    def batch(args, batched, axis):
        n = batch_size(args, batched)
        rows = [with_batch(a, flag, n) for a, flag in zip(args, batched, strict=True)]
        return primitive()(*rows, axis=axis + 1)

    return batch


# z[..., j, ...] = x[..., i[..., j, ...], ...] along `axis`
take_along_axis = linear(
    "take_along_axis",
    lambda x, i, *, axis: np.take_along_axis(x, i, axis),
    shape=_along_shape,
    dtype=lambda x, i, *, axis: x.dtype,
    transpose={
        "x": lambda gz, i, x_shape, axis: add_along_axis(zeros(gz, x_shape), i, gz, axis=axis)
    },
    batch=_batch_of_all(lambda: take_along_axis),
)


def _mesh(i, axis):
    """The index arrays of all axes for which x[mesh] is take_along_axis(x, i)."""
    mesh = []
    for a, n in enumerate(i.shape):
        counting = np.cumsum(np.ones_like(i, shape=(n,))) - 1
        mesh.append(i if a == axis else counting.reshape((-1,) + (1,) * (i.ndim - a - 1)))
    return tuple(mesh)


def _add_along_axis(x, i, v, *, axis):
    z = np.copy(x)
    accumulate(z, _mesh(i, axis), v)
    return z


def _add_along_shape(x, i, v, *, axis):
    wanted = _along_shape(x, i, axis=axis)
    if tuple(v.shape) != wanted:
        raise ValueError(
            f"add_along_axis: i and the values differ in shape (i: {wanted}, v: {tuple(v.shape)})"
        )
    return x.shape


# z = x with v[..., j, ...] added at z[..., i[..., j, ...], ...]
add_along_axis = linear(
    "add_along_axis",
    _add_along_axis,
    shape=_add_along_shape,
    dtype=lambda x, i, v, *, axis: x.dtype,
    transpose={"x": lambda gz: gz, "v": lambda gz, i, axis: take_along_axis(gz, i, axis=axis)},
    batch=_batch_of_all(lambda: add_along_axis),
)


def _searchsorted(x, y, *, side, rows):
    if not rows:
        return np.searchsorted(x, y, side)
    n = math.prod(x.shape[:rows])
    if not n:
        return np.zeros_like(y, dtype=np.int64)
    pairs = zip(x.reshape(n, x.shape[-1]), y.reshape(n, *y.shape[rows:]), strict=True)
    return np.stack([np.searchsorted(a, b, side) for a, b in pairs]).reshape(y.shape)


def _searchsorted_shape(x, y, *, side, rows):
    if len(x.shape) != rows + 1:
        raise ValueError(f"searchsorted: a sorted vector is needed (x: {tuple(x.shape)})")
    return y.shape


def _searchsorted_batch(args, batched, side, rows):
    if not batched[0] and not rows:  # more entries to look up in the same vector
        return searchsorted(*args, side=side, rows=0)
    n = batch_size(args, batched)
    x, y = [with_batch(a, flag, n) for a, flag in zip(args, batched, strict=True)]
    return searchsorted(x, y, side=side, rows=rows + 1)


# where each entry of y would go in the sorted x (one x per leading `rows` axes); piecewise constant
searchsorted = Primitive(
    "searchsorted",
    _searchsorted,
    shape=_searchsorted_shape,
    dtype=np.dtype(np.int64),
    jvp=0,
    vjp=0,
    batch=_searchsorted_batch,
)
