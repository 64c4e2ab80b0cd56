"""A fused loop as an LLVM function: void loop(memory..., begin, end).

The nest runs over the domain's outer axes one by one and over the last (of rows: the whole row) in
vectors; what is left of a row is one more vector under a mask. [begin, end) cuts the outermost axis,
so that threads can share a loop. Row reductions keep one vector of partial results; totals over the
whole domain are kept in double, a block of entries at a time.
"""

import math

import llvmlite.ir as ir
import numpy as np

from ..graph import Variable
from ..passes.fuse import Read
from .lane import splat
from .memory import Memory
from .scalars import TYPES, combine, compute_dtype, converted, cost, emit, identity, number
from .tasks import KIND, grain, pointer_at

INDEX = ir.IntType(64)
POINTER = ir.PointerType()
BLOCK = 4096  # entries summed before the sum goes into a double


class Nest:
    """The axes of a loop, neighbours merged where every access allows it."""

    def __init__(self, loop):
        self.loop, self.accesses = loop, {}
        every = list(dict.fromkeys(self.strides_of_all()))
        axes = [[i] for i in range(len(loop.shape))]
        k = len(axes) - 2
        while k >= 0:
            if k + 1 != loop.rows and all(self.mergeable(s, axes[k], axes[k + 1]) for s in every):
                axes[k] += axes.pop(k + 1)
            k -= 1
        self.shape = tuple(math.prod(loop.shape[i] for i in group) for group in axes)
        self.last = [group[-1] for group in axes]
        self.outer = len(axes) - 1 if loop.rows is None else loop.rows and len(
            [g for g in axes if g[0] < loop.rows]
        )
        self.outer = max(self.outer, 0)
        inner = self.shape[self.outer :]
        assert len(inner) <= 1, (loop.shape, loop.rows, axes)
        self.inner = inner[0] if inner else 1

    def strides_of_all(self):
        """The strides of everything that is read or written."""
        loop = self.loop
        yield from [a.strides for a in loop.reading()]
        for operation in loop.operations:
            if operation.level == "end":
                yield operation.strides
            elif operation.result in loop.stores:
                yield loop.target(operation.result, operation.level)[1]

    def mergeable(self, strides, first, second):
        """True where two neighbouring groups of axes are one for these strides."""
        length = math.prod(self.loop.shape[i] for i in second)
        return strides[first[-1]] == strides[second[-1]] * length

    def of(self, strides):
        """(strides over the outer axes, stride over the inner one)."""
        merged = [strides[i] for i in self.last]
        return merged[: self.outer], (merged[self.outer] if len(merged) > self.outer else 0)


def phases(loop):
    """{variable: when it is there}: how many times the row has been run over before."""
    found: dict = {}
    for operation in loop.operations:
        given = [found[a] for a in operation.operands if a in found]
        at = max(given, default=0)
        found[operation.result] = at + 1 if operation.reduces and operation.level == "row" else at
    return found


class Writer:
    """Writes one loop into a module."""

    def __init__(self, module, loop, name):
        self.loop, self.nest, self.phase = loop, Nest(loop), phases(loop)
        self.roots = loop.touched()
        self.function = ir.Function(module, KIND, name)
        self.entry = ir.IRBuilder(self.function.append_basic_block("entry"))
        self.builder = ir.IRBuilder(self.function.append_basic_block("start"))
        context, self.begin, self.end = self.function.args
        found = [pointer_at(self.entry, context, k) for k in range(len(self.roots) + 1)]
        pointers = dict(zip(self.roots, found, strict=False))
        self.status = found[-1]
        self.range = self.begin, self.end
        self.lanes = lanes_for(loop, self.nest)
        self.memory = Memory(self, pointers)
        self.cut = self.how_cut()
        self.totals: dict = {}
        self.scratch: dict = {}

    def write(self):
        """The function, complete."""
        for operation in self.loop.operations:
            if operation.level == "end" and operation.index is None:
                self.clear(operation)
        if self.nest.outer:
            self.outer_loops()
        elif self.loop.rows is None and self.totals:
            self.blocks()
        else:
            self.only_row()
        for operation, place in self.totals.items():
            self.finish_total(operation, place)
        self.builder.ret_void()
        self.entry.branch(self.function.blocks[1])
        return self.function

    def how_cut(self):
        """What begin and end divide: the "outer" axis, or the "inner" one where columns are summed."""
        ends = [self.nest.of(o.strides) for o in self.loop.operations if o.level == "end"]
        columns = self.loop.rows is None and self.nest.outer and ends
        indexed = any(o.index is not None for o in self.loop.operations)
        if columns and not indexed and all(inner == 1 and not any(o) for o, inner in ends):
            return "inner"
        return "outer"

    @property
    def length(self):
        """The length of what begin and end divide."""
        if self.cut == "inner":
            return self.nest.inner
        return self.nest.shape[0] if self.nest.shape else 1

    def grain(self):
        """The size of a piece: the whole where threads would write to one place."""
        work = math.prod(self.nest.shape) * sum(cost(o.equation) for o in self.loop.operations)
        ends = any(o.level == "end" for o in self.loop.operations)
        if (ends and self.cut == "outer") or (self.loop.rows == 0):
            return self.length
        inner = self.cut == "inner" or not self.nest.outer
        return grain(work, self.length, 4 * self.lanes if inner else 1)

    def alloca(self, type_):
        """Memory of this call."""
        place = self.entry.alloca(type_)
        place.type = POINTER  # llvmlite still types it, and then refuses vectors
        return place

    def counted(self, begin, end, step, body):
        """body(i) for i = begin, begin + step, ... while i < end."""
        builder = self.builder
        before = builder.block
        head, inside, after = (self.function.append_basic_block() for _ in range(3))
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

    def outer_loops(self, indices=()):
        """The nest over the outer axes; the outermost from begin to end."""
        k = len(indices)
        whole = INDEX(0), INDEX(self.nest.inner)
        if k == self.nest.outer:
            return self.row(list(indices), *(self.range if self.cut == "inner" else whole))
        outermost = not k and self.cut == "outer"
        begin, end = self.range if outermost else (INDEX(0), INDEX(self.nest.shape[k]))
        self.counted(begin, end, 1, lambda i: self.outer_loops((*indices, i)))

    def only_row(self):
        """The one row there is: of a loop without rows the part from begin to end."""
        if self.loop.rows is None and self.nest.shape:
            return self.row([], self.begin, self.end)
        return self.row([], INDEX(0), INDEX(self.nest.inner))

    def blocks(self):
        """One axis, in blocks: what is summed over all of it is exact enough in each."""

        def block(first):
            last = self.builder.add(first, INDEX(BLOCK))
            less = self.builder.icmp_signed("<", last, self.end)
            self.row([], first, self.builder.select(less, last, self.end))

        self.counted(self.begin, self.end, BLOCK, block)

    # -- reductions into memory

    def clear(self, operation):
        """Begin a reduction into memory: a double of ours for a total, else the memory itself."""
        dtype = operation.result.dtype
        start = identity(operation.reduces, dtype)
        if not any(operation.strides):
            wide = np.dtype(np.float64) if dtype.kind == "f" else dtype
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
        wide = np.dtype(np.float64) if dtype.kind == "f" else dtype
        total = self.builder.load(place, typ=TYPES[wide])
        total = converted(self.builder, total, wide, dtype)
        self.memory.put(operation.result, INDEX(0), total)

    # -- one row

    def row(self, indices, begin, end):
        """All phases over the entries begin..end of one row."""
        self.indices, self.known, self.hoisted = indices, {}, {}
        last = max(
            [self.phase[o.result] for o in self.loop.operations if o.level != "row"], default=-1
        )
        reduced = [o for o in self.loop.operations if o.reduces]
        last = max([last, *[self.operand_phase(o) for o in reduced]])
        for phase in range(last + 1):
            self.row_operations(phase)
            self.run_phase(phase, begin, end)
        self.row_operations(last + 1)

    def operand_phase(self, operation):
        """The phase in which an operation runs: a reduction is there one phase later."""
        at = self.phase[operation.result]
        return at - 1 if operation.reduces and operation.level == "row" else at

    def row_operations(self, phase):
        """What is computed once a row, as soon as it can be."""
        for operation in self.loop.operations:
            if operation.level == "row" and not operation.reduces:
                if self.phase[operation.result] == phase:
                    self.compute(operation, None, None, 1)

    def run_phase(self, phase, begin, end):
        """One run over the row: whole vectors, then the rest under a mask."""
        mine = [
            o
            for o in self.loop.operations
            if (o.level != "row" or o.reduces) and self.operand_phase(o) == phase
        ]
        if not mine:
            return
        for operation in mine:
            for a in operation.operands:
                self.hoist(a)
            if operation.index is not None:
                self.moved(operation.index)
        accumulators = {o: self.accumulator(o) for o in mine if self.gathers(o)}
        builder, lanes = self.builder, self.lanes
        length = builder.sub(end, begin)
        whole = builder.add(begin, builder.and_(length, INDEX(-lanes)))
        self.counted(
            begin, whole, lanes, lambda i: self.body(mine, accumulators, i, None, phase)
        )
        fixed = isinstance(begin, ir.Constant) and isinstance(end, ir.Constant)
        if not (fixed and self.nest.inner % lanes == 0):
            with builder.if_then(builder.icmp_signed("<", whole, end)):
                rest = builder.sub(end, whole)
                self.body(mine, accumulators, whole, self.memory.mask(rest), phase)
        for operation, place in accumulators.items():
            self.settle(operation, place)

    def body(self, operations, accumulators, i, mask, phase):
        """One vector of entries."""
        self.full, self.at = {}, phase
        for operation in operations:
            if operation.reduces:
                x = self.value(operation.operands[0], i, mask, self.lanes, operation)
                self.accumulate(operation, accumulators.get(operation), x, i, mask)
            else:
                self.compute(operation, i, mask, self.lanes)

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
            if operation.index is not None:
                moved = self.moved(operation.index)
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
            where, wide = self.totals[operation], np.dtype(np.float64)
            wide = wide if dtype.kind == "f" else dtype
            total = converted(builder, total, dtype, wide)
            before = builder.load(where, typ=TYPES[wide])
            builder.store(combine(builder, name, before, total), where)
        else:
            outer, _ = self.nest.of(operation.strides)
            access = self.memory.access(operation.result, outer, 0, 0)
            before = self.memory.load(access, INDEX(0), None, 1)
            self.memory.store(access, INDEX(0), None, combine(builder, name, before, total), 1)

    # -- values

    def hoist(self, a):
        """Read what is the same along the row once, before the row."""
        if isinstance(a, Read) and a not in self.hoisted:
            outer, inner = self.nest.of(a.strides)
            if a.index is not None:
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
            self.hoist(a.index)
            index = converted(builder, self.hoisted[a.index], a.index.root.dtype, np.dtype(np.int64))
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
        equation, result = operation.equation, operation.result
        dtype = compute_dtype(equation)
        values = [self.value(a, i, mask, lanes, operation, k) for k, a in enumerate(operation.operands)]
        z = emit(self.builder, equation, values, dtype)
        if operation.level == "row":
            self.known[result] = z
            self.store_row(result, z)
            return
        self.full[result] = z
        if result in self.loop.stores:
            root, strides, offset = self.loop.target(result, "full")
            outer, inner = self.nest.of(strides)
            self.memory.store(self.memory.access(root, outer, inner, offset), i, mask, z)
        elif self.needed_later(result):
            self.memory.store(self.memory.local(result), i, mask, z)

    def store_row(self, result, z):
        """Write a row's value to memory, if somebody reads it there."""
        if result in self.loop.stores:
            outer, _ = self.nest.of(self.loop.canonical("row"))
            self.memory.store(self.memory.access(result, outer, 0, 0), INDEX(0), None, z, 1)

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
        if a in self.loop.stores:
            outer, inner = self.nest.of(self.loop.canonical("full"))
            access = self.memory.access(a, outer, inner, 0)
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
            moved = None if a.index is None else self.moved(a)
            access = self.memory.access(a.root, outer, inner, a.offset, moved)
            self.full[a] = self.memory.load(access, i, mask, lanes)
        return self.full[a]


def lanes_for(loop, nest):
    """How many entries a vector has: two registers of the widest dtype, fewer for short rows."""
    sizes = [
        a.dtype.itemsize
        for o in loop.operations
        for a in (*o.equation.inputs, *o.equation.outputs)
        if isinstance(a, Variable) and not (o.equation.primitive.name == "gather" and a.dtype.kind == "i")
    ]
    lanes = 64 // max([4, *sizes])
    while lanes > 4 and lanes >= 2 * nest.inner:
        lanes //= 2
    return lanes


def spread(builder, x, lanes):
    """A scalar in every lane of a vector."""
    if lanes == 1:
        return x
    vector = ir.VectorType(x.type, lanes)
    if isinstance(x, ir.Constant):
        return splat(vector, x.constant)
    first = builder.insert_element(ir.Constant(vector, ir.Undefined), x, ir.Constant(ir.IntType(32), 0))
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


