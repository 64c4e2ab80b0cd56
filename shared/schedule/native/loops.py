"""A fused loop as a function of machine code: void loop(pointers, begin, end).

The nest runs over the domain's outer axes one by one and over the last (of rows: the whole row) in
vectors; what is left of a row is one more vector under a mask. [begin, end) cuts the outermost
axis, or where columns are summed the inner one, so that threads can share a loop.
"""

import llvmlite.ir as ir

from .memory import Memory
from .nest import phases
from .partials import own_place
from .reductions import Reductions
from .tasks import KIND, POINTER, counted, fence, pointer_at

INDEX = ir.IntType(64)
FAR = 1 << 20  # bytes: what is larger does not lie in the cache of a core
AHEAD = 1024  # bytes
BLOCK = 4096  # entries summed before the sum goes into a double


class Writer(Reductions):
    """Writes one loop into a module."""

    def __init__(self, module, division, name, passing=frozenset()):
        self.passing = passing  # roots that are written past the cache; they begin at a line
        self.loop, self.nest, self.lanes = division.loop, division.nest, division.lanes
        self.cut, self.phase = division.cut, phases(division.loop)
        # Whether every row, and every piece of one, is whole vectors.
        self.even = not (self.nest.inner % self.lanes or division.piece % self.lanes)
        roots = self.loop.touched()
        self.function = ir.Function(module, KIND, name)
        self.entry = ir.IRBuilder(self.function.append_basic_block("entry"))
        self.builder = ir.IRBuilder(self.function.append_basic_block("start"))
        context, self.begin, self.end = self.function.args
        count = len(roots) + len(division.scratch) + 1
        found = [pointer_at(self.entry, context, k) for k in range(count)]
        pointers = dict(zip(roots, found, strict=False))
        if division.scratch:
            number = self.entry.udiv(self.begin, INDEX(division.piece))
        for (operation, variable), scratch in zip(
            division.scratch, found[len(roots) :], strict=False
        ):
            key = operation.result, 0
            pointers[key] = own_place(self.entry, pointers[key], scratch, number, variable)
        self.status = found[-1]
        self.range = self.begin, self.end
        self.memory = Memory(self, pointers)
        self.totals: dict = {}
        self.scratch: dict = {}

    def write(self):
        """The function, complete."""
        for operation in self.loop.operations:
            if operation.level == "end" and operation.picked is None:
                self.clear(operation)
        if self.nest.outer:
            self.outer_loops()
        elif self.loop.rows is None and self.totals:
            self.blocks()
        else:
            self.only_row()
        for operation, place in self.totals.items():
            self.finish_total(operation, place)
        if self.passing:
            fence(self.builder)
        self.builder.ret_void()
        self.entry.branch(self.function.blocks[1])
        return self.function

    def alloca(self, type_):
        """Memory of this call."""
        place = self.entry.alloca(type_)
        place.type = POINTER  # llvmlite still types it, and then refuses vectors
        return place

    def counted(self, begin, end, step, body):
        """body(i) for i = begin, begin + step, ... while i < end."""
        counted(self.builder, begin, end, step, body)

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
            if operation.picked is not None:
                self.moved(operation.picked)
        accumulators = {o: self.accumulator(o) for o in mine if self.gathers(o)}
        builder, lanes = self.builder, self.lanes
        whole = end
        if not self.even:
            length = builder.sub(end, begin)
            whole = builder.add(begin, builder.and_(length, INDEX(-lanes)))
        self.counted(begin, whole, lanes, lambda i: self.body(mine, accumulators, i, None, phase))
        fixed = isinstance(begin, ir.Constant) and isinstance(end, ir.Constant)
        if not (self.even or (fixed and self.nest.inner % lanes == 0)):
            with builder.if_then(builder.icmp_signed("<", whole, end)):
                rest = builder.sub(end, whole)
                self.body(mine, accumulators, whole, self.memory.mask(rest), phase)
        for operation, place in accumulators.items():
            self.settle(operation, place)

    def body(self, operations, accumulators, i, mask, phase):
        """One vector of entries."""
        self.full, self.at = {}, phase
        if mask is None:
            self.ahead(i, phase)
        for operation in operations:
            if operation.reduces:
                x = self.value(operation.operands[0], i, mask, self.lanes, operation)
                self.accumulate(operation, accumulators.get(operation), x, i, mask)
            else:
                self.compute(operation, i, mask, self.lanes)

    def ahead(self, i, phase):
        """Have memory brought into the cache that is needed soon: of rows that are run over several
        times the next one, in the second run; else what stands some lines further on."""
        rows = self.loop.rows is not None
        if phase != rows:
            return
        for a in self.loop.reading():
            (outer, inner), size = self.nest.of(a.strides), a.root.dtype.itemsize
            step = (outer[-1] if outer else 0) if rows else AHEAD // size
            if inner == 1 and step and a.picked is None and a.root.size * size >= FAR:
                access = self.memory.access(a.root, outer, inner, a.offset)
                self.memory.prefetch(access, self.builder.add(i, INDEX(step)))
