"""Partial results of a loop whose pieces reduce into one place: where they lie, and their end."""

import llvmlite.ir as ir

from .scalars import TYPES, combine
from .tasks import KIND, pointer_at

INDEX, BYTE = ir.IntType(64), ir.IntType(8)


def element(dtype):
    """The type of an entry in memory."""
    return BYTE if dtype.kind == "b" else TYPES[dtype]


def own_place(builder, result, scratch, number, variable):
    """The pointer of piece `number`: the result itself for the first, else a row of the scratch."""
    row = builder.mul(builder.sub(number, INDEX(1)), INDEX(variable.shape[1]))
    place = builder.gep(scratch, [row], source_etype=element(variable.dtype))
    return builder.select(builder.icmp_signed("==", number, INDEX(0)), result, place)


def write_join(module, name, partial):
    """The function that adds all scratch to the results; pointers: result, scratch, of each.

    partial: [(reduction, its scratch)]
    """
    function = ir.Function(module, KIND, name)
    builder = ir.IRBuilder(function.append_basic_block())
    for k, (operation, variable) in enumerate(partial):
        result, scratch = (pointer_at(builder, function.args[0], 2 * k + j) for j in (0, 1))
        join(builder, operation.reduces, result, scratch, variable)
    builder.ret_void()


def join(builder, reduces, result, scratch, variable):
    """Combine every entry of a result with those of its partial results."""
    kind = element(variable.dtype)
    count, size = variable.shape
    before, function = builder.block, builder.function
    inside, after = (function.append_basic_block() for _ in range(2))
    builder.branch(inside)
    builder.position_at_end(inside)
    i = builder.phi(INDEX)
    i.add_incoming(INDEX(0), before)
    place = builder.gep(result, [i], source_etype=kind)
    total = from_memory(builder, builder.load(place, typ=kind), variable.dtype)
    for row in range(count):
        at = builder.gep(scratch, [builder.add(i, INDEX(row * size))], source_etype=kind)
        part = from_memory(builder, builder.load(at, typ=kind), variable.dtype)
        total = combine(builder, reduces, total, part)
    if variable.dtype.kind == "b":
        total = builder.zext(total, BYTE)
    builder.store(total, place)
    following = builder.add(i, INDEX(1))
    i.add_incoming(following, inside)
    builder.cbranch(builder.icmp_signed("<", following, INDEX(size)), inside, after)
    builder.position_at_end(after)


def from_memory(builder, x, dtype):
    """Bytes become bits."""
    return builder.icmp_unsigned("!=", x, BYTE(0)) if dtype.kind == "b" else x
