"""torch's products of matrices and vectors."""

from ...shared import ops
from .arguments import value, values


def matmul(input, other):
    """Matrix products over the last two axes, the others broadcast; vectors as rows and columns."""
    return ops.matmul(*values((input, other)))


def _ranked(operation, ranks, *tensors):
    """The Tensors, which must have these numbers of axes."""
    xs = [value(x) for x in tensors]
    if any(len(x.shape) != rank for x, rank in zip(xs, ranks, strict=True)):
        shapes = " and ".join(str(tuple(x.shape)) for x in xs)
        raise ValueError(
            f"{operation}: operands with {' and '.join(map(str, ranks))} axes are needed, but they "
            f"are {shapes}; matmul takes others"
        )
    return xs


def mm(input, mat2):
    """The product of two matrices."""
    return ops.matmul(*_ranked("mm", (2, 2), input, mat2))


def bmm(input, mat2):
    """The products of two batches of matrices."""
    return ops.matmul(*_ranked("bmm", (3, 3), input, mat2))


def mv(input, vec):
    """The product of a matrix and a vector."""
    return ops.matmul(*_ranked("mv", (2, 1), input, vec))


def dot(input, tensor):
    """The sum of the products of two vectors, neither conjugated."""
    return ops.matmul(*_ranked("dot", (1, 1), input, tensor))


def vdot(input, other):
    """The sum of the products of two vectors, the first conjugated."""
    return ops.vdot(*_ranked("vdot", (1, 1), input, other))


def inner(input, other):
    """The sums of products over the last axes of both."""
    return ops.inner(*values((input, other)))


def outer(input, vec2):
    """All products of the entries of two vectors."""
    return ops.outer(*_ranked("outer", (1, 1), input, vec2))


def tensordot(a, b, dims=2):
    """The sums of products over the last `dims` axes of a and the first of b, or those listed."""
    return ops.tensordot(*values((a, b)), dims)


def einsum(equation, *operands):
    """Sums of products, written in indices.

    >>> import wonderland.oop as oop
    >>> oop.einsum("ij,jk->ik", oop.ones(2, 3), oop.ones(3, 4)).shape
    (2, 4)
    """
    if len(operands) == 1 and isinstance(operands[0], (tuple, list)):
        operands = operands[0]
    return ops.einsum(equation, *values(tuple(operands)))


def kron(input, other):
    """Kronecker's product: every entry of the one times the whole of the other."""
    return ops.kron(*values((input, other)))


def trace(input):
    """The sum of the diagonal of a matrix."""
    return ops.trace(_ranked("trace", (2,), input)[0])


def addmm(input, mat1, mat2, *, beta=1, alpha=1):
    """beta input + alpha mat1 mat2."""
    return _plus(input, mm(mat1, mat2), beta, alpha)


def addmv(input, mat, vec, *, beta=1, alpha=1):
    """beta input + alpha mat vec."""
    return _plus(input, mv(mat, vec), beta, alpha)


def baddbmm(input, batch1, batch2, *, beta=1, alpha=1):
    """beta input + alpha batch1 batch2, for each of a batch."""
    return _plus(input, bmm(batch1, batch2), beta, alpha)


def _plus(input, product, beta, alpha):
    product = product if alpha == 1 else alpha * product
    if beta == 0:  # then not even a NaN of the input counts
        return product
    return (input if beta == 1 else beta * input) + product


ger = outer
