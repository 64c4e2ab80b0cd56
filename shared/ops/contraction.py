"""NumPy's products of arrays: matmul and its relatives, diagonals and traces."""

import math

from ..primitives import contraction
from ..primitives.indexing import getitem, place
from ..primitives.reduction import sum as reduce_sum
from ..primitives.shape import reshape, transpose
from .axes import array, axes_of, axis_of, one_dtype
from .complex import conj
from .elementwise import multiply
from .promotion import promote_pair, with_rank
from .reductions import sum


def matmul(x1, x2, /):
    """The matrix product; of stacks of matrices, which broadcast; a vector is a row or a column.

    >>> matmul(np.ones((2, 3)), np.ones(3))
    array([3., 3.])
    """
    try:
        if x1.dtype == x2.dtype and len(x1.shape) == 2 and len(x2.shape) == 2:
            return contraction.matmul(x1, x2)
    except AttributeError:  # a list
        pass
    x, y = one_dtype("matmul", x1, x2)
    m, n = len(x.shape), len(y.shape)
    if m == 2 and n == 2:
        return contraction.matmul(x, y)
    if not m or not n:
        raise ValueError(
            f"matmul: a scalar is no matrix; multiply with * (x: {x.shape}, y: {y.shape})"
        )
    if m == 1 or n == 1:
        return _with_vector(x, y)
    if n == 2 and x.shape[-1] == y.shape[0]:  # one product for the whole stack
        rows = reshape(x, shape=(math.prod(x.shape[:-1]), x.shape[-1]))
        return reshape(contraction.matmul(rows, y), shape=(*x.shape[:-1], y.shape[1]))
    rank = max(m, n)
    return contraction.matmul(with_rank(x, rank), with_rank(y, rank))


def _with_vector(x, y):
    """A vector x as a row, a vector y as a column, and the axes they add taken away."""
    row, column = len(x.shape) == 1, len(y.shape) == 1
    if x.shape[-1] != y.shape[0 if column else -2]:
        raise ValueError(
            f"matmul: x has {x.shape[-1]} columns but y has {y.shape[0 if column else -2]} rows "
            f"(x: {tuple(x.shape)}, y: {tuple(y.shape)})"
        )
    a = reshape(x, shape=(1, *x.shape)) if row else x
    b = reshape(y, shape=(*y.shape, 1)) if column else y
    z = matmul(a, b)
    if row and column:
        return getitem(z, key=(0, 0))
    return reshape(z, shape=z.shape[:-1] if column else (*z.shape[:-2], z.shape[-1]))


def dot(a, b, out=None):
    """Of vectors the sum of products, of matrices their product; scalars multiply.

    In general a sum over the last axis of a and the last but one of b.

    >>> dot(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    np.float64(11.0)
    """
    x, y = one_dtype("dot", a, b)
    if not x.shape or not y.shape:
        return multiply(x, y)
    if len(x.shape) <= 2 and len(y.shape) <= 2:
        return matmul(x, y)
    return tensordot(x, y, (-1, -2 if len(y.shape) > 1 else -1))


def inner(a, b, /):
    """The sum of products over the last axes; scalars multiply.

    >>> inner(np.ones((2, 3)), np.ones((4, 3))).shape
    (2, 4)
    """
    x, y = one_dtype("inner", a, b)
    return tensordot(x, y, (-1, -1)) if x.shape and y.shape else multiply(x, y)


def outer(a, b, out=None):
    """z[i, j] = a[i] b[j], of all entries.

    >>> outer(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    array([[3., 4.],
           [6., 8.]])
    """
    x, y = one_dtype("outer", a, b)
    x = reshape(x, shape=(math.prod(x.shape), 1))
    return multiply(x, reshape(y, shape=(1, math.prod(y.shape))))


def vdot(a, b, /):
    """The sum of conj(a) b over all entries.

    >>> vdot(np.array([1j, 2.0]), np.array([1j, 1.0]))
    np.complex128(3+0j)
    """
    x, y = one_dtype("vdot", a, b)
    x, y = [reshape(v, shape=(math.prod(v.shape),)) for v in (x, y)]
    return matmul(_conjugate(x), y)


def _conjugate(x):
    return conj(x) if x.dtype.kind == "c" else x


def vecdot(x1, x2, /, axis=-1):
    """The sum of conj(x1) x2 along an axis.

    >>> vecdot(np.ones((2, 3)), np.ones((2, 3)))
    array([3., 3.])
    """
    x, y = promote_pair(*one_dtype("vecdot", x1, x2))
    axis = axis_of("vecdot", axis, x.shape)
    if x.shape[axis] != y.shape[axis]:
        raise ValueError(
            f"vecdot: x has {x.shape[axis]} entries along axis {axis} but y has {y.shape[axis]} "
            f"(x: {x.shape}, y: {y.shape})"
        )
    return reduce_sum(multiply(_conjugate(x), y), axis=(axis,), keepdims=False)


def matvec(x1, x2, /):
    """z[..., i] = sum_j x1[..., i, j] x2[..., j].

    >>> matvec(np.ones((2, 3)), np.ones(3))
    array([3., 3.])
    """
    x, y = one_dtype("matvec", x1, x2)
    z = matmul(x, reshape(y, shape=(*y.shape, 1)))
    return reshape(z, shape=z.shape[:-1])


def vecmat(x1, x2, /):
    """z[..., j] = sum_i conj(x1[..., i]) x2[..., i, j].

    >>> vecmat(np.ones(2), np.ones((2, 3)))
    array([2., 2., 2.])
    """
    x, y = one_dtype("vecmat", x1, x2)
    z = matmul(_conjugate(reshape(x, shape=(*x.shape[:-1], 1, x.shape[-1]))), y)
    return reshape(z, shape=(*z.shape[:-2], z.shape[-1]))


def tensordot(a, b, axes=2):
    """The sum of products over pairs of axes: the last `axes` of a and first of b, or two lists.

    >>> tensordot(np.ones((2, 3)), np.ones((3, 4)), axes=1).shape
    (2, 4)
    """
    x, y = one_dtype("tensordot", a, b)
    if not isinstance(axes, (tuple, list)):
        n = int(axes)
        if n > min(len(x.shape), len(y.shape)):
            raise ValueError(
                f"tensordot: {n} axes cannot be contracted (x: {x.shape}, y: {y.shape})"
            )
        axes = (range(len(x.shape) - n, len(x.shape)), range(n))
    pairs = [tuple(c) if hasattr(c, "__len__") else (c,) for c in axes]
    contract = tuple(axes_of("tensordot", c, v.shape) for c, v in zip(pairs, (x, y), strict=True))
    return contraction.dot_general(x, y, contract=contract, batch=((), ()))


def dot_general(x, y, dimension_numbers, precision=None, preferred_element_type=None):
    """jax.lax's: ((contracted axes of x, of y), (batch axes of x, of y)).

    The result has the batch axes, then what is left of x, then what is left of y.

    >>> dot_general(np.ones((5, 2, 3)), np.ones((5, 3, 4)), (((2,), (1,)), ((0,), (0,)))).shape
    (5, 2, 4)
    """
    x, y = one_dtype("dot_general", x, y)
    contract, batch = [
        tuple(
            [axes_of("dot_general", tuple(c), v.shape) for c, v in zip(pair, (x, y), strict=True)]
        )
        for pair in dimension_numbers
    ]
    return contraction.dot_general(x, y, contract=contract, batch=batch)


def kron(a, b):
    """The Kronecker product: each entry of a times the whole of b.

    >>> kron(np.array([1.0, 10.0]), np.array([1.0, 2.0]))
    array([ 1.,  2., 10., 20.])
    """
    x, y = one_dtype("kron", a, b)
    rank = max(len(x.shape), len(y.shape))
    x, y = with_rank(x, rank), with_rank(y, rank)
    x_wide = reshape(x, shape=tuple([m for n in x.shape for m in (n, 1)]))
    y_wide = reshape(y, shape=tuple([m for n in y.shape for m in (1, n)]))
    shape = tuple([n * m for n, m in zip(x.shape, y.shape, strict=True)])
    return reshape(multiply(x_wide, y_wide), shape=shape)


def _diagonal_slice(rows, columns, offset):
    """Where the diagonal lies among the entries of a matrix in C order."""
    start = offset if offset >= 0 else -offset * columns
    count = max(min(rows + min(offset, 0), columns - max(offset, 0)), 0)
    return (start, start + count * (columns + 1) - columns if count else start, columns + 1)


def diagonal(a, offset=0, axis1=0, axis2=1):
    """The entries a[..., i, i + offset] of two axes, along a new last axis.

    >>> diagonal(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([1., 4.])
    """
    x = array(a, "diagonal")
    if len(x.shape) < 2:
        raise ValueError(f"diagonal: x has no two axes (x: {tuple(x.shape)})")
    pair = axes_of("diagonal", (axis1, axis2), x.shape)
    kept = tuple([i for i in range(len(x.shape)) if i not in pair])
    return last_diagonal(transpose(x, axes=kept + pair), offset)


def last_diagonal(x, offset=0):
    """The diagonal of the last two axes."""
    *lead, rows, columns = x.shape
    flat = reshape(x, shape=(*lead, rows * columns))
    whole = [(0, n, 1) for n in lead]
    return getitem(flat, key=(*whole, _diagonal_slice(rows, columns, int(offset))))


def trace(a, offset=0, axis1=0, axis2=1, dtype=None, out=None):
    """The sum of the diagonal.

    >>> trace(np.array([[1.0, 2.0], [3.0, 4.0]]))
    np.float64(5.0)
    """
    return sum(diagonal(a, offset, axis1, axis2), axis=-1, dtype=dtype, out=out)


def diag(v, k=0):
    """The matrix with the vector v on its k-th diagonal; of a matrix that diagonal.

    >>> diag(np.array([1.0, 2.0]))
    array([[1., 0.],
           [0., 2.]])
    """
    x = array(v, "diag")
    if len(x.shape) == 2:
        return diagonal(x, k)
    if len(x.shape) != 1:
        raise ValueError(f"diag: a vector or a matrix is needed (x: {tuple(x.shape)})")
    n = x.shape[0] + abs(k)
    flat = place(x, key=(_diagonal_slice(n, n, int(k)),), shape=(n * n,))
    return reshape(flat, shape=(n, n))


def diagflat(v, k=0):
    """The matrix with all entries of v on its k-th diagonal.

    >>> diagflat(np.ones((1, 2))).shape
    (2, 2)
    """
    x = array(v, "diagflat")
    return diag(reshape(x, shape=(math.prod(x.shape),)), k)
