"""Partial results of a loop whose pieces reduce into one place: where they lie, and their end."""

import llvmlite.ir as ir

from .memory import BYTE, element, from_memory
from .scalars import combine
from .tasks import INDEX, KIND, counted, pointer_at


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

    def entry(i):
        place = builder.gep(result, [i], source_etype=kind)
        total = from_memory(builder, builder.load(place, typ=kind), variable.dtype)
        for row in range(count):
            at = builder.gep(scratch, [builder.add(i, INDEX(row * size))], source_etype=kind)
            part = from_memory(builder, builder.load(at, typ=kind), variable.dtype)
            total = combine(builder, reduces, total, part)
        if variable.dtype.kind == "b":
            total = builder.zext(total, BYTE)
        builder.store(total, place)

    counted(builder, INDEX(0), INDEX(size), 1, entry)
