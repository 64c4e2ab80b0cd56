"""The fused form: many entry-by-entry operations, and reductions among them, as one loop.

A domain is a shape without axes of size 1. Every operand is read through strides over it, zero
where it is broadcast, so that one loop nest serves all. Where a reduction over the last axes stands
among them the domain is cut into rows, and the loop runs over a row once for each phase: softmax
is the phases maximum, sum of exponentials, quotient. Other reductions (a bias gradient, a total)
may end a loop: they accumulate into memory and are read by later loops only.

The form names no machine: what runs it reads `Loop`.
"""

import math
from typing import Any, NamedTuple

from .graph import Variable
from .views import View, contiguous

REDUCTIONS = frozenset("sum max min prod any all".split())
MOST_OPERATIONS = 64  # of one loop: more would not fit the registers
MOST_ROW = 8192  # entries of a row that is run over more than once


class Read(NamedTuple):
    """An operand in memory: strides over the domain.

    picked: a Read of integers, each of which moves the place by `step` entries; they must lie in
    [-bound, bound). It is how rows of a table are picked.
    """

    root: object
    strides: tuple
    offset: int
    picked: Any = None
    step: int = 0
    bound: int = 0


class Operation:
    """One equation in a loop.

    operands: a Read, a variable computed in the same loop, or a number. level: "full" (one value
    for each entry of the domain), "row" (one for each row), or "end" (a reduction into memory,
    whose result has `strides` over the domain). reduces: the name of the reduction, or None.
    picked: for an "end" that adds to rows picked by integers, where these are read, as in Read.
    """

    __slots__ = ("equation", "level", "operands", "picked", "reduces", "strides")

    def __init__(self, equation, level, operands, reduces=None, strides=(), picked=None):
        self.equation, self.level, self.operands = equation, level, operands
        self.reduces, self.strides, self.picked = reduces, strides, picked

    @property
    def result(self):
        """The variable it computes."""
        return self.equation.outputs[0]


class Loop:
    """Operations over one domain. rows: how many axes lead to a row, or None where there are
    none."""

    def __init__(self, shape):
        self.shape, self.rows, self.operations, self.levels = shape, None, [], {}
        self.stores: list = []
        self.targets: dict = {}
        self._reads = 0, frozenset()  # how many operations there were, and the roots they read

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
        count = len(self.operations)
        if self._reads[0] != count:  # fusion asks far more often than it adds
            self._reads = count, frozenset(a.root for a in self.reading())
        return self._reads[1]

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
                at = (a.picked and named(a.picked), a.step, a.bound)
                return memory[a.root, a.offset], a.root.dtype, a.strides, *at
            return names[a] if isinstance(a, Variable) else (type(a), repr(a))

        operations = [
            (
                o.equation.primitive, tuple(o.equation.static.items()), o.level, o.reduces,
                o.strides, tuple([named(a) for a in o.operands]), names[o.result],
                o.result.dtype, o.result.size, o.picked and named(o.picked),
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
        for a in (*operation.operands, operation.picked):
            if isinstance(a, Read):
                yield a
                if a.picked is not None:
                    yield a.picked


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
