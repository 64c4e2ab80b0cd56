"""Norms of vectors and matrices, under numpy.linalg's names. The derivative at 0 is 0."""

import numpy as np

from ..primitives.arithmetic import length
from .axes import array, axes_of
from .elementwise import absolute, power
from .promotion import astype, inexact
from .reductions import count_nonzero, max, min, sum
from .selection import where


def vector_norm(x, /, *, axis=None, keepdims=False, ord=2, operation="vector_norm"):
    """(sum |x|^ord)^(1/ord) over the axes, of all entries where axis is None.

    ord: inf and -inf are the extrema of |x|, 0 counts what is not 0.

    >>> vector_norm(np.array([3.0, 4.0]))
    np.float64(5.0)
    """
    x = inexact(array(x, operation))
    options = {"axis": axes_of(operation, axis, x.shape), "keepdims": keepdims}
    size = absolute(x)
    if ord == 2:
        return length(sum(size * size if x.dtype.kind == "c" else x * x, **options))
    if ord == np.inf:
        return max(size, **options)
    if ord == -np.inf:
        return min(size, **options)
    if ord == 0:
        return astype(count_nonzero(x, **options), size.dtype)
    if ord == 1:
        return sum(size, **options)
    if isinstance(ord, str):
        raise ValueError(f"{operation}: a vector has no norm {ord!r}; ord is a number")
    total = sum(power(size, ord), **options)
    zero = total == 0
    return where(zero, 0.0, power(where(zero, 1.0, total), 1 / ord))


def norm(x, ord=None, axis=None, keepdims=False):
    """The norm of all entries, of vectors along one axis, or of matrices in two axes.

    Without ord the square root of the sum of squares. Of a matrix: 'fro', or the largest (inf, 1)
    and smallest (-inf, -1) sum of |x| in a row or a column.

    >>> norm(np.array([[3.0, 4.0], [6.0, 8.0]]), axis=1)
    array([ 5., 10.])
    """
    x = array(x, "norm")
    axes = axes_of("norm", axis, x.shape)
    matrix = len(axes) == 2 and (axis is not None or ord is not None)
    if ord is None or (matrix and ord == "fro"):
        return vector_norm(x, axis=axis, keepdims=keepdims, operation="norm")
    if len(axes) > 2:
        raise ValueError(
            f"norm: ord {ord!r} is for vectors and matrices but x has {len(axes)} axes there "
            f"(x: {tuple(x.shape)}); name one or two by axis"
        )
    if matrix:
        row, column = axes_of("norm", axis, x.shape) if axis is None else axis
        return _of_matrix(x, ord, row % len(x.shape), column % len(x.shape), keepdims)
    return vector_norm(x, axis=axis, keepdims=keepdims, ord=ord, operation="norm")


def _of_matrix(x, ord, row, column, keepdims):
    if ord not in (np.inf, -np.inf, 1, -1):
        raise TypeError(
            f"norm: ord {ord!r} of a matrix needs singular values, which are not differentiable "
            "here; choose 'fro', inf, -inf, 1 or -1"
        )
    along, over = (column, row) if abs(ord) == np.inf else (row, column)
    sums = sum(absolute(inexact(x)), axis=along, keepdims=True)
    return (max if ord > 0 else min)(sums, axis=(along, over), keepdims=keepdims)
