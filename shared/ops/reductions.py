"""NumPy's reductions: sums, products, extrema, means and variances.

axis: None for all, an integer or a tuple, negative ones from the end. Entries that tie for a
maximum or minimum share its derivative equally.
"""

import math

import numpy as np

from ..dispatch import bottom
from ..primitives import comparison, product, reduction
from ..primitives.arithmetic import length
from ..primitives.shape import reshape, transpose
from .axes import EVERY, array, axes_of, axis_of, refuse
from .complex import conj, real
from .elementwise import add, divide, multiply
from .indexing import getitem
from .joining import concatenate
from .promotion import astype, inexact
from .selection import maximum, minimum
from .sorting import sort


def _summand(operation, a, dtype, out, where):
    """a as sums and products take it: small integers widened, as in NumPy."""
    if out is not None or where is not True:
        refuse(operation, out=out, where=where)
    x = array(a, operation)
    if dtype is not None:
        return astype(x, dtype)
    kind = x.dtype.kind
    if kind in "iub":
        return astype(x, np.result_type(x.dtype, np.uint64 if kind == "u" else np.int64))
    return x


def sum(a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=True):
    """The sum of the entries along the axes.

    >>> sum(np.ones((2, 3)), axis=0)
    array([2., 2., 2.])
    """
    if axis is None and dtype is None and out is None and initial is None and where is True:
        try:  # the usual call, without detours
            if a.dtype.kind in "fc":
                return reduction.sum(a, axis=EVERY[len(a.shape)], keepdims=bool(keepdims))
        except AttributeError:
            pass
    x = _summand("sum", a, dtype, out, where)
    z = reduction.sum(x, axis=axes_of("sum", axis, x.shape), keepdims=bool(keepdims))
    return z if initial is None else add(z, initial)


def prod(a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=True):
    """The product of the entries along the axes; its derivative is exact where entries are 0.

    >>> prod(np.array([2.0, 3.0, 4.0]))
    np.float64(24.0)
    """
    x = _summand("prod", a, dtype, out, where)
    z = product.prod(x, axis=axes_of("prod", axis, x.shape), keepdims=bool(keepdims))
    return z if initial is None else multiply(z, initial)


def max(a, axis=None, out=None, keepdims=False, initial=None, where=True):
    """The largest entry along the axes.

    >>> max(np.array([[1.0, 5.0], [2.0, 3.0]]), axis=1)
    array([5., 3.])
    """
    return _extremum("max", reduction.max, maximum, a, axis, (out, keepdims, initial, where))


def min(a, axis=None, out=None, keepdims=False, initial=None, where=True):
    """The smallest entry along the axes.

    >>> min(np.array([[1.0, 5.0], [2.0, 3.0]]), axis=1)
    array([1., 2.])
    """
    return _extremum("min", reduction.min, minimum, a, axis, (out, keepdims, initial, where))


def _extremum(operation, primitive, pairwise, a, axis, options):
    out, keepdims, initial, where = options
    if out is not None or where is not True:
        refuse(operation, out=out, where=where)
    x = array(a, operation)
    axis, keepdims = axes_of(operation, axis, x.shape), bool(keepdims)
    if initial is not None and not reduction.count(x.shape, axis):
        shape = reduction.reduced_shape(operation)(x, axis=axis, keepdims=keepdims)
        return np.full_like(bottom(x), initial, shape=shape, dtype=x.dtype)
    z = primitive(x, axis=axis, keepdims=keepdims)
    return z if initial is None else pairwise(z, initial)


amax, amin = max, min


def ptp(a, axis=None, out=None, keepdims=False):
    """The largest entry less the smallest.

    >>> ptp(np.array([1.0, 4.0, 2.0]))
    np.float64(3.0)
    """
    refuse("ptp", out=out)
    x = array(a, "ptp")
    return max(x, axis, keepdims=keepdims) - min(x, axis, keepdims=keepdims)


def mean(a, axis=None, dtype=None, out=None, keepdims=False, *, where=True):
    """The mean of the entries along the axes; of integers a float.

    >>> mean(np.array([[1.0, 2.0], [3.0, 6.0]]), axis=1)
    array([1.5, 4.5])
    """
    if axis is None and dtype is None and out is None and where is True:
        try:  # the usual call, without detours
            if a.dtype.kind in "fc":
                return reduction.mean(a, axis=EVERY[len(a.shape)], keepdims=bool(keepdims))
        except AttributeError:
            pass
    x = _average("mean", a, dtype, out, where)
    return reduction.mean(x, axis=axes_of("mean", axis, x.shape), keepdims=bool(keepdims))


def _average(operation, a, dtype, out, where):
    """a as means take it: integers become float64, as in NumPy."""
    if out is not None or where is not True:
        refuse(operation, out=out, where=where)
    x = array(a, operation)
    if dtype is not None:
        return astype(x, dtype)
    if x.dtype.kind in "fc":
        return x
    return inexact(astype(x, np.int64))


def average(a, axis=None, weights=None, returned=False, *, keepdims=False):
    """The mean, each entry weighted; weights: of a's shape, or a vector along one axis.

    >>> average(np.array([1.0, 3.0]), weights=np.array([3.0, 1.0]))
    np.float64(1.5)
    """
    x = _average("average", a, None, None, True)
    if weights is None:
        z = mean(x, axis, keepdims=keepdims)
        total = reduction.count(x.shape, axes_of("average", axis, x.shape))
        return (z, np.full_like(bottom(z), total, shape=z.shape, dtype=z.dtype)) if returned else z
    w = array(weights, "average")
    if w.shape != x.shape:
        if len(w.shape) != 1 or axis is None or w.shape[0] != x.shape[axis]:
            raise ValueError(
                f"average: the weights fit neither x nor one axis of it "
                f"(x: {x.shape}, weights: {w.shape}, axis: {axis})"
            )
        axis = axis_of("average", axis, x.shape)
        w = reshape(w, shape=tuple(n if i == axis else 1 for i, n in enumerate(x.shape)))
    total = sum(w, axis, keepdims=keepdims)
    z = sum(multiply(x, w), axis, keepdims=keepdims) / total
    if not returned:
        return z
    return z, total if total.shape == z.shape else reduction.broadcast_to(total, shape=z.shape)


def var(
    a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=True, mean=None,
    correction=None,
):  # fmt: skip
    """The mean of |x - mean(x)|², with n - ddof in place of n.

    >>> var(np.array([1.0, 2.0, 3.0]), ddof=1)
    np.float64(1.0)
    """
    options = {"where": where, "mean": mean, "correction": correction}
    return _variance("var", a, axis, dtype, out, ddof, keepdims, **options)


def _variance(operation, a, axis, dtype, out, ddof, keepdims, where, mean, correction):
    x = _average(operation, a, dtype, out, where)
    axis = axes_of(operation, axis, x.shape)
    n = reduction.count(x.shape, axis) - (ddof if correction is None else correction)
    d = x - (reduction.mean(x, axis=axis, keepdims=True) if mean is None else mean)
    squares = real(d * conj(d)) if x.dtype.kind == "c" else d * d
    return divide(reduction.sum(squares, axis=axis, keepdims=bool(keepdims)), n)


def std(
    a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=True, mean=None,
    correction=None,
):  # fmt: skip
    """The square root of the variance; its derivative is 0 where the variance is 0.

    >>> std(np.array([1.0, 2.0, 3.0]), ddof=1)
    np.float64(1.0)
    """
    options = {"where": where, "mean": mean, "correction": correction}
    return length(_variance("std", a, axis, dtype, out, ddof, keepdims, **options))


def median(a, axis=None, out=None, overwrite_input=False, keepdims=False):
    """The middle of the sorted entries, or the mean of the two in the middle.

    >>> median(np.array([3.0, 1.0, 2.0]))
    np.float64(2.0)
    """
    refuse("median", out=out)
    x = _average("median", a, None, None, True)
    axis = axes_of("median", axis, x.shape)
    kept = tuple(i for i in range(len(x.shape)) if i not in axis)
    shape = tuple(x.shape[i] for i in kept)
    n = reduction.count(x.shape, axis)
    rows = sort(reshape(transpose(x, axes=kept + axis), shape=(*shape, n)))
    z = mean(getitem(rows, (..., slice((n - 1) // 2, n // 2 + 1))), axis=-1)
    return reshape(z, shape=reduction.expanded(x.shape, axis)) if keepdims else z


def argmax(a, axis=None, out=None, *, keepdims=False):
    """The place of the first largest entry, along an axis or in all; derivative 0.

    >>> argmax(np.array([1.0, 5.0, 2.0]))
    np.int64(1)
    """
    return _place("argmax", reduction.argmax, a, axis, out, keepdims)


def argmin(a, axis=None, out=None, *, keepdims=False):
    """The place of the first smallest entry, along an axis or in all; derivative 0.

    >>> argmin(np.array([4.0, 5.0, 2.0]))
    np.int64(2)
    """
    return _place("argmin", reduction.argmin, a, axis, out, keepdims)


def _place(operation, primitive, a, axis, out, keepdims):
    refuse(operation, out=out)
    x = array(a, operation)
    if axis is None:
        z = primitive(reshape(x, shape=(math.prod(x.shape),)), axis=0)
        return reshape(z, shape=(1,) * len(x.shape)) if keepdims else z
    axis = axis_of(operation, axis, x.shape)
    z = primitive(x, axis=axis)
    return reshape(z, shape=reduction.expanded(x.shape, (axis,))) if keepdims else z


def all(a, axis=None, out=None, keepdims=False, *, where=True):
    """True where no entry is 0.

    >>> all(np.array([[True, False], [True, True]]), axis=1)
    array([False,  True])
    """
    refuse("all", out=out, where=where)
    x = array(a, "all")
    return reduction.all(x, axis=axes_of("all", axis, x.shape), keepdims=bool(keepdims))


def any(a, axis=None, out=None, keepdims=False, *, where=True):
    """True where some entry is not 0.

    >>> any(np.array([[True, False], [False, False]]), axis=1)
    array([ True, False])
    """
    refuse("any", out=out, where=where)
    x = array(a, "any")
    return reduction.any(x, axis=axes_of("any", axis, x.shape), keepdims=bool(keepdims))


def count_nonzero(a, axis=None, *, keepdims=False):
    """The number of entries that are not 0.

    >>> count_nonzero(np.array([1.0, 0.0, 2.0]))
    np.int64(2)
    """
    return sum(comparison.not_equal(array(a, "count_nonzero"), 0), axis, keepdims=keepdims)


def logsumexp(a, axis=None, keepdims=False):
    """log(sum(exp(a))) without overflow; its derivative is softmax(a), 0 where all are -inf.

    >>> logsumexp(np.array([1000.0, 1000.0])) - 1000
    np.float64(0.6931471805...)
    """
    x = inexact(array(a, "logsumexp"))
    return reduction.logsumexp(x, axis=axes_of("logsumexp", axis, x.shape), keepdims=bool(keepdims))


def _running(operation, a, axis, dtype, out):
    x = _summand(operation, a, dtype, out, True)
    if axis is None:
        return reshape(x, shape=(math.prod(x.shape),)), 0
    return x, axis_of(operation, axis, x.shape)


def cumsum(a, axis=None, dtype=None, out=None):
    """The running sums along an axis, or of all entries in C order.

    >>> cumsum(np.array([1.0, 2.0, 3.0]))
    array([1., 3., 6.])
    """
    x, axis = _running("cumsum", a, axis, dtype, out)
    return product.cumsum(x, axis=axis, reverse=False)


def cumprod(a, axis=None, dtype=None, out=None):
    """The running products along an axis, or of all entries in C order; exact with zeros.

    >>> cumprod(np.array([1.0, 2.0, 3.0]))
    array([1., 2., 6.])
    """
    x, axis = _running("cumprod", a, axis, dtype, out)
    return product.cumprod(x, axis=axis)


def cumulative_sum(x, /, *, axis=None, dtype=None, out=None, include_initial=False):
    """The running sums along an axis, begun at 0 with include_initial.

    >>> cumulative_sum(np.array([1.0, 2.0]), include_initial=True)
    array([0., 1., 3.])
    """
    return _cumulative("cumulative_sum", cumsum, 0, x, axis, (dtype, out, include_initial))


def cumulative_prod(x, /, *, axis=None, dtype=None, out=None, include_initial=False):
    """The running products along an axis, begun at 1 with include_initial.

    >>> cumulative_prod(np.array([2.0, 3.0]))
    array([2., 6.])
    """
    return _cumulative("cumulative_prod", cumprod, 1, x, axis, (dtype, out, include_initial))


def _cumulative(operation, running, initial, x, axis, options):
    dtype, out, include_initial = options
    x = array(x, operation)
    if axis is None and len(x.shape) != 1:
        raise ValueError(f"{operation}: name the axis, as x has {len(x.shape)} (x: {x.shape})")
    axis = axis_of(operation, 0 if axis is None else axis, x.shape)
    z = running(x, axis, dtype, out)
    if not include_initial:
        return z
    head = (*x.shape[:axis], 1, *x.shape[axis + 1 :])
    start = np.full_like(bottom(z), initial, shape=head, dtype=z.dtype)
    return concatenate([start, z], axis=axis)
