"""One of several functions, as one primitive: only the one that is chosen runs.

Operands: the index, then what all branches take. Transforms are switches of the transformed
branches. Where elements of a batch choose differently, each branch runs on the rows that chose it,
and one that no row chose does not run at all.
"""

from collections import Counter

import numpy as np

from ... import batching
from ...abstract import ShapeDtype
from ...custom import batch_size, is_inexact, spread
from ...primitives.cast import convert
from ...primitives.comparison import equal
from ...primitives.reduction import any as reduce_any
from ...primitives.rules import active_operands, zeros_like
from ...primitives.selection import clip
from .rows import chosen_rows, rows_that
from .structured import Structured


class Switch(Structured):
    """branches[index](*operands), the index brought into the range of the branches."""

    def __init__(self, branches, name="switch"):
        super().__init__(name, branches)

    def abstract(self, *args, **static):
        """As every branch gives them."""
        return [(tuple(z.shape), z.dtype) for z in self.programs[0].graph.outputs]

    def kernel(self, index, *args):
        """The chosen branch."""
        return tuple(self.programs[min(max(int(index), 0), len(self.programs) - 1)].run(args))

    def derived(self, key, make):
        """What is made once for these branches; kept by the first of them."""
        others = tuple([id(p) for p in self.programs])  # alive as long as what is made of them
        found = self.programs[0].derived(("switch", others, *key), lambda: (make(), self.programs))
        return found[0]

    def trace(self, args, level=None):
        """The link is a switch of the backward programs, over the residuals of the one that ran."""
        places = [i - 1 for i in self.places]
        ahead, back, taken, present = self.derived(
            ("vjp", tuple(places)), lambda: self._reverse(places)
        )
        count = len(self.programs[0].graph.outputs)
        found = Switch(ahead, self.name)(*args)
        outs = found[:count]
        residuals = [*[args[i + 1] for i in taken], *found[count:]]

        def link(gz):
            given = [zeros_like(z) if g is None else g for g, z in zip(gz, outs, strict=True)]
            given = [g for g in given if is_inexact(g)]
            gs = Switch(back, f"{self.name} backward")(args[0], *residuals, *given)
            found = dict(zip([i + 1 for i in present], gs, strict=True))
            return [found.get(i) for i in range(len(args))]

        return outs, link

    def _reverse(self, places):
        """(forward programs, backward programs, operands kept, places with a cotangent).

        Forward programs give the outputs and slots for the residuals, which the branches share
        where shape and dtype agree; those of the branches not taken stay zero.
        """
        halves = [program.reverse(places) for program in self.programs]
        count = len(self.programs[0].graph.outputs)
        own = [self._residuals(ahead.graph, count) for ahead, _, _ in halves]
        taken = sorted({i for operands, _ in own for i in operands.values()})
        slots = Counter()
        for _, computed in own:
            slots |= Counter(kind_of(a) for a in computed)
        slots = list(slots.elements())
        found = [{i for i, p in zip(places, h[2], strict=True) if p} for h in halves]
        present = sorted(set().union(*found))
        aheads, backs = [], []
        for program, (ahead, back, _), (operands, computed), mine in zip(
            self.programs, halves, own, found, strict=True
        ):
            seats = seated(computed, slots)
            aheads.append(with_slots(ahead, count, seats, slots))
            kept = [
                ("operand", taken.index(operands[a])) if a in operands else ("slot", seats[a])
                for a in ahead.graph.outputs[count:]
            ]
            backs.append(self._back(program, back, kept, taken, slots, sorted(mine), present))
        return aheads, backs, taken, present

    def _residuals(self, graph, count):
        """({residual: operand that it is}, residuals that the branch computes)"""
        at = {v: i for i, v in enumerate(graph.inputs)}
        residuals = graph.outputs[count:]
        return {a: at[a] for a in residuals if a in at}, [a for a in residuals if a not in at]

    def _back(self, program, back, kept, taken, slots, mine, present):
        """A branch's backward program, from what all branches keep to what any of them gives."""
        inputs = program.graph.inputs
        like = [*[inputs[i] for i in taken], *[ShapeDtype(*kind) for kind in slots]]
        like += [z for z in program.graph.outputs if is_inexact(z)]

        def run(*leaves):
            operands, rest = leaves[: len(taken)], leaves[len(taken) :]
            residuals = [operands[i] if kind == "operand" else rest[i] for kind, i in kept]
            gs = dict(zip(mine, back.graph(*residuals, *rest[len(slots) :]), strict=True))
            return [gs[i] if i in gs else zeros_like(inputs[i]) for i in present]

        return program.like(run, like)

    def dual(self, mask, tangents, args, static):
        """The branches beside their tangents."""
        active = [i - 1 for i in active_operands(self, mask)]
        programs, moved = self.derived(("jvp", tuple(active)), lambda: self._tangent(active))
        found = Switch(programs, self.name)(*args, *tangents)
        rest = iter(found[len(moved) :])
        return found[: len(moved)], [next(rest) if m else None for m in moved]

    def _tangent(self, active):
        """(the branches with tangents, which outputs have one in any branch)"""
        graphs = [program.tangent(active) for program in self.programs]
        moved = [any(flags) for flags in zip(*[m for _, m in graphs], strict=True)]
        programs = []
        for program, (tangent, own) in zip(self.programs, graphs, strict=True):

            def both(*leaves, graph=tangent.graph, own=own):
                found = graph(*leaves)
                outs, rest = found[: len(own)], iter(found[len(own) :])
                douts = [next(rest) if m else zeros_like(z) for m, z in zip(own, outs, strict=True)]
                return [*outs, *[d for d, m in zip(douts, moved, strict=True) if m]]

            programs.append(program.like(both, tangent.graph.inputs))
        return programs, moved

    def batch_rule(self, args, batched):
        """A switch of the batched branches, or one for each branch where the index is batched."""
        size = batch_size(args, batched)
        flags = tuple(batched[1:])
        if batched[0]:
            return self._each(args, flags, size)
        branches = self.derived(
            ("vmap", flags, size), lambda: [p.batched(flags, size) for p in self.programs]
        )
        return Switch(branches, self.name)(*args)

    def _each(self, args, flags, size):
        """Every branch that a row chose, on the rows that chose it."""
        last = len(self.programs) - 1
        index, found = clip(args[0], 0, last), None
        sides = self.derived(
            ("vmap each", flags, size), lambda: [self._side(p, flags, size) for p in self.programs]
        )
        for i, side in enumerate(sides):
            chosen = equal(index, i)
            some = convert(reduce_any(chosen, axis=(0,), keepdims=False), dtype=np.dtype(np.int64))
            outs = Switch(side, self.name)(some, chosen, *args[1:])
            found = outs if found is None else [
                rows_that(chosen, z, before) for z, before in zip(outs, found, strict=True)
            ]  # fmt: skip
        return found

    def _side(self, program, flags, size):
        """(zeros, the branch on its rows): for operands `chosen` and those of the branch."""

        def run(chosen, *leaves):
            inside = chosen_rows(chosen, leaves, flags, size)
            outs, made = batching.vmap(program.graph, inside, flags, size)
            return [spread(z, m, size) for z, m in zip(outs, made, strict=True)]

        wide = program.batched(flags, size).graph
        like = [ShapeDtype((size,), bool), *wide.inputs]
        zeros = [zeros_like(z) for z in wide.outputs]
        return program.like(lambda *leaves: zeros, like), program.like(run, like)


def kind_of(a):
    """(shape, dtype)"""
    return tuple(a.shape), a.dtype


def seated(computed, slots):
    """{residual: the slot of its kind that it takes}"""
    free = {}
    for i, kind in enumerate(slots):
        free.setdefault(kind, []).append(i)
    return {a: free[kind_of(a)].pop(0) for a in computed}


def with_slots(program, count, seats, slots):
    """A forward program that gives its `count` outputs and all slots, zero where it has none."""
    graph = program.graph
    taken = {i: a for a, i in seats.items()}

    def run(*leaves):
        found = dict(zip(range(len(graph.outputs)), graph(*leaves), strict=True))
        at = {a: found[i] for i, a in enumerate(graph.outputs) if i >= count}
        outs = [found[i] for i in range(count)]
        filled = [
            at[taken[i]] if i in taken else zeros_like(ShapeDtype(*kind))
            for i, kind in enumerate(slots)
        ]
        return [*outs, *filled]

    return program.like(run, graph.inputs)
