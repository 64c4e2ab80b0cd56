"""NumPy's sorting and searching. Sorting is stable; what is sorted takes its derivative along."""

import math

from ..primitives import sorting
from ..primitives.shape import flip, reshape
from .axes import array, axis_of, beside, one_dtype


def _along(operation, a, axis):
    x = array(a, operation)
    if axis is None:
        return reshape(x, shape=(math.prod(x.shape),)), 0
    return x, axis_of(operation, axis, x.shape)


def sort(a, axis=-1, kind=None, order=None, *, stable=None, descending=False):
    """The entries in ascending order along an axis (None: all of them, as a vector).

    >>> sort(np.array([3.0, 1.0, 2.0]))
    array([1., 2., 3.])
    """
    x, axis = _along("sort", a, axis)
    z = sorting.sort(x, axis=axis)
    return flip(z, axes=(axis,)) if descending else z


def argsort(a, axis=-1, kind=None, order=None, *, stable=None, descending=False):
    """The places of the entries in ascending order, equal ones as they stood; derivative 0.

    >>> argsort(np.array([3.0, 1.0, 2.0]))
    array([1, 2, 0])
    """
    x, axis = _along("argsort", a, axis)
    if not descending:
        return sorting.argsort(x, axis=axis)
    last = x.shape[axis] - 1  # from the end, so that equal entries keep their order
    places = last - sorting.argsort(flip(x, axes=(axis,)), axis=axis)
    return flip(places, axes=(axis,))


def partition(a, kth, axis=-1, kind=None, order=None):
    """The entries with the kth in its sorted place and no larger ones before it: here, all sorted.

    >>> partition(np.array([3.0, 1.0, 2.0]), 1)[1]
    np.float64(2.0)
    """
    return sort(a, axis)


def argpartition(a, kth, axis=-1, kind=None, order=None):
    """The places of the entries as partition puts them; derivative 0.

    >>> argpartition(np.array([3.0, 1.0, 2.0]), 1)[1]
    np.int64(2)
    """
    return argsort(a, axis)


def searchsorted(a, v, side="left", sorter=None):
    """Where each entry of v would go in the sorted vector a: before its equals, or 'right' of them.

    >>> searchsorted(np.array([1.0, 2.0, 3.0]), 2.5)
    np.int64(2)
    """
    x = array(a, "searchsorted")
    y = v if hasattr(v, "dtype") else beside(x, array(v, "searchsorted"))
    if len(x.shape) != 1:
        raise ValueError(f"searchsorted: a sorted vector is needed (x: {tuple(x.shape)})")
    if side not in ("left", "right"):
        raise ValueError(f"searchsorted: side {side!r} is neither 'left' nor 'right'")
    if sorter is not None:
        x = sorting.take_along_axis(x, array(sorter, "searchsorted"), axis=0)
    x, y = one_dtype("searchsorted", x, y)
    return sorting.searchsorted(x, y, side=side, rows=0)
