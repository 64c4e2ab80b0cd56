"""Functions of machine code that are cut over the cores.

A function takes pointers and a range, (pointers..., begin, end). Where its work is worth it the range is
cut in pieces and `parallel_for` hands these to the threads; the pointers travel in an array.
"""

import llvmlite.ir as ir

from .parallel import cores

INDEX = ir.IntType(64)
POINTER = ir.PointerType()
# The work of a piece: about the entries of a sum. A piece of less is not worth handing to a thread.
PIECE = 60_000
MOST_PIECES = 32


def grain(work, length, multiple=1):
    """The size of a piece of range(length), which costs `work` in all; `length` for no pieces."""
    pieces = min(MOST_PIECES, int(work // PIECE), length // multiple)
    if cores() < 2 or pieces < 2:
        return length
    pieces -= pieces % cores() if pieces > cores() else 0
    size = -(-length // pieces)
    return -(-size // multiple) * multiple


class Caller:
    """Calls functions from one segment, with one context array for all."""

    def __init__(self, builder, most_pointers=96):
        self.builder, self.module = builder, builder.module
        self.most = most_pointers
        self.context = builder.alloca(ir.ArrayType(POINTER, most_pointers))
        self.context.type = POINTER

    def call(self, function, pointers, length, piece):
        """function(pointers..., 0, length), in pieces where they are shorter than the whole."""
        builder = self.builder
        if piece >= length or len(pointers) > self.most:
            return builder.call(function, [*pointers, INDEX(0), INDEX(length)])
        for i, pointer in enumerate(pointers):
            builder.store(pointer, builder.gep(self.context, [INDEX(i)], source_etype=POINTER))
        task = self.task(function, len(pointers))
        values = [task, self.context, INDEX(0), INDEX(length), INDEX(piece)]
        return builder.call(self.parallel_for(), values)

    def parallel_for(self):
        """The function of the pool."""
        name = "wonderland_parallel_for"
        found = self.module.globals.get(name)
        if found is None:
            kind = ir.FunctionType(ir.VoidType(), [POINTER, POINTER, INDEX, INDEX, INDEX])
            found = ir.Function(self.module, kind, name)
        return found

    def task(self, function, count):
        """void task(context, begin, end), which calls the function with what the context holds."""
        name = f"{function.name}_task"
        found = self.module.globals.get(name)
        if found is not None:
            return found
        kind = ir.FunctionType(ir.VoidType(), [POINTER, INDEX, INDEX])
        task = ir.Function(self.module, kind, name)
        task.linkage, task.type = "internal", POINTER
        builder = ir.IRBuilder(task.append_basic_block())
        pointers = [
            builder.load(
                builder.gep(task.args[0], [INDEX(i)], source_etype=POINTER), typ=POINTER
            )
            for i in range(count)
        ]
        builder.call(function, [*pointers, *task.args[1:]])
        builder.ret_void()
        return task
