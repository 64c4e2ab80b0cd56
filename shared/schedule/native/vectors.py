"""Scalars to vectors and back."""

import llvmlite.ir as ir

from .lane import splat
from .scalars import combine


def spread(builder, x, lanes):
    """A scalar in every lane of a vector."""
    if lanes == 1:
        return x
    vector = ir.VectorType(x.type, lanes)
    if isinstance(x, ir.Constant):
        return splat(vector, x.constant)
    first = builder.insert_element(
        ir.Constant(vector, ir.Undefined), x, ir.Constant(ir.IntType(32), 0)
    )
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), lanes), [0] * lanes)
    return builder.shuffle_vector(first, ir.Constant(vector, ir.Undefined), zeros)


def halved(builder, name, x, lanes):
    """A vector reduced to one value: half with half, until one is left."""
    while lanes > 1:
        half = lanes // 2
        type_ = ir.VectorType(ir.IntType(32), half)
        low = ir.Constant(type_, list(range(half)))
        high = ir.Constant(type_, list(range(half, lanes)))
        undefined = ir.Constant(x.type, ir.Undefined)
        parts = [builder.shuffle_vector(x, undefined, picks) for picks in (low, high)]
        x, lanes = combine(builder, name, *parts), half
    return builder.extract_element(x, ir.Constant(ir.IntType(32), 0))
