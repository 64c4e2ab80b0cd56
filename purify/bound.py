"""A capture with the live objects that it reads and writes."""

from itertools import pairwise

import numpy as np

from ..oop.grad_mode import recording
from ..oop.nn import structure
from ..oop.random import default_generator
from ..oop.tensor import Tensor, wrap
from ..shared.errors import describe
from . import straight
from .arguments import Likeness
from .effects import MAKE, Slot, overwrite
from .forward import Forward


class Bound:
    """See the module. `inputs` says whether it fits a call, and `run(leaves, *inputs)` performs it.

    arguments: the structure of the arguments, of which `leaves` are the leaves.
    """

    def __init__(self, step, entry, survey, arguments, leaves):
        self.step, self.entry, self.survey, self.arguments = step, entry, survey, arguments
        self.kinds = [Likeness(x, survey) for x in leaves]
        self.grad_mode = bool(recording.get())
        self.slots = slots = survey.slots
        for i, _ in entry.effects.writes:
            own_memory(slots[i])
        self.arrays = [t.fresh().value for t in slots]
        self.gradients = [t.gradient for t in slots]
        self._bind_inputs(leaves)
        self._bind_effects(entry.effects)
        self.check_memory()
        self.gather, self.run = straight.inputs(self), straight.run(self)

    def _bind_inputs(self, leaves):
        """Where the inputs of the program are: those of tensors first, then of arguments."""
        of = {kind: [i for k, i in self.entry.inputs if k == kind] for kind in SOURCES}
        self.of_slots, self.of_arguments, self.of_gradients, self.of_host = (
            of[kind] for kind in SOURCES
        )
        self.chosen = [] if not self.grad_mode or not self.step.differentiable else [
            i for i, (kind, j) in enumerate(self.entry.inputs)
            if (kind == "slot" and self.slots[j].requires_grad)
            or (kind == "argument" and getattr(leaves[j], "requires_grad", False))
        ]  # fmt: skip
        self.generators = [default_generator if g is None else g for g in self.entry.drawn]

    def _bind_effects(self, effects):
        self.build = effects.out.build
        self.copied = [k for k, c in enumerate(effects.copied) if c]
        # The usual gradient: a new tensor in place of an old one that the graph does not use.
        usual = [g for g in effects.gradients if g.is_new()]
        self.renewed = [(self.slots[g.slot], g.leaf[1], g.slot, g.old) for g in usual]
        self.other_gradients = [g for g in effects.gradients if not g.is_new()]
        self.places = [(*self.place(p), template) for p, template in effects.places]
        self.removed = [self.place(p) for p in effects.removed]
        self.numbers = [(*self.survey.numbers[i], template) for i, template in effects.numbers]
        self.cells = [(self.survey.cells[i], template) for i, template in effects.cells]
        self.note = structure.note_assignment
        self.assigns = any(id(c) in self.survey.of_modules for c, *_ in self.numbers + self.places)
        self.others = bool(self.places or self.removed or self.cells)
        self.written = bool(self.other_gradients or effects.arguments)

    def place(self, p):
        """(container, key) of a place."""
        group, i, key = p
        survey = self.survey
        container = survey.saved[i][0] if group == "saved" else survey.watch.containers[i]
        return container, self.slots[key] if key.__class__ is Slot else key

    def check_memory(self):
        """ValueError where a tensor is written into the memory of another that is used."""
        written = {i for i, _ in self.entry.effects.writes}
        used = written | set(self.of_slots)
        spans = sorted(
            (*np.lib.array_utils.byte_bounds(x), i)
            for i, x in enumerate(self.arrays)
            if i in used and isinstance(x, np.ndarray) and x.size
        )
        for (_, end, i), (start, _, j) in pairwise(spans):
            if start < end and (i in written or j in written):
                raise ValueError(
                    f"compile: two tensors, {describe(self.slots[i])} and "
                    f"{describe(self.slots[j])}, share memory, and the function changes one of "
                    "them; give each its own by clone(), or register one tensor twice"
                )

    def inputs(self, leaves, arguments):
        """(values of the host, leaves of the program); None where this capture does not fit."""
        if arguments != self.arguments or (not recording.get()) is self.grad_mode:
            return None
        return self.gather(leaves)

    def claims(self, places):
        """(generator, the places on the tape of its keys) of each generator."""
        found: dict = {}
        for g, place in zip(self.generators, places, strict=True):
            found.setdefault(g, []).append(place)
        return list(found.items())

    def give_back(self):
        """The keys that a failed call has claimed."""
        for g, places in self.claims(range(len(self.generators))):
            with g._lock:
                g._count -= len(places)

    def run_gradients(self, made, place):
        """Gradients that arrive otherwise than usual, and changes of arguments."""
        for g in self.other_gradients:
            self.write_gradient(g, made[0], place)
        for i, what, leaf in self.entry.effects.arguments:
            write_argument(made[3][i], what, leaf, made, place)

    def run_others(self, made):
        """The changes that few functions make; then the next call looks at everything again."""
        for container, key, template in self.places:
            container[key] = template.build(*made)
        for container, key in self.removed:
            del container[key]
        for cell, template in self.cells:
            cell.cell_contents = template.build(*made)
        if self.places or self.removed or self.cells:
            self.step.bound = None

    def compute(self, leaves, given):
        """The results of the program, in memory of their own; of a model in training Tensors."""
        try:
            return self.computed(leaves, given)
        except BaseException:
            self.give_back()
            raise

    def computed(self, leaves, given):
        """`compute`, which does not clean up."""
        program, copied = self.entry.program, self.copied
        if not self.chosen:
            results = program.run(given)
            if copied:
                results = list(results)
                for k in copied:
                    results[k] = np.array(results[k])
            return results
        operands = list(given)
        for i in self.chosen:
            kind, j = self.entry.inputs[i]
            operands[i] = self.slots[j] if kind == "slot" else leaves[j]
        results = list(Forward(program, self.chosen)(*operands))
        for k, x in enumerate(results):
            if k not in self.entry.effects.tracked:
                results[k] = np.array(x.value if isinstance(x, Tensor) else x)
            elif k in copied:
                x.value = np.array(x.value)
        return results

    def write_gradient(self, g, results, place):
        """Leave .grad of a tensor as the function would."""
        t = self.slots[g.slot]
        if g.leaf is None:
            t.gradient = None
        elif g.leaf[0] == "slot":
            t.gradient = self.slots[g.leaf[1]]
        elif g.in_place:
            overwrite(t.gradient, results[g.leaf[1]], place)
        else:  # the next call finds a gradient where there was none
            t.gradient = wrap(results[g.leaf[1]])


SOURCES = ("slot", "argument", "gradient", "host")


def write_argument(x, what, leaf, made, place):
    """A change of an argument or of its gradient: of the entries, or of what stands there."""
    if what == "gradient":
        x.gradient = None if leaf is None else MAKE[leaf[0]](leaf[1], *made)
    else:
        overwrite(x if what == "value" else x.gradient, made[0][leaf], place)


def own_memory(t):
    """Memory that can be written to: not that of a single number of NumPy's."""
    if isinstance(t.value, np.generic):
        t.value = np.asarray(t.value)
    if isinstance(t.value, np.ndarray) and not t.value.flags.writeable:
        raise ValueError(
            f"compile: the function changes a Tensor {describe(t)} whose array is read-only; give "
            "it a copy"
        )
