"""The reductions of a loop: partial results in a vector along a row, or in memory.

Totals over the whole domain are kept in double.
"""

import llvmlite.ir as ir
import numpy as np

from .scalars import TYPES, combine, converted, identity, number
from .values import Values
from .vectors import halved

INDEX = ir.IntType(64)


def total_dtype(dtype):
    """The dtype in which a total is kept."""
    return np.dtype(np.float64) if dtype.kind == "f" else dtype


class Reductions(Values):
    """The part of a loop's writer that reduces. The whole is `loops.Writer`."""

    def clear(self, operation):
        """Begin a reduction into memory: a double of ours for a total, else the memory itself."""
        dtype = operation.result.dtype
        start = identity(operation.reduces, dtype)
        if not any(operation.strides):
            wide = total_dtype(dtype)
            place = self.alloca(TYPES[wide])
            self.builder.store(number(start, wide, 1), place)
            self.totals[operation] = place
            return
        begin, end = self.range if self.cut == "inner" else (INDEX(0), INDEX(operation.result.size))
        self.counted(
            begin, end, 1,
            lambda i: self.memory.put(operation.result, i, number(start, dtype, 1)),
        )  # fmt: skip

    def finish_total(self, operation, place):
        """Write a total out."""
        dtype = operation.result.dtype
        wide = total_dtype(dtype)
        total = self.builder.load(place, typ=TYPES[wide])
        total = converted(self.builder, total, wide, dtype)
        self.memory.put(operation.result, INDEX(0), total)

    def gathers(self, operation):
        """True for a reduction along the row, whose partial results stay in a register."""
        if not operation.reduces:
            return False
        return operation.level == "row" or not self.nest.of(operation.strides)[1]

    def accumulator(self, operation):
        """A vector of partial results, at its beginning."""
        dtype = operation.result.dtype
        start = number(identity(operation.reduces, dtype), dtype, self.lanes)
        place = self.alloca(start.type)
        self.builder.store(start, place)
        return place

    def accumulate(self, operation, place, x, i, mask):
        """Add a vector of entries to a reduction."""
        builder, name, dtype = self.builder, operation.reduces, operation.result.dtype
        if mask is not None:
            x = builder.select(mask, x, number(identity(name, dtype), dtype, self.lanes))
        if place is None:
            outer, inner = self.nest.of(operation.strides)
            root, moved = self.loop.target(operation.result, "end")[0], None
            if operation.picked is not None:
                moved = self.moved(operation.picked)
            access = self.memory.access(root, outer, inner, 0, moved)
            before = self.memory.load(access, i, mask, self.lanes)
            return self.memory.store(access, i, mask, combine(builder, name, before, x))
        before = builder.load(place, typ=x.type)
        builder.store(combine(builder, name, before, x), place)

    def settle(self, operation, place):
        """One value from a vector of partial results."""
        builder, dtype, name = self.builder, operation.result.dtype, operation.reduces
        parts = builder.load(place, typ=number(0, dtype, self.lanes).type)
        total = halved(builder, name, parts, self.lanes)
        if operation.level == "row":
            self.known[operation.result] = total
            self.store_row(operation.result, total)
        elif operation in self.totals:
            where, wide = self.totals[operation], total_dtype(dtype)
            total = converted(builder, total, dtype, wide)
            before = builder.load(where, typ=TYPES[wide])
            builder.store(combine(builder, name, before, total), where)
        else:
            outer, _ = self.nest.of(operation.strides)
            access = self.memory.access(operation.result, outer, 0, 0)
            before = self.memory.load(access, INDEX(0), None, 1)
            self.memory.store(access, INDEX(0), None, combine(builder, name, before, total), 1)
