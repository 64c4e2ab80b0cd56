"""The `numpy` executor: the same kernels in the same order, into buffers that stay."""

import numpy as np

from ...primitives.primitive import Primitive
from ..graph import Constant, Variable
from ..passes.dead import without_dead
from ..passes.inline import inlined
from ..passes.repetition import without_repetition
from .buffers import Learning

LAYOUTS = 4  # arrangements of the leaves in memory for which buffers are kept


class Step:
    """One application: registers[results] = kernel(*registers[sources], **static).

    ends: registers that nobody reads afterwards.
    """

    __slots__ = ("ends", "equation", "kernel", "results", "single", "sources", "static")

    def __init__(self, equation, sources, results):
        primitive, self.equation = equation.primitive, equation
        plain = primitive.__class__ is Primitive
        self.kernel = primitive.kernel if plain else primitive
        self.single, self.static = primitive.outputs is None, equation.static
        self.sources, self.results, self.ends = sources, results, ()

    def explained(self, error, args):
        """The error of eager code, with the line that the equation came from."""
        if self.kernel is not self.equation.primitive:
            error = self.equation.primitive.explain(error, args, self.static)
        error.add_note(f"in {self.equation.primitive.name}, written at {self.equation.line}")
        return error


class Replay:
    """run(leaves) -> leaves by the primitives' own kernels: the bits of the eager program."""

    def __init__(self, graph, donate=()):
        graph = self.graph = without_dead(without_repetition(without_dead(inlined(graph))))
        for constant in graph.constants():
            if not any(constant.value.strides):  # eager code has its zeros and ones in full
                constant.value = np.ascontiguousarray(constant.value).reshape(constant.shape)
        self.constant = [i for i, a in enumerate(graph.outputs) if a.__class__ is Constant]
        self.weak = [i for i, v in enumerate(graph.inputs) if v.weak]
        self.registers = [None] * len(graph.inputs)
        self.places = {v: i for i, v in enumerate(graph.inputs)}
        self.steps = [self.step(equation) for equation in graph.equations]
        self.outputs = [self.place(a) for a in graph.outputs]
        self.end_lives()
        self.layouts: dict = {}

    def place(self, a):
        """The register of an operand; those of constants and numbers hold them from the start."""
        if a.__class__ is Variable:
            return self.places[a]
        key = a if a.__class__ is Constant else (type(a), repr(a))
        if key not in self.places:
            self.places[key] = len(self.registers)
            self.registers.append(a.value if a.__class__ is Constant else a)
        return self.places[key]

    def step(self, equation):
        """The step that an equation is, with registers for its results."""
        sources = [self.place(a) for a in equation.inputs]
        results = range(len(self.registers), len(self.registers) + len(equation.outputs))
        self.registers += [None] * len(results)
        self.places.update(zip(equation.outputs, results, strict=True))
        return Step(equation, sources, tuple(results))

    def end_lives(self):
        """Tell each step which registers it is the last to read."""
        seen = {self.places[a] for a in self.places if a.__class__ is not Variable}
        seen.update(self.outputs, range(len(self.graph.inputs)))
        for step in reversed(self.steps):
            ends = [i for i in dict.fromkeys((*step.sources, *step.results)) if i not in seen]
            seen.update(ends)
            step.ends = tuple(ends)

    def __call__(self, leaves):
        """The results, as eager code gives them: arrays of the caller's own."""
        leaves = self.weakened(leaves)
        registers = self.registers.copy()
        registers[: len(leaves)] = leaves
        self.run(registers)
        return self.owned([registers[i] for i in self.outputs])

    def run(self, registers):
        """Run all steps on registers that hold the leaves."""
        leaves = registers[: len(self.graph.inputs)]
        layout = tuple([getattr(x, "strides", None) for x in leaves])
        buffers = self.layouts.get(layout)
        if buffers is not None:
            buffers.run(registers)
        elif len(self.layouts) < LAYOUTS:
            self.layouts[layout] = Learning(self).run(registers)
        else:
            for step in self.steps:
                self.apply(step, registers)

    def apply(self, step, registers):
        """Run a step as eager code would; its results."""
        args = [registers[i] for i in step.sources]
        try:
            found = step.kernel(*args, **step.static)
        except Exception as error:
            raise step.explained(error, args) from None
        found = (found,) if step.single else found
        for i, z in zip(step.results, found, strict=True):
            registers[i] = z
        for i in step.ends:
            registers[i] = None
        return found

    def owned(self, found):
        """The results, with copies of the graph's constants."""
        for i in self.constant:
            found[i] = found[i].copy()[()]
        return found

    def weakened(self, leaves):
        """The leaves with Python numbers as NumPy's."""
        if self.weak:
            leaves = list(leaves)
            for i in self.weak:
                leaves[i] = np.asarray(leaves[i])[()]
        return leaves
