"""Fusion: which equations share a loop.

Equations join loops one by one, in their order: the loop that makes an operand takes the equation
if it fits the domain and if no other step, which the equation needs, waits for that loop. Loops
over one domain that meet in an equation become one.
"""

import itertools

from ..graph import Variable
from ..loop import REDUCTIONS, Loop

NEIGHBOURS = 6  # loops, the newest, that are looked at for memory that an equation reads too


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

    fusible(equation): whether a loop can do it. assemble(equation, places): the loops that write
    its result part by part, or None. What neither can do is a step of its own, an Other.
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
        others = (s for s in reversed(self.needs) if isinstance(s, Loop) and s not in known)
        return [s for s in itertools.islice(others, NEIGHBOURS) if roots & s.reads()]

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
        readers = self.readers(ordered)
        for step in ordered:
            if isinstance(step, Loop):
                step.stores = self.stored(step, readers)
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

    def readers(self, ordered):
        """{root: the steps that read it}"""
        found: dict = {}
        for step in ordered:
            for root in step.reads() if isinstance(step, Loop) else self.roots(step.equation):
                found.setdefault(root, set()).add(step)
        return found

    def stored(self, loop, readers):
        """The results of a loop that somebody else reads."""
        results = [o.result for o in loop.operations]
        return [z for z in results if z in self.outputs or readers.get(z, set()) - {loop}]
