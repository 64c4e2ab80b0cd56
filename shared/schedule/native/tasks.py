"""Work in pieces: how a loop's or a product's range is cut for the threads.

A function of machine code is void (ptr *pointers, begin, end); `parallel_for` calls it for the
pieces.
"""

import platform

import llvmlite.ir as ir

from .parallel import cores

INDEX = ir.IntType(64)
POINTER = ir.PointerType()
KIND = ir.FunctionType(ir.VoidType(), [POINTER, INDEX, INDEX])
# The work of a piece: about the entries of a sum. A piece of less is not worth handing to a thread.
PIECE = 60_000
MOST_PIECES = 32


def grain(work, length, multiple=1, most=MOST_PIECES):
    """The size of a piece of range(length), which costs `work` in all; `length` for no pieces."""
    pieces = min(most, int(work // PIECE), length // multiple)
    if cores() < 2 or pieces < 2:
        return length
    pieces -= pieces % cores() if pieces > cores() else 0
    size = -(-length // pieces)
    return -(-size // multiple) * multiple


def fence(builder):
    """What was written past the cache is there for all threads; only x86 does not see to it."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return
    name = "llvm.x86.sse.sfence"
    module = builder.module
    declared = module.globals.get(name)
    if declared is None:
        declared = ir.Function(module, ir.FunctionType(ir.VoidType(), []), name)
    builder.call(declared, [])


def counted(builder, begin, end, step, body):
    """body(i) for i = begin, begin + step, ... while i < end."""
    before = builder.block
    head, inside, after = (builder.append_basic_block(name) for name in ("head", "inside", "after"))
    builder.branch(head)
    builder.position_at_end(head)
    index = builder.phi(INDEX)
    index.add_incoming(begin, before)
    builder.cbranch(builder.icmp_signed("<", index, end), inside, after)
    builder.position_at_end(inside)
    body(index)
    index.add_incoming(builder.add(index, INDEX(step)), builder.block)
    builder.branch(head)
    builder.position_at_end(after)


def pointer_at(builder, context, k):
    """Pointer k of those that a function was given."""
    place = builder.gep(context, [INDEX(k)], source_etype=POINTER)
    return builder.load(place, typ=POINTER)
