"""What torch's functions take: Tensors, and `dim` under both its names."""

from ...shared.dispatch import Value
from ..tensor import constant


def value(x):
    """x as a Tensor, unless it is one, or a value of a functional transform."""
    return x if isinstance(x, Value) else constant(x)


def values(xs):
    """Several operands: Tensors, where not one is a Value."""
    return xs if any(isinstance(x, Value) for x in xs) else [constant(x) for x in xs]


def pick(dim, axis):
    """The axis under its two names."""
    return axis if dim is None else dim


def sizes(given):
    """x.view(2, 3) and x.view((2, 3)): the sizes as a tuple of ints."""
    if len(given) == 1 and hasattr(given[0], "__iter__"):
        given = given[0]
    return tuple([n.__index__() for n in given])


def axis_of(operation, dim, rank):
    """A dim as a non-negative int; IndexError where there is no such axis."""
    if not -rank <= dim < rank:
        raise IndexError(
            f"{operation}: dim {dim} is out of range for a Tensor with {rank} axes "
            f"(dim from {-rank} to {rank - 1})"
        )
    return dim % rank
