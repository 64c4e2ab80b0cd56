"""Differences between neighbours, and the trapezoidal sum over them."""

from .axes import array, axis_of, beside
from .comparison import not_equal
from .elementwise import subtract
from .indexing import getitem
from .joining import concatenate
from .promotion import inexact
from .reductions import sum
from .shape import broadcast_to, ravel, reshape


def _neighbours(x, axis):
    """(x without its last, x without its first entry) along an axis."""
    before = (slice(None),) * axis
    return getitem(x, (*before, slice(None, -1))), getitem(x, (*before, slice(1, None)))


def diff(a, n=1, axis=-1, prepend=None, append=None):
    """x[i + 1] - x[i] along an axis, n times over; of booleans whether they differ.

    >>> diff(np.array([1.0, 4.0, 9.0]))
    array([3., 5.])
    """
    x = array(a, "diff")
    if n < 0:
        raise ValueError(f"diff: n is negative: {n}")
    axis = axis_of("diff", axis, x.shape)
    ends = [_end(e, x, axis) for e in (prepend, append)]
    if prepend is not None or append is not None:
        x = concatenate([e for e in (ends[0], x, ends[1]) if e is not None], axis=axis)
    for _ in range(n):
        low, high = _neighbours(x, axis)
        x = not_equal(high, low) if x.dtype.kind == "b" else subtract(high, low)
    return x


def _end(values, x, axis):
    """What to join to x: a scalar fills one slice."""
    if values is None:
        return None
    v = values if hasattr(values, "dtype") else beside(x, array(values, "diff"))
    return v if v.shape else broadcast_to(v, (*x.shape[:axis], 1, *x.shape[axis + 1 :]))


def ediff1d(ary, to_end=None, to_begin=None):
    """x[i + 1] - x[i] over all entries in C order, between to_begin and to_end.

    >>> ediff1d(np.array([1.0, 4.0, 9.0]), to_end=0.0)
    array([3., 5., 0.])
    """
    x = array(ary, "ediff1d")
    parts = [to_begin, diff(ravel(x)), to_end]
    return concatenate([ravel(array(p, "ediff1d")) for p in parts if p is not None])


def trapezoid(y, x=None, dx=1.0, axis=-1):
    """The integral of y along an axis by the trapezoidal rule: over x, or in steps of dx.

    >>> trapezoid(np.array([1.0, 2.0, 3.0]))
    np.float64(4.0)
    """
    y = inexact(array(y, "trapezoid"))
    axis = axis_of("trapezoid", axis, y.shape)
    low, high = _neighbours(y, axis)
    if x is not None:
        dx = diff(x)
        if len(dx.shape) == 1:
            dx = reshape(dx, [-1 if i == axis else 1 for i in range(len(y.shape))])
    return sum((high + low) * dx, axis=axis) / 2
