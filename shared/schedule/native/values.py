"""The values of one row: read once, computed, kept for later phases, and stored.

`Values` is the part of a loop's writer that knows what a row's operations compute. What is the same
along the row is read before it.
"""

import llvmlite.ir as ir
import numpy as np

from ..graph import Variable
from ..loop import Read
from .scalars import compute_dtype, converted, cost, emit, number
from .vectors import spread

INDEX = ir.IntType(64)


class Values:
    """See above. The whole is `loops.Writer`."""

    def hoist(self, a):
        """Read what is the same along the row once, before the row."""
        if isinstance(a, Read) and a not in self.hoisted:
            outer, inner = self.nest.of(a.strides)
            if a.picked is not None:
                self.moved(a)
            elif not inner:
                access = self.memory.access(a.root, outer, 0, a.offset)
                self.hoisted[a] = self.memory.load(access, INDEX(0), None, 1)

    def moved(self, a):
        """How far the row's index moves a Read, in entries; computed once a row.

        An index out of bounds is noted in `status`, and the first row read in its place.
        """
        found = self.hoisted.get(("moved", a))
        if found is None:
            builder = self.builder
            self.hoist(a.picked)
            index = converted(
                builder, self.hoisted[a.picked], a.picked.root.dtype, np.dtype(np.int64)
            )
            behind = builder.icmp_signed("<", index, INDEX(0))
            index = builder.select(behind, builder.add(index, INDEX(a.bound)), index)
            wrong = builder.icmp_unsigned(">=", index, INDEX(a.bound))
            with builder.if_then(wrong, likely=False):
                builder.store(INDEX(1), self.status)
            index = builder.select(wrong, INDEX(0), index)
            found = self.hoisted["moved", a] = builder.mul(index, INDEX(a.step))
        return found

    def compute(self, operation, i, mask, lanes):
        """The value of an operation; stored where somebody reads it."""
        result, z = operation.result, self.emitted(operation, i, mask, lanes)
        if operation.level == "row":
            self.known[result] = z
            self.store_row(result, z)
            return
        self.full[result] = z
        if result in self.loop.stores:
            root, strides, offset = self.loop.target(result, "full")
            outer, inner = self.nest.of(strides)
            self.memory.store(self.memory.access(root, outer, inner, offset), i, mask, z)
        if self.needed_later(result) and result not in self.kept() and not self.again(result):
            self.memory.store(self.memory.local(result), i, mask, z)

    def emitted(self, operation, i, mask, lanes):
        """The instructions of an operation, and of its operands as far as they are not there."""
        values = [
            self.value(a, i, mask, lanes, operation, k) for k, a in enumerate(operation.operands)
        ]
        equation = operation.equation
        return emit(self.builder, equation, values, compute_dtype(equation))

    def again(self, a):
        """The operation that makes a, where that costs less than keeping it for a later phase.

        It is one instruction on what a later phase can read or knows of the row.
        """
        operation = next(o for o in self.loop.operations if o.result is a)
        if operation.reduces or operation.picked is not None or cost(operation.equation) > 1:
            return None
        rows = {o.result for o in self.loop.operations if o.level == "row"}
        there = (x in rows for x in operation.operands if isinstance(x, Variable))
        return operation if all(there) else None

    def store_row(self, result, z):
        """Write a row's value to memory, if somebody reads it there."""
        if result in self.loop.stores:
            outer, _ = self.nest.of(self.loop.canonical("row"))
            self.memory.store(self.memory.access(result, outer, 0, 0), INDEX(0), None, z, 1)

    def kept(self):
        """What later phases read where it was stored."""
        return [a for a in self.loop.stores if a not in self.passing]

    def needed_later(self, result):
        """True where a later phase uses the value again."""
        at = self.phase[result]
        return any(
            result in o.operands and o.level != "row" and self.operand_phase(o) > at
            for o in self.loop.operations
            if o.level != "row" or o.reduces
        )

    def value(self, a, i, mask, lanes, operation, place=0):
        """An operand as an LLVM value of the compute dtype (a mask for the first of `where`)."""
        name = operation.equation.primitive.name
        dtype = compute_dtype(operation.equation)
        if name == "where" and place == 0:
            dtype = np.dtype(bool)
        if not isinstance(a, (Read, Variable)):
            return number(a, dtype, lanes)
        x, given = self.fetched(a, i, mask, lanes)
        return converted(self.builder, x, given, dtype)

    def fetched(self, a, i, mask, lanes):
        """(value, its dtype) of a Read or of a variable of this loop."""
        if isinstance(a, Read):
            return self.read(a, i, mask, lanes), a.root.dtype
        if a in self.known:
            return spread(self.builder, self.known[a], lanes), a.dtype
        if a in self.full:
            return self.full[a], a.dtype
        if a in self.kept():
            outer, inner = self.nest.of(self.loop.canonical("full"))
            access = self.memory.access(a, outer, inner, 0)
        elif operation := self.again(a):
            self.full[a] = self.emitted(operation, i, mask, lanes)
            return self.full[a], a.dtype
        else:
            access = self.memory.local(a)
        self.full[a] = self.memory.load(access, i, mask, lanes)
        return self.full[a], a.dtype

    def read(self, a, i, mask, lanes):
        """An operand from memory, each once a vector."""
        if i is None:
            self.hoist(a)
        if a in self.hoisted:
            return spread(self.builder, self.hoisted[a], lanes)
        if a not in self.full:
            outer, inner = self.nest.of(a.strides)
            moved = None if a.picked is None else self.moved(a)
            access = self.memory.access(a.root, outer, inner, a.offset, moved)
            self.full[a] = self.memory.load(access, i, mask, lanes)
        return self.full[a]
