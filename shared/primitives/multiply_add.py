"""Sums of products, in one step.

The backward pass of a backward pass adds up many products gz * dz/dx; as single operations each
would be recorded, and the tape would be twice as long. `Terms` collects them, `multiply_add`
computes them.
"""

from ..cotangents import Terms
from .primitive import Primitive, broadcast_shape, leading_axes


def _kernel(*xs):
    total = xs[0] * xs[1]
    for i in range(2, len(xs), 2):
        total = total + xs[i] * xs[i + 1]
    return total


def _batch(args, batched):
    return multiply_add(*leading_axes(args, batched))


def _push(tangents, xs):
    """The product rule, itself a sum of products."""
    terms = []
    for i, dx in enumerate(tangents):
        if dx is not None:
            terms += [dx, xs[i ^ 1]]
    return multiply_add(*terms)


# z = x0 x1 + x2 x3 + ..., entry by entry; the partner of operand i stands at i ^ 1
multiply_add = Primitive(
    "multiply_add",
    _kernel,
    shape=lambda *xs: broadcast_shape("multiply_add", [f"x{i}" for i in range(len(xs))], xs),
    jvp=_push,
    vjp=lambda gz, i, xs: gz * xs[i ^ 1],
    batch=_batch,
)

Terms.compute = staticmethod(multiply_add)
