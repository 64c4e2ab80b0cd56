"""Fusion: entry-by-entry chains and the reductions around them become one loop over a domain.

A domain is a shape without axes of size 1. Every operand is read through strides over it, zero
where it is broadcast, so that one loop nest serves all. Where a reduction over the last axes stands
among them the domain is cut into rows, and the loop runs over a row once for each phase: softmax is
the phases maximum, sum of exponentials, quotient. Other reductions (a bias gradient, a total) may end
a loop: they accumulate into memory and are read by later loops only.

The form names no machine: what runs it reads `Loop`.
"""

import itertools
import math
from typing import NamedTuple

from ..graph import Variable
from ..views import View, contiguous

REDUCTIONS = frozenset("sum max min prod any all".split())
MOST_OPERATIONS = 64  # of one loop: more would not fit the registers
MOST_ROW = 8192  # entries of a row that is run over more than once


class Read(NamedTuple):
    """An operand in memory: strides over the domain.

    index: a Read of integers, each of which moves the place by `step` entries; they must lie in
    [-bound, bound). It is how rows of a table are picked.
    """

    root: object
    strides: tuple
    offset: int
    index: "Read | None" = None
    step: int = 0
    bound: int = 0


class Operation:
    """One equation in a loop.

    operands: a Read, a variable computed in the same loop, or a number. level: "full" (one value
    for each entry of the domain), "row" (one for each row), or "end" (a reduction into memory, whose
    result has `strides` over the domain). reduces: the name of the reduction, or None. index: for
    an "end" that adds to rows picked by integers, where these are read, as in Read.
    """

    __slots__ = ("equation", "index", "level", "operands", "reduces", "strides")

    def __init__(self, equation, level, operands, reduces=None, strides=(), index=None):
        self.equation, self.level, self.operands = equation, level, operands
        self.reduces, self.strides, self.index = reduces, strides, index

    @property
    def result(self):
        """The variable it computes."""
        return self.equation.outputs[0]


class Loop:
    """Operations over one domain. rows: how many axes lead to a row, or None where there are none."""

    def __init__(self, shape):
        self.shape, self.rows, self.operations, self.levels = shape, None, [], {}
        self.stores: list = []
        self.targets: dict = {}

    def target(self, result, level):
        """(root, strides, offset): where a stored result goes."""
        return self.targets.get(result) or (result, self.canonical(level), 0)

    def reading(self):
        """Every Read, those of indices too."""
        return reads_of(self.operations)

    def canonical(self, level):
        """The strides over the domain of a value of this level that lies in C order."""
        if level == "full":
            return contiguous(self.shape)
        outer = self.shape[: self.rows]
        return contiguous(outer) + (0,) * (len(self.shape) - len(outer))

    def reads(self):
        """The roots that are read from memory."""
        return {a.root for a in self.reading()}

    def touched(self):
        """The (root, offset) pairs of all that it reads, in order, then of what it stores."""
        stores = [self.target(r, self.levels[r]) for r in self.stores]
        reads = [(a.root, a.offset) for a in self.reading()]
        return list(dict.fromkeys([*reads, *[(root, offset) for root, _, offset in stores]]))

    def key(self):
        """What makes two loops the same code: all but which memory they touch."""
        memory = {pair: i for i, pair in enumerate(self.touched())}
        names: dict = {}
        for operation in self.operations:
            names.setdefault(operation.result, len(names))

        def named(a):
            if isinstance(a, Read):
                at = (a.index and named(a.index), a.step, a.bound)
                return memory[a.root, a.offset], a.root.dtype, a.strides, *at
            return names[a] if isinstance(a, Variable) else (type(a), repr(a))

        operations = [
            (
                o.equation.primitive, tuple(o.equation.static.items()), o.level, o.reduces,
                o.strides, tuple([named(a) for a in o.operands]), names[o.result],
                o.result.dtype, o.result.size, o.index and named(o.index),
            )
            for o in self.operations
        ]  # fmt: skip
        stored = []
        for r in self.stores:
            root, strides, offset = self.target(r, self.levels[r])
            stored.append((names[r], memory[root, offset], strides))
        return self.shape, self.rows, tuple(operations), tuple(stored)

    def accept(self, equation, places):
        """Add an equation if it fits the domain; False (and nothing changed) if it does not."""
        if len(self.operations) >= MOST_OPERATIONS:
            return False
        name = equation.primitive.name
        if name in REDUCTIONS:
            return self.reduction(equation, places)
        z = equation.outputs[0]
        level = self.level_of(z)
        if name == "gather":
            return level == "full" and self.picked_rows(equation, places)
        if level is None:
            return False
        return self.enter(equation, level, places, z.shape)

    def level_of(self, z):
        """Whether there is one z for each entry or for each row."""
        if z.size == math.prod(self.shape):
            return "full"
        if self.rows is not None and z.size == math.prod(self.shape[: self.rows]):
            return "row"
        return None

    def enter(self, equation, level, places, shape, **how):
        """Add it with all its operands, which have (or broadcast to) `shape`."""
        operands = [self.operand(a, shape, level, places) for a in equation.inputs]
        if any(a is None for a in operands):
            return False
        return self.take(Operation(equation, how.pop("result_level", level), operands, **how))

    def take(self, operation):
        """Add an operation, unless the axes of a row are not one for it."""
        self.operations.append(operation)
        if self.rows is not None and not self.tidy([operation]):
            self.operations.pop()
            return False
        self.levels[operation.result] = operation.level
        return True

    def operand(self, a, shape, level, places):
        """How the loop gets at an operand; None where it cannot."""
        if not isinstance(a, Variable):
            return a
        root, view = places[a]
        domain = self.shape if level == "full" else self.shape[: self.rows]
        view = view.broadcast_to(shape).reshape(domain)
        if view is None:
            return None
        strides = view.strides + (0,) * (len(self.shape) - len(domain))
        if root not in self.levels:
            return Read(root, strides, view.offset)
        here = self.levels[root]
        fits = here != "end" and not view.offset and strides == self.canonical(here)
        return root if fits else None

    def picked_rows(self, equation, places):
        """Add z[n, ...] = x[i[n], ...]."""
        read = row_read(self, *equation.inputs, equation.outputs[0].shape, places)
        if read is None:
            return False
        return self.take(Operation(equation, "full", [read]))

    def reduction(self, equation, places):
        """Add a reduction: over the last axes one value a row, over others into memory."""
        x, axis = equation.inputs[0], equation.static["axis"]
        if x.size != math.prod(self.shape):
            return False
        strides = kept_strides(x.shape, axis).reshape(self.shape)
        if strides is None:
            return False
        strides, rank = strides.strides, len(self.shape)
        outer = next((i for i, s in enumerate(strides) if not s), rank)
        lengthwise = not any(strides[outer:]) and outer < rank
        if lengthwise and strides[:outer] == contiguous(self.shape[:outer]):
            length = math.prod(self.shape[outer:])
            if self.rows in (None, outer) and length <= MOST_ROW:
                before, self.rows = self.rows, outer
                if self.tidy(self.operations) and self.enter(
                    equation, "full", places, x.shape, result_level="row",
                    reduces=equation.primitive.name,
                ):  # fmt: skip
                    return True
                self.rows = before
        return self.enter(
            equation, "full", places, x.shape, result_level="end",
            reduces=equation.primitive.name, strides=strides,
        )  # fmt: skip

    def tidy(self, operations):
        """True where the axes of a row are one for all who read or write them."""
        rank, every = len(self.shape), [self.canonical("full")]
        every += [a.strides for a in reads_of(operations)]
        every += [o.strides for o in operations if o.level == "end"]
        return all(
            s[i] == s[i + 1] * self.shape[i + 1] for s in every for i in range(self.rows, rank - 1)
        )


def reads_of(operations):
    """Every Read among the operands, those of indices too."""
    for operation in operations:
        for a in (*operation.operands, operation.index):
            if isinstance(a, Read):
                yield a
                if a.index is not None:
                    yield a.index


def kept_strides(shape, axis):
    """A view over the operand of a reduction: where each entry's result lies."""
    kept = tuple(1 if i in axis else n for i, n in enumerate(shape))
    return View.of(kept).broadcast_to(shape)


def row_read(loop, x, i, shape, places):
    """The Read of rows of x picked by integers i, over a loop whose domain is `shape`; or None.

    i: (1, n, ...), x: (m, k, ...), shape: (n, ..., k, ...).
    """
    table, picks = places[x], places[i]
    if table.root in loop.levels or picks.root in loop.levels or math.prod(x.shape[1:]) < 2:
        return None
    lead = len(shape) - len(x.shape) + 1
    index = View(i.shape[1:], picks.view.strides[1:], picks.view.offset)
    index = View((*shape,), index.strides + (0,) * (len(shape) - lead), index.offset)
    row = View((*shape,), (0,) * lead + table.view.strides[1:], table.view.offset)
    index, row = index.reshape(loop.shape), row.reshape(loop.shape)
    if index is None or row is None or index.strides[-1:] != (0,):
        return None
    picked = Read(picks.root, index.strides, index.offset)
    return Read(table.root, row.strides, row.offset, picked, table.view.strides[0], x.shape[0])


class Other:
    """A step that is no loop: a matrix product, or a kernel in Python."""

    def __init__(self, equation):
        self.equation = equation


class Assembly:
    """A result that is written part by part, by a loop each."""

    def __init__(self, equation, loops):
        self.equation, self.loops = equation, loops


def fused(arranged, fusible, assemble):
    """The steps of an arranged graph, in an order in which they can run.

    fusible(equation): whether a loop can do it. assemble(equation, places): the loops that write its
    result part by part, or None. What neither can do is a step of its own, an Other.
    """
    return Fusion(arranged, fusible, assemble).steps()


class Fusion:
    """Equations join loops one by one, as long as no step would wait for itself."""

    def __init__(self, arranged, fusible, assemble):
        self.places, self.made = arranged.places, {}  # made: {root: step that makes it}
        self.assemble = assemble
        self.needs = {}  # {step: the steps it reads from}
        self.order = {}  # {step: the place of its first equation}
        self.numbers = {id(e): i for i, e in enumerate(arranged.equations)}
        self.outputs = {self.places[a].root for a in arranged.graph.outputs if a in self.places}
        for number, equation in enumerate(arranged.equations):
            self.add(number, equation, fusible(equation))

    def roots(self, equation):
        """The memory that an equation reads."""
        return [self.places[a].root for a in equation.inputs if isinstance(a, Variable)]

    def add(self, number, equation, fusible):
        """Give the equation to a loop, or make it a step of its own."""
        step = self.joined(equation) if fusible else None
        if step is None:
            step = self.fresh(equation) if fusible else None
            step = step or self.assembled(equation) or Other(equation)
            self.needs[step], self.order[step] = set(), number
        self.needs[step].update(s for s in self.sources(equation) if s is not step)
        for z in equation.outputs:
            self.made[z] = step

    def fresh(self, equation):
        """A loop of its own."""
        reduces = equation.primitive.name in REDUCTIONS
        shape = (equation.inputs[0] if reduces else equation.outputs[0]).shape
        loop = Loop(tuple(n for n in shape if n != 1))
        return loop if loop.accept(equation, self.places) else None

    def assembled(self, equation):
        """The loops that write a result in parts, or None."""
        loops = self.assemble(equation, self.places)
        return None if loops is None else Assembly(equation, loops)

    def sources(self, equation):
        """The steps that make what an equation reads."""
        return list(dict.fromkeys(self.made[r] for r in self.roots(equation) if r in self.made))

    def joined(self, equation):
        """The loop that took the equation, or None."""
        loops = self.loops_before(equation)
        while any(self.merge(a, b) for a, b in itertools.combinations(loops, 2)):
            loops = self.loops_before(equation)
        sources = self.sources(equation)
        for loop in loops + self.neighbours(equation, loops):
            if not self.waits(sources, loop) and loop.accept(equation, self.places):
                return loop
        return None

    def loops_before(self, equation):
        """The loops among the sources, the newest first."""
        loops = [s for s in self.sources(equation) if isinstance(s, Loop)]
        return sorted(loops, key=self.order.__getitem__, reverse=True)

    def neighbours(self, equation, known):
        """Loops that read the same memory."""
        roots = set(self.roots(equation))
        found = [s for s in self.needs if isinstance(s, Loop) and s not in known]
        return [s for s in found[-6:][::-1] if roots & s.reads()]

    def waits(self, sources, loop):
        """True where one of `sources`, other than the loop itself, needs the loop to have run."""
        seen, todo = set(), [s for s in sources if s is not loop]
        first = self.order[loop]
        while todo:
            step = todo.pop()
            for need in self.needs[step]:
                if need is loop:
                    return True
                if need not in seen and self.latest(need) >= first:
                    seen.add(need)
                    todo.append(need)
        return False

    def latest(self, step):
        """A bound: steps whose equations all stand before another's need not be searched."""
        return float("inf") if isinstance(step, Loop) else self.order[step]

    def merge(self, loop, other):
        """Make one loop of two over the same domain, where that is possible: whether it was."""
        if loop.shape != other.shape:
            return False
        if not self.only_direct(loop, other) or not self.only_direct(other, loop):
            return False
        both = Loop(loop.shape)
        operations = sorted(
            loop.operations + other.operations, key=lambda o: self.numbers[id(o.equation)]
        )
        if all(both.accept(o.equation, self.places) for o in operations):
            self.replace(loop, other, both)
            return True
        return False

    def only_direct(self, loop, other):
        """True where `loop` needs `other` only by reading from it itself."""
        return not self.waits([n for n in self.needs[loop] if n is not other], other)

    def replace(self, loop, other, both):
        """Put the merged loop in the place of two."""
        self.needs[both] = (self.needs.pop(loop) | self.needs.pop(other)) - {loop, other}
        self.order[both] = min(self.order[loop], self.order[other])
        for needs in self.needs.values():
            if loop in needs or other in needs:
                needs -= {loop, other}
                needs.add(both)
        for root, step in self.made.items():
            if step is loop or step is other:
                self.made[root] = both

    def steps(self):
        """All steps in an order in which each finds what it needs, and what each must store."""
        ordered, state = [], {}
        for step in sorted(self.needs, key=self.order.__getitem__):
            self.visit(step, state, ordered)
        for step in ordered:
            if isinstance(step, Loop):
                step.stores = self.stored(step, ordered)
        return ordered

    def visit(self, step, state, ordered):
        """Depth first, without recursion: a step after all that it needs."""
        todo = [(step, False)]
        while todo:
            step, done = todo.pop()
            if done:
                ordered.append(step)
            elif step not in state:
                state[step] = True
                todo.append((step, True))
                needs = sorted(self.needs[step], key=self.order.__getitem__, reverse=True)
                todo += [(need, False) for need in needs if need not in state]

    def stored(self, loop, ordered):
        """The results of a loop that somebody else reads."""
        read = set(self.outputs)
        for step in ordered:
            if step is not loop:
                read |= step.reads() if isinstance(step, Loop) else set(self.roots(step.equation))
        return [o.result for o in loop.operations if o.result in read]
