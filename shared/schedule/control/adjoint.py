"""Reverse mode of a scan: what the loop keeps, and the loop that goes back.

Kept for each step is only what differs from step to step and is not there already: a constant, and
what a step computes from constants alone, is kept once; slices of the xs and ys are at hand.
"""

from ...custom import is_inexact
from ...primitives.rules import zeros_like
from ..graph import Graph
from ..program import Program
from .dependence import hoisted


class Adjoint:
    """The loops forward and back of a scan whose operands are active by these flags."""

    def __init__(self, scan, active):
        body = self.body = scan.body
        self.constants, self.carries = scan.constants, scan.carries
        self.outputs, self.count = body.graph.outputs, len(body.graph.outputs)
        places = [i for i, flag in enumerate(active) if flag]
        ahead, back, present = body.reverse(places)
        self.inputs, self.back = ahead.graph.inputs, back.graph
        self.residuals = ahead.graph.outputs[self.count :]
        self._divide(places, present)
        self._forward(ahead.graph)
        self.steps: dict = {}

    def _divide(self, places, present):
        """The active constants, carries and xs; the first and last only where a cotangent comes."""
        first = self.constants + self.carries
        self.found = [i for i, p in zip(places, present, strict=True) if p]
        self.active = (
            [i for i in self.found if i < self.constants],
            [i for i in places if self.constants <= i < first],
            [i for i in self.found if i >= first],
        )

    def _forward(self, graph):
        """The loop forward, and where each residual is found."""
        before, loop = hoisted(graph, self.constants)
        first = self.constants + self.carries
        groups = {
            "once": [*self.inputs[: self.constants], *before.outputs],
            "x": self.inputs[first:],
            "y": graph.outputs[self.carries : self.count],
        }
        at = {a: (kind, i) for kind, group in groups.items() for i, a in enumerate(group)}
        self.sources = {a: at.get(a, ("stack", None)) for a in self.residuals}
        outputs = (*loop.outputs[: self.count], *self.kept("stack"))
        graph = Graph(loop.inputs, outputs, loop.equations, loop.name)
        options = self.body.options
        self.before = Program(before, self.body.executor, **options)
        self.loop = Program(graph, self.body.executor, **options)

    def kept(self, *kinds):
        """The residuals of these kinds."""
        return [a for a in self.residuals if self.sources[a][0] in kinds]

    def step(self, arriving):
        """The program of one step back, where cotangents arrive for these ys."""
        if arriving not in self.steps:
            constants, carries, _ = self.active
            like = [
                *self.kept("once"),
                *[self.outputs[i - self.constants] for i in carries],
                *[self.inputs[i] for i in constants],
                *self.kept("x", "y", "stack"),
                *[self.outputs[i] for i in arriving],
            ]
            back = self.body.like(lambda *leaves: self._step(arriving, leaves), like)
            self.steps[arriving] = back
        return self.steps[arriving]

    def _step(self, arriving, leaves):
        """Cotangents of the carries, sums for constants, cotangents of xs."""
        rest = iter(leaves)
        constants, carries, xs = self.active
        kept = {a: next(rest) for a in self.kept("once")}
        cotangents = {i - self.constants: next(rest) for i in carries}
        sums = [next(rest) for _ in constants]
        kept |= {a: next(rest) for a in self.kept("x", "y", "stack")}
        cotangents |= {i: next(rest) for i in arriving}
        given = [
            cotangents[i] if i in cotangents else zeros_like(z)
            for i, z in enumerate(self.outputs)
            if is_inexact(z)
        ]
        gs = self.back(*[kept[a] for a in self.residuals], *given)
        gs = dict(zip(self.found, gs, strict=True))
        moved = [gs[i] if i in gs else zeros_like(self.inputs[i]) for i in carries]
        sums = [total + gs[i] for total, i in zip(sums, constants, strict=True)]
        return [*moved, *sums, *[gs[i] for i in xs]]

    def trace(self, scan, args):
        """(results, link) of a scan on these operands."""
        constants, carry, xs = scan.split(list(args))
        once = [*constants, *self.before(*constants)]
        found = scan.repeated(self.loop, len(once), self.carries)(*once, *carry, *xs)
        outs, stacks = found[: self.count], iter(found[self.count :])
        held = {"once": once, "x": xs, "y": outs[self.carries :]}
        kept = {
            a: next(stacks) if kind == "stack" else held[kind][i]
            for a, (kind, i) in self.sources.items()
        }
        return outs, lambda gz: self.pull(scan, args, outs, kept, gz)

    def pull(self, scan, args, outs, kept, gz):
        """One cotangent (or None) per operand."""
        constants, carries, xs = self.active
        ys = range(self.carries, self.count)
        arriving = tuple([i for i in ys if gz[i] is not None and is_inexact(self.outputs[i])])
        ends = [i - self.constants for i in carries]
        carried = [zeros_like(outs[i]) if gz[i] is None else gz[i] for i in ends]
        once = [kept[a] for a in self.kept("once")]
        slices = [kept[a] for a in self.kept("x", "y", "stack")] + [gz[i] for i in arriving]
        carried += [zeros_like(args[i]) for i in constants]
        loop = scan.repeated(
            self.step(arriving), len(once), len(carried), f"{scan.name} backward", not scan.from_end
        )
        found = loop(*once, *carried, *slices)
        gs = dict(zip([*carries, *constants, *xs], found, strict=True))
        return [gs.get(i) for i in range(len(args))]
