"""One capture: a function runs once while the tensors that it reaches hold Staged values.

The live objects take part themselves, so that every way to them, hooks, identities and the
optimiser's state are as in an eager call. Whatever happens, all of them are put back afterwards;
what the run has changed becomes outputs of the graph, see `effects`.
"""

import random
from threading import RLock

import numpy as np

from ..oop.random import drawing_from
from ..shared.dispatch import depth
from ..shared.errors import describe
from ..shared.schedule.capture import Recording, Staged
from ..shared.schedule.deferred import Deferred, Tape
from ..shared.schedule.graph import Graph, Variable
from ..shared.schedule.passes.dead import without_dead
from .arguments import stand_in
from .effects import Effects

LOCK = RLock()  # one capture at a time: it changes live objects, and puts them back


class Swap:
    """Inside, the tensors and numbers of a survey are those of a graph to be."""

    def __init__(self, survey, trace):
        self.survey, self.trace, self.tape = survey, trace, Tape(trace)
        self.variables = [Variable(t.shape, t.dtype) for t in survey.slots]
        self.discarded = False  # whether the capture will be made again
        self.drawn = []  # the generator of each key, None for the default one
        self.source = drawing_from(lambda module: self.draw(None))

    def __enter__(self):
        survey, level = self.survey, depth.get() + 0.5
        self.tensors = [
            (t, t.value, t.node, t.base, t.version, t.level, dict(t.__dict__)) for t in survey.slots
        ]
        self.numbers = [container[key] for container, key in survey.numbers]
        for t, v in zip(survey.slots, self.variables, strict=True):
            t.value, t.base, t.version, t.level = Staged(v, self.trace), None, None, level
        for (container, key), x in zip(survey.numbers, self.numbers, strict=True):
            many = x.__class__ is tuple
            container[key] = tuple(map(self.tape.add, x)) if many else self.tape.add(x)
        self.deferred = [container[key] for container, key in survey.numbers]
        for g in survey.generators:
            g.next_key = lambda g=g: self.draw(g)
        self.source.__enter__()
        return self

    def draw(self, generator):
        """A key that every call takes anew."""
        self.drawn.append(generator)
        return self.tape.add(np.zeros(2, np.uint64))

    def __exit__(self, kind, *exception):
        survey = self.survey
        self.source.__exit__()
        for g in survey.generators:
            del g.next_key
        for t, value, node, base, version, level, attributes in self.tensors:
            t.value, t.node, t.base, t.version, t.level = value, node, base, version, level
            t.__dict__.clear()
            t.__dict__.update(attributes)
        for container, before in survey.saved:
            restore(container, before, kind is not None or self.discarded)
        for container, key, x in survey.read():
            if container.__class__ is not list:
                container[key] = x
        for (container, key), x in zip(survey.numbers, self.numbers, strict=True):
            container[key] = x
        for cell, x in zip(survey.cells, survey.contents, strict=True):
            cell.cell_contents = x


def restore(container, before, failed):
    """A container as it was. A list keeps what the capture has put into it, unless that failed."""
    if not isinstance(container, dict):
        if failed:
            container.clear()
            container.extend(before)
    elif len(container) != len(before) or any(container[k] is not x for k, x in before.items()):
        container.clear()
        container.update(before)


class Frozen:
    """ValueError at the end where the block drew from sources whose numbers would be frozen."""

    def __init__(self, generators):
        self.generators = generators

    def __enter__(self):
        self.before = self.states()
        return self

    def states(self):
        """The states of Python's and NumPy's global sources, and of the generators."""
        return (
            random.getstate(),
            str(np.random.get_state(legacy=False)["state"]),
            [repr(g.bit_generator.state) for g in self.generators],
        )

    def __exit__(self, kind, *exception):
        if kind is None and self.states() != self.before:
            raise ValueError(
                "compile: the function draws numbers from NumPy's or Python's random generators, "
                "which would be the same in every call; draw by oop.rand and its like, or outside, "
                "and pass what was drawn as an argument"
            )


class Captured:
    """A graph, where its inputs come from, and what is to be written after it ran.

    inputs: (kind, place) of each of the graph's inputs: "slot", "argument", "gradient" (of an
    argument) or "host".
    """

    def __init__(self, graph, inputs, tape, drawn, effects):
        self.graph, self.inputs, self.tape, self.drawn = graph, inputs, tape, drawn
        self.effects = effects
        self.donate = () if can_fail(graph) else self.in_place()

    def in_place(self):
        """(input, output) of the tensors whose new values may be computed in their own memory."""
        places = {i: n for n, (kind, i) in enumerate(self.inputs) if kind == "slot"}
        effects = self.effects
        return tuple(
            [(places[i], k) for i, k in effects.writes if i in places and not effects.copied[k]]
        )


def can_fail(graph):
    """True where an index may be out of bounds: then nothing is overwritten before the end."""
    operands = [a for e in graph.equations for a in e.inputs if isinstance(a, Variable)]
    return any(a.dtype.kind in "iu" and a.shape for a in operands)


def captured(function, survey, leaves, rebuild, differentiable=False):
    """`function` of the leaves of its arguments, captured; rebuild(leaves) -> args, kwargs."""
    with Frozen(survey.foreign), Recording("compile", closes=True) as trace:
        with Swap(survey, trace) as swap:
            given = [Variable(*shape_and_dtype(x)) for x in leaves]
            held = [Variable(*shape_and_dtype(getattr(x, "gradient", None))) for x in leaves]
            arguments = [
                stand_in(*three, trace, swap.tape, survey)
                for three in zip(leaves, given, held, strict=True)
            ]
            args, kwargs = rebuild(arguments)
            before = [getattr(a, "gradient", None) for a in arguments]
            out = function(*args, **kwargs)
            effects = Effects(swap, leaves, arguments, before, out, differentiable)
            swap.discarded = not effects.promoted.keys() <= survey.promoted.keys()
            outputs = [trace.operand(trace.settle(x)) for x in effects.outputs]
    sources = {v: ("slot", i) for i, v in enumerate(swap.variables)}
    sources |= {v: ("argument", i) for i, v in enumerate(given)}
    sources |= {v: ("gradient", i) for i, v in enumerate(held)}
    for v, a in trace.captured.values():
        sources[v] = ("host", host_index(a))
    name = getattr(function, "__name__", type(function).__name__)
    graph = without_dead(Graph(list(sources), outputs, trace.equations, name))
    used = graph.users()
    inputs = [v for v in graph.inputs if v in used]
    graph = Graph(inputs, graph.outputs, graph.equations, name)
    effects.settle(graph, sources, used)
    return Captured(graph, [sources[v] for v in inputs], swap.tape, swap.drawn, effects)


def shape_and_dtype(x):
    """Of arrays and tensors; anything else is no input of a graph."""
    return (x.shape, x.dtype) if hasattr(x, "dtype") and hasattr(x, "shape") else ((), np.bool_)


def host_index(x):
    """Where a number stands on the tape; TypeError for a tensor that the survey has not found."""
    if x.__class__ is Deferred:
        return x.index
    made = getattr(getattr(x, "node", None), "plan", None)
    how = (
        f"was made by {made.primitive.name} outside of it; compute it inside, or detach it"
        if made
        else "it reaches by a way that cannot be followed; pass it as an argument, or hold it in a "
        "module, a closure or a global"
    )
    raise TypeError(f"compile: the function uses a Tensor {describe(x)} that {how}")
