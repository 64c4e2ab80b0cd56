"""torch's reductions: over one `dim`, a tuple of them, or all entries."""

from collections import namedtuple

from ...shared import ops
from ...shared.dispatch import Value
from ...shared.errors import describe
from ...shared.nn import softmax as softmaxes
from ..dtypes import int64
from .arguments import axis_of, pick, value

ValuesAndIndices = namedtuple("ValuesAndIndices", ("values", "indices"))
MinAndMax = namedtuple("MinAndMax", ("min", "max"))


def sum(input, dim=None, keepdim=False, *, dtype=None, axis=None, keepdims=False):
    """The sum of the entries; of booleans and integers in int64."""
    x = value(input)
    return ops.sum(x, pick(dim, axis), dtype or wide(x), keepdims=keepdim or keepdims)


def wide(x):
    """The dtype that sums and products of x have: int64 for all integers; None for its own."""
    return int64 if x.dtype.kind in "iub" else None


def prod(input, dim=None, keepdim=False, *, dtype=None, axis=None, keepdims=False):
    """The product of the entries; its gradient is exact where some are 0."""
    x = value(input)
    return ops.prod(x, pick(dim, axis), dtype or wide(x), keepdims=keepdim or keepdims)


def mean(input, dim=None, keepdim=False, *, dtype=None, axis=None, keepdims=False):
    """The mean of the entries. TypeError for integers, unless a dtype is given."""
    x = value(input) if dtype is not None else inexact("mean", value(input))
    return ops.mean(x, pick(dim, axis), dtype, keepdims=keepdim or keepdims)


def inexact(operation, x):
    """x, which is float or complex; else TypeError."""
    if x.dtype.kind not in "fc":
        raise TypeError(
            f"{operation}: that of {describe(x)} is no integer; convert it first, x.float()"
        )
    return x


def ordered(operation, x):
    """x, whose entries have an order; else TypeError."""
    if x.dtype.kind == "c":
        raise TypeError(
            f"{operation}: complex numbers have no order (input: {describe(x)}); take x.abs() or "
            "a part"
        )
    return x


def var(
    input, dim=None, unbiased=None, keepdim=False, *, correction=None, axis=None, keepdims=False
):
    """The mean of |x - mean(x)|², with n - correction in place of n; correction is 1 by default.

    unbiased: True and False are corrections of 1 and 0.
    """
    options = {"correction": correction, "axis": axis, "keepdims": keepdims}
    return spread("var", ops.var, input, dim, unbiased, keepdim, **options)


def spread(operation, function, input, dim, unbiased, keepdim, correction, axis, keepdims):
    """NumPy's var or std, with torch's arguments."""
    if isinstance(dim, bool):  # x.var(False)
        dim, unbiased = None, dim
    if correction is None:
        correction = 1 if unbiased is None else int(unbiased)
    x = inexact(operation, value(input))
    return function(x, pick(dim, axis), keepdims=keepdim or keepdims, ddof=correction)


def std(
    input, dim=None, unbiased=None, keepdim=False, *, correction=None, axis=None, keepdims=False
):
    """The square root of var, with its arguments; the gradient is 0 where the variance is 0."""
    options = {"correction": correction, "axis": axis, "keepdims": keepdims}
    return spread("std", ops.std, input, dim, unbiased, keepdim, **options)


def var_mean(input, dim=None, **options):
    """(var, mean)."""
    keepdim = options.get("keepdim", False)
    return var(input, dim, **options), mean(input, dim, keepdim)


def std_mean(input, dim=None, **options):
    """(std, mean)."""
    keepdim = options.get("keepdim", False)
    return std(input, dim, **options), mean(input, dim, keepdim)


def _extremum(operation, reduce, place, pairwise, input, dim, keepdim):
    x = ordered(operation, value(input))
    if dim is None:
        return reduce(x)
    if isinstance(dim, Value):
        return pairwise(x, dim)
    axis = axis_of(operation, dim, max_rank(x))
    if not x.shape:
        return ValuesAndIndices(x, place(x))
    indices = place(x, axis, keepdims=True)
    values = ops.take_along_axis(x, indices, axis)
    if keepdim:
        return ValuesAndIndices(values, indices)
    return ValuesAndIndices(ops.squeeze(values, axis), ops.squeeze(indices, axis))


def max_rank(x):
    """The number of axes by which a dim is counted: a Tensor without any takes dim 0 and -1."""
    return len(x.shape) or 1


def max(input, dim=None, keepdim=False, *, axis=None, keepdims=False):
    """The largest entry; with a dim, (values, indices); with a Tensor for dim, the larger ones.

    Over all entries ties share the gradient equally; along a dim the entry of the index takes it.
    """
    dim, keepdim = pick(dim, axis), keepdim or keepdims
    return _extremum("max", ops.max, ops.argmax, ops.maximum, input, dim, keepdim)


def min(input, dim=None, keepdim=False, *, axis=None, keepdims=False):
    """The smallest entry; with a dim, (values, indices); with a Tensor for dim, the smaller ones.

    Over all entries ties share the gradient equally; along a dim the entry of the index takes it.
    """
    dim, keepdim = pick(dim, axis), keepdim or keepdims
    return _extremum("min", ops.min, ops.argmin, ops.minimum, input, dim, keepdim)


def amax(input, dim=None, keepdim=False, *, axis=None, keepdims=False):
    """The largest entry; ties share the gradient equally."""
    x = ordered("amax", value(input))
    return ops.max(x, pick(dim, axis), keepdims=keepdim or keepdims)


def amin(input, dim=None, keepdim=False, *, axis=None, keepdims=False):
    """The smallest entry; ties share the gradient equally."""
    x = ordered("amin", value(input))
    return ops.min(x, pick(dim, axis), keepdims=keepdim or keepdims)


def aminmax(input, *, dim=None, keepdim=False):
    """(min, max), as amin and amax give them."""
    return MinAndMax(amin(input, dim, keepdim), amax(input, dim, keepdim))


def argmax(input, dim=None, keepdim=False, *, axis=None, keepdims=False):
    """The place of the first largest entry, without a dim in the flattened Tensor."""
    x = ordered("argmax", value(input))
    return ops.argmax(x, pick(dim, axis), keepdims=keepdim or keepdims)


def argmin(input, dim=None, keepdim=False, *, axis=None, keepdims=False):
    """The place of the first smallest entry, without a dim in the flattened Tensor."""
    x = ordered("argmin", value(input))
    return ops.argmin(x, pick(dim, axis), keepdims=keepdim or keepdims)


def all(input, dim=None, keepdim=False, *, axis=None, keepdims=False):
    """True where no entry is 0."""
    return ops.all(value(input), pick(dim, axis), keepdims=keepdim or keepdims)


def any(input, dim=None, keepdim=False, *, axis=None, keepdims=False):
    """True where some entry is not 0."""
    return ops.any(value(input), pick(dim, axis), keepdims=keepdim or keepdims)


def count_nonzero(input, dim=None):
    """The number of entries that are not 0."""
    return ops.count_nonzero(value(input), dim)


def nansum(input, dim=None, keepdim=False):
    """The sum of the entries that are not NaN."""
    x = value(input)
    return ops.sum(ops.where(ops.isnan(x), 0, x), dim, keepdims=keepdim)


def nanmean(input, dim=None, keepdim=False):
    """The mean of the entries that are not NaN."""
    x = value(input)
    n = ops.sum(ops.logical_not(ops.isnan(x)), dim, keepdims=keepdim)
    return ops.divide(nansum(x, dim, keepdim), ops.astype(n, x.dtype))


def logsumexp(input, dim, keepdim=False):
    """log(sum(exp(x))) without overflow."""
    return ops.logsumexp(value(input), dim, keepdims=keepdim)


def softmax(input, dim, dtype=None):
    """exp(x) / sum(exp(x)) along a dim."""
    x = value(input)
    return softmaxes.softmax(x if dtype is None else ops.astype(x, dtype), dim)


def log_softmax(input, dim, dtype=None):
    """log(softmax(x)), accurate where softmax(x) is tiny."""
    x = value(input)
    return softmaxes.log_softmax(x if dtype is None else ops.astype(x, dtype), dim)


def cumsum(input, dim, *, dtype=None):
    """The running sums along a dim."""
    x = value(input)
    return ops.cumsum(x, dim, dtype or wide(x))


def cumprod(input, dim, *, dtype=None):
    """The running products along a dim; the gradient is exact with zeros."""
    x = value(input)
    return ops.cumprod(x, dim, dtype or wide(x))


def norm(input, p="fro", dim=None, keepdim=False, dtype=None):
    """(sum |x|^p)^(1/p); 'fro' is p = 2, inf and -inf the extrema of |x|, 0 counts what is not 0.

    The gradient at 0 is 0.
    """
    x = value(input)
    x = x if dtype is None else ops.astype(x, dtype)
    p = 2 if p in ("fro", None) else p
    return ops.vector_norm(x, axis=dim, keepdims=keepdim, ord=p, operation="norm")


def median(input, dim=None, keepdim=False):
    """The middle entry, the lower one of two; with a dim, (values, indices)."""
    x = value(input)
    flat = dim is None
    if flat:
        x, dim = ops.ravel(x), 0
    axis = axis_of("median", dim, max_rank(x))
    found = kth(x, (x.shape[axis] - 1) // 2, axis, keepdim)
    return found.values if flat else found


def kthvalue(input, k, dim=-1, keepdim=False):
    """(values, indices) of the k-th smallest entry along a dim, k from 1."""
    x = value(input)
    axis = axis_of("kthvalue", dim, max_rank(x))
    if not 1 <= k <= x.shape[axis]:
        raise ValueError(
            f"kthvalue: k is {k}, but dim {dim} has {x.shape[axis]} entries "
            f"(input: {tuple(x.shape)})"
        )
    return kth(x, k - 1, axis, keepdim)


def kth(x, k, axis, keepdim):
    """(values, indices) of the entry of rank k along an axis."""
    order = ops.argsort(x, axis)
    indices = order[(slice(None),) * axis + (slice(k, k + 1),)]
    values = ops.take_along_axis(x, indices, axis)
    if keepdim:
        return ValuesAndIndices(values, indices)
    return ValuesAndIndices(ops.squeeze(values, axis), ops.squeeze(indices, axis))
