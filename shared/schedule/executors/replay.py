"""The `numpy` executor: the same kernels in the same order, into buffers that stay."""

import numpy as np

from ...abstract import is_filled
from ...backend import device_of, on_cuda, to_device
from ...primitives.primitive import Primitive
from ..graph import Constant, Variable
from ..passes.dead import without_dead
from ..passes.inline import inlined
from ..passes.repetition import without_repetition
from .buffers import Learning

LAYOUTS = 4  # arrangements of the leaves in memory for which buffers are kept


class Step:
    """One application: registers[results] = kernel(*registers[sources], **static).

    ends: registers that nobody reads afterwards. decides: which operands' memory is in the results
    may differ from call to call, as of a branch that is taken or a loop that does no step.
    """

    __slots__ = (
        "decides", "ends", "equation", "kernel", "results", "single", "sources", "static",
    )  # fmt: skip

    def __init__(self, equation, sources, results):
        primitive, self.equation = equation.primitive, equation
        plain = primitive.__class__ is Primitive
        self.kernel = primitive.kernel if plain else primitive
        self.decides = not plain
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
            if isinstance(constant.value, np.ndarray) and is_filled(constant.value):
                constant.value = np.ascontiguousarray(constant.value)  # as eager code has it
        self.constant = [i for i, a in enumerate(graph.outputs) if a.__class__ is Constant]
        self.weak = [i for i, v in enumerate(graph.inputs) if v.weak]
        self.registers = [None] * len(graph.inputs)
        self.places = {v: i for i, v in enumerate(graph.inputs)}
        self.steps = [self.step(equation) for equation in graph.equations]
        self.outputs = [self.place(a) for a in graph.outputs]
        self.end_lives()
        self.layouts: dict = {}
        self.moved: dict = {}  # {device: the registers with the constants there}

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
        leaves, home = self.at_home(self.weakened(leaves))
        registers = home.copy()
        registers[: len(leaves)] = leaves
        self.run(registers)
        return self.owned([registers[i] for i in self.outputs])

    def at_home(self, leaves):
        """(leaves, registers) on the device of the leaves: a capture knows of none.

        Constants are copied there once; numbers of NumPy's go along with any device, as in eager
        code.
        """
        for x in leaves:
            if x.__class__ is not np.ndarray and on_cuda(x):
                device = device_of(x)
                if device not in self.moved:
                    self.moved[device] = [there(a, device, np.ndarray) for a in self.registers]
                return [there(a, device) for a in leaves], self.moved[device]
        return leaves, self.registers

    def run(self, registers):
        """Run all steps on registers that hold the leaves."""
        leaves = registers[: len(self.graph.inputs)]
        # with their classes: what a NumPy array taught does not hold for a CuPy array
        layout = tuple([(x.__class__, getattr(x, "strides", None)) for x in leaves])
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
                if not on_cuda(leaves[i]):  # a loop on a device counts there
                    leaves[i] = np.asarray(leaves[i])[()]
        return leaves


def there(x, device, kinds=(np.ndarray, np.generic)):
    """An array of NumPy's on this device, where it is a constant or a single number."""
    if isinstance(x, kinds) and (kinds is np.ndarray or not x.shape):
        return to_device(x, device)
    return x
