"""What a captured function left behind: noted as outputs of its graph, written after each run."""

import numpy as np

from ..oop.graph import Version, next_order
from ..oop.graph import latest_change as latest
from ..oop.tensor import Tensor, wrap
from ..shared import tree
from ..shared.backend import is_array
from ..shared.dispatch import Value
from ..shared.errors import describe
from ..shared.schedule.capture import Staged
from ..shared.schedule.deferred import Deferred
from ..shared.schedule.graph import Variable
from .survey import NUMBERS


class Effects:
    """The changes that a run in a Swap has made, read off before everything is put back.

    outputs      the values to be computed
    writes       (slot, output) of tensors that changed their value
    gradients    (slot, what its .grad is afterwards): see `Gradient`
    places       (place, what stands there afterwards) in containers, and likewise
    numbers, cells
    removed      places that are gone
    arguments    (argument, what of it, output or leaf) of those that were changed
    out          what the function returned
    promoted     numbers and lists that the run has changed, as in a Survey
    """

    def __init__(self, swap, leaves, arguments, held, out, differentiable):
        self.swap, self.survey, self.leaves, self.given = swap, swap.survey, leaves, arguments
        self.outputs, self.copied, self.tracked = [], [], []
        self.by_value = {(id(container), key) for container, key in self.survey.numbers}
        self.promoted, self.removed, self.places, self.cells = {}, [], [], []
        self.standing = {id(a): i for i, a in enumerate(arguments) if isinstance(a, Tensor)}
        self.differentiable, self.held = differentiable, held
        self.arrived = self._arrived()
        self.out = self.template(out)
        self.writes = [
            (i, self.output(t.value))
            for i, (t, v) in enumerate(zip(self.survey.slots, swap.variables, strict=True))
            if not (t.value.__class__ is Staged and t.value.value is v)
        ]
        self._check_shapes()
        self.gradients = [g for i, t in enumerate(self.survey.slots) for g in self._gradient(i, t)]
        self.arguments = [e for i, a in enumerate(arguments) for e in self._argument(i, a)]
        for i, (container, before) in enumerate(self.survey.saved):
            if isinstance(container, dict):
                self._container(i, container, before)
            elif self._list_changed(container, before):
                self.promoted[id(container), None] = container
        self._named()
        self.numbers = [
            (i, self.template(container[key]))
            for i, (container, key) in enumerate(self.survey.numbers)
            if container[key] is not swap.deferred[i]
        ]
        for i, (cell, x) in enumerate(zip(self.survey.cells, self.survey.contents, strict=True)):
            if cell.cell_contents is not x:
                self._promote(cell, None, cell.cell_contents)
                self.cells.append((i, self.template(cell.cell_contents)))
        del self.swap, self.given, self.leaves, self.held, self.arrived

    # ---- reading off

    def output(self, x):
        """The number of the output that is x."""
        self.outputs.append(x)
        return len(self.outputs) - 1

    def template(self, x):
        """x as something that can be made anew after each run."""
        if x.__class__ is dict:  # whose order is kept
            return Ordered({key: self.template(a) for key, a in x.items()})
        leaves, structure = tree.flatten(x)
        return Template([self.leaf(a) for a in leaves], structure)

    def _arrived(self):
        """{id: how it is found} of the Tensors that are the .grad of others afterwards."""
        found = {}
        for i, a in enumerate(self.given):
            g = getattr(a, "gradient", None)
            if isinstance(a, Tensor) and id(a) not in self.survey.index and g is not None:
                found[id(g)] = "gradient of an argument", i
        for i, t in enumerate(self.survey.slots):
            if t.gradient is not None and id(t.gradient) not in self.survey.index:
                found[id(t.gradient)] = "gradient of a slot", i
        return found

    def leaf(self, x, arrives=False):
        """(kind, what) of a leaf: how it is made. arrives: as a gradient, right now."""
        if x.__class__ is Deferred:
            return "host", x.index
        if isinstance(x, Tensor):
            if id(x) in self.survey.index:
                return "slot", self.survey.index[id(x)]
            if id(x) in self.standing:
                return "argument", self.standing[id(x)]
            if id(x) in self.arrived and not arrives:
                return self.arrived[id(x)]
            value = x.fresh().value
            if id(x) in self.survey.histories:
                return "static", x
            if isinstance(value, Value) or is_array(value) or isinstance(value, np.generic):
                if self.differentiable and x.node is not None:
                    self.tracked.append(len(self.outputs))
                    return "tracked", self.output(value)
                return "tensor", self.output(value)
        if x.__class__ is Staged or x.__class__ is np.ndarray:
            return "array", self.output(x)
        return "static", x

    def _check_shapes(self):
        for i, k in self.writes:
            t, x, v = self.survey.slots[i], self.outputs[k], self.swap.variables[i]
            if tuple(x.shape) != tuple(v.shape) or x.dtype != v.dtype:
                raise TypeError(
                    f"compile: the function turns a Tensor {describe(v)} into {describe(x)}; "
                    f"compute that in another Tensor than {type(t).__name__} {describe(v)}"
                )

    def _gradient(self, i, t):
        before = self.swap.tensors[i][-1].get("gradient")
        now = t.gradient
        if now is before:
            return
        old = self.survey.index.get(id(before))
        yield Gradient(i, old, None if now is None else self.leaf(now, True))

    def _argument(self, i, a):
        if not isinstance(a, Tensor) or a is self.leaves[i]:
            return
        if changed(a):
            yield i, "value", self.output(a.value)
        held = self.held[i]
        if held is not None and changed(held):
            yield i, "entries of the gradient", self.output(held.value)
        if a.gradient is not held:
            yield i, "gradient", None if a.gradient is None else self.leaf(a.gradient, True)

    def _container(self, i, container, before):
        table = self.survey.of_modules.get(id(container))
        for key, x in container.items():
            old = before.get(key, Effects)
            if x is old or (id(container), key) in self.by_value:
                continue
            j = self.survey.index.get(id(old))
            if table == "_buffers" and j is not None and alike(x, old):
                self.writes.append((j, self.output(x.fresh().value)))
                continue
            self._promote(container, key, x)
            self.places.append((("saved", i, self._key(key)), self.template(x)))
        self.removed += [("saved", i, self._key(key)) for key in before if key not in container]

    def _list_changed(self, container, before):
        return len(container) != len(before) or any(
            x is not old and (id(container), i) not in self.by_value
            for i, (x, old) in enumerate(zip(container, before, strict=True))
        )

    def _named(self):
        """Globals and attributes of objects, of which only some are watched."""
        watch, whole = self.survey.watch, {id(c) for c, _ in self.survey.saved}
        triples = zip(watch.containers, watch.keys, watch.known, strict=True)
        for i, (container, key, x) in enumerate(triples):
            if id(container) in whole or not isinstance(container, dict):
                continue
            now = container[key]
            if now is not x:
                self._promote(container, key, now)
                self.places.append((("watch", i, key), self.template(now)))

    def _promote(self, container, key, now):
        if now.__class__ in NUMBERS or now.__class__ is Deferred:
            self.promoted[id(container), key] = container

    def _key(self, key):
        i = self.survey.index.get(id(key))
        return key if i is None else Slot(i)

    # ---- once the graph is known

    def settle(self, graph, sources, used):
        """Which outputs must be copied, as they look into what is kept, overwritten or shared."""
        makers, seen = graph.makers(), set()
        for v in graph.outputs:
            root = v
            while root.__class__ is Variable and root in makers:
                equation = makers[root]
                if not equation.primitive.view:
                    break
                root = equation.inputs[0]
            self.copied.append(
                root.__class__ is not Variable or root in sources or root in seen or v in seen
            )
            seen |= {root, v} if isinstance(root, Variable) else {v}
        variables = {source: v for v, source in sources.items()}
        for g in self.gradients:
            g.in_place = g.old is not None and variables["slot", g.old] in used
        self.arguments = [
            (i, "entries of the gradient", leaf[1])
            if what == "gradient" and leaf and variables["gradient", i] in used
            else (i, what, leaf)
            for i, what, leaf in self.arguments
        ]
        del self.survey, self.standing  # which keep the live objects alive


class Gradient:
    """What .grad of a slot is after a run: None, or a tensor; old: the slot of what it was.

    in_place: it was added to what was there.
    """

    def __init__(self, slot, old, leaf):
        self.slot, self.old, self.leaf, self.in_place = slot, old, leaf, False

    def is_new(self):
        """True for a new tensor in place of an old one."""
        made = self.leaf is not None and self.leaf[0] == "tensor"
        return made and self.old is not None and not self.in_place


class Slot(int):
    """A key of a container that is the tensor of this number."""


LEAF = tree.structure(0)


class Template:
    """A pytree that is made anew from the results of a run."""

    def __init__(self, leaves, structure):
        self.leaves, self.structure = leaves, structure
        self.single = structure == LEAF

    def build(self, results, values, slots, arguments):
        """The pytree: results of the graph, values of the host."""
        if self.single:
            kind, what = self.leaves[0]
            return MAKE[kind](what, results, values, slots, arguments)
        made = [MAKE[kind](what, results, values, slots, arguments) for kind, what in self.leaves]
        return tree.unflatten(self.structure, made)


class Ordered(dict):
    """A dict of templates."""

    def build(self, *made):
        """The dict of what they build."""
        return {key: template.build(*made) for key, template in self.items()}


MAKE = {
    "host": lambda i, results, values, slots, arguments: values[i],
    "slot": lambda i, results, values, slots, arguments: slots[i],
    "argument": lambda i, results, values, slots, arguments: arguments[i],
    "gradient of a slot": lambda i, results, values, slots, arguments: slots[i].gradient,
    "gradient of an argument": lambda i, results, values, slots, arguments: arguments[i].gradient,
    "tensor": lambda i, results, values, slots, arguments: wrap(results[i]),
    "tracked": lambda i, results, values, slots, arguments: results[i],
    "array": lambda i, results, values, slots, arguments: results[i],
    "static": lambda x, results, values, slots, arguments: x,
}


def changed(tensor):
    """True for a stand-in whose entries were written to."""
    return tensor.version is not None and bool(tensor.version.count)


def alike(x, y):
    """True for tensors of one shape and dtype."""
    return isinstance(x, Tensor) and tuple(x.shape) == tuple(y.shape) and x.dtype == y.dtype


def overwrite(t, x, place):
    """The entries of x into the memory of a tensor, changed at the user's line `place`."""
    t.value[...] = x
    version = t.version
    if version is None:
        version = t.version = Version()
    version.count += 1
    version.line, version.changed = place, next_order()
    latest[0] = version.changed
