"""A program is a graph that runs, and the derivatives of it that were asked for.

`Staging` is the primitive behind `jit`: it hands arrays to an executor, and any transform's values
to the program of the transformed graph. So grad of jit compiles a forward and a backward program,
and jit of grad one joint program.
"""

from functools import cached_property

from .. import batching, forward, tape
from ..custom import Call, batch_size, is_inexact, spread
from ..dispatch import Value
from ..primitives.rules import active_operands, zeros_like
from . import weak  # noqa: F401  Python's arithmetic on the numbers of a capture
from .bodies import with_bodies
from .capture import capture
from .executors import executor_for
from .graph import Graph
from .passes.dead import without_dead
from .passes.inline import inlined


class Program:
    """A graph with an executor: program(*leaves) -> leaves, of arrays or any Values.

    executor: "numpy", "native", or None for the best that is installed. donate: (input, output)
    places: that output may take over the memory of that input, where the executor can; None for
    any.
    """

    def __init__(self, graph, executor=None, donate=(), **options):
        self.graph, self.executor, self.options = graph, executor, options
        self.donate = donate
        self._derived = {}

    @cached_property
    def run(self):
        """What runs it on arrays: run(leaves) -> leaves. Compiled at first use."""
        graph = with_bodies(inlined(self.graph), lambda call: call.by(self.executor, self.options))
        return executor_for(self.executor, **self.options)(graph, self.donate)

    def __call__(self, *leaves):
        """The outputs for arrays or Values."""
        if any(isinstance(x, Value) for x in leaves):
            return Staging(self)(*leaves)
        return self.run(leaves)

    def derived(self, key, make):
        """The program of a transformed graph, made once for each key."""
        found = self._derived.get(key)
        if found is None:
            found = self._derived[key] = make()
        return found

    def like(self, f, operands):
        """A program for f on operands like these, by the same executor."""
        graph, captured = capture(f, operands, self.graph.name)
        assert not captured
        return Program(graph, self.executor, **self.options)

    def tangent(self, active):
        """(program of values and tangents, which outputs have a tangent)"""
        return self.derived(("jvp", tuple(active)), lambda: self._tangent(active))

    def _tangent(self, active):
        count, moved = len(self.graph.inputs), []

        def both(*leaves):
            tangents = [None] * count
            for i, t in zip(active, leaves[count:], strict=True):
                tangents[i] = t
            outs, douts = forward.jvp(self.graph, leaves[:count], tangents)
            moved[:] = [d is not None for d in douts]
            return [*outs, *[d for d in douts if d is not None]]

        inputs = self.graph.inputs
        return self.like(both, [*inputs, *[inputs[i] for i in active]]), moved

    def batched(self, flags, size):
        """The program over a batch that the flagged inputs carry; every output leads with it."""

        def make():
            def many(*leaves):
                values, made = batching.vmap(self.graph, leaves, flags, size)
                return [spread(x, m, size) for x, m in zip(values, made, strict=True)]

            pairs = zip(self.graph.inputs, flags, strict=True)
            return self.like(many, [widened(v, size) if flag else v for v, flag in pairs])

        return self.derived(("vmap", tuple(flags), size), make)

    def reverse(self, places):
        """(forward program, backward program, which places have a cotangent).

        forward(*inputs) -> outputs and residuals; backward(*residuals, *cotangents of the inexact
        outputs) -> the cotangents that exist. Both are cut from one capture, in time: what the
        backward half uses of the first half is a residual.
        """
        return self.derived(("vjp", tuple(places)), lambda: self._reverse(places))

    def _reverse(self, places):
        whole, cut, present = joint(self.graph, places)
        ahead, back = halves(whole, len(self.graph.inputs), len(self.graph.outputs), cut)
        make = [Program(g, self.executor, **self.options) for g in (ahead, back)]
        return (*make, present)


def widened(variable, size):
    """A variable like this with a leading batch."""
    return type(variable)((size, *variable.shape), variable.dtype)


def joint(graph, places):
    """(graph and backward pass as one graph, where to cut it, which places have a cotangent).

    It takes the inputs and the cotangents of the inexact outputs to the outputs and the cotangents
    that exist; `cut` equations of it belong to the forward half.
    """
    count, noted = len(graph.inputs), {}

    def both(*leaves):
        args, cotangents = list(leaves[:count]), leaves[count:]

        def of_places(*chosen):
            full = list(args)
            for i, a in zip(places, chosen, strict=True):
                full[i] = a
            return graph(*full)

        outs, pull = tape.vjp(of_places, [args[i] for i in places], graph.name)
        noted["cut"] = len(leaves[places[0]].trace.equations)
        given = iter(cotangents)
        gs = pull([next(given) if is_inexact(z) else None for z in graph.outputs], free=True)
        noted["present"] = [g is not None for g in gs]
        return [*outs, *[g for g in gs if g is not None]]

    whole, _ = capture(both, [*graph.inputs, *filter(is_inexact, graph.outputs)], graph.name)
    return whole, noted["cut"], noted["present"]


def halves(whole, inputs, outputs, cut):
    """A joint graph cut in time: (forward with residuals as further outputs, backward)."""
    first, second = whole.equations[:cut], whole.equations[cut:]
    gradients = whole.outputs[outputs:]
    back = without_dead(Graph(whole.inputs, gradients, second))
    early = set(whole.inputs[:inputs]).union(*[e.outputs for e in first])
    used = [a for e in back.equations for a in e.inputs] + list(gradients)
    residuals = tuple(dict.fromkeys(a for a in used if a in early))
    ahead = Graph(whole.inputs[:inputs], whole.outputs[:outputs] + residuals, first, whole.name)
    backward = Graph(
        residuals + whole.inputs[inputs:], gradients, back.equations, f"{whole.name} backward"
    )
    return without_dead(ahead), backward


class Staging(Call):
    """The call of a program, for operands that may be any transform's values."""

    def __init__(self, program):
        super().__init__("jit", program.graph)
        self.program = program

    def kernel(self, *args):
        """The executor."""
        return tuple(self.program.run(args))

    def staged(self, recording, args):
        """Inside another capture, the equations themselves: there they can be merged and fused."""
        return tuple(self.program.graph(*args))

    def places(self, args):
        """The operands that the backward program has a cotangent for: numbers of Python are
        constants, unless an outer capture has a value that stands for one.

        A derivative would make arrays of them, which no longer take their neighbours' dtype.
        """

        def moves(a, variable):
            traced = isinstance(a, Value)
            return a.dtype.kind in "fc" if traced else is_inexact(a) and not variable.weak

        pairs = zip(args, self.program.graph.inputs, strict=True)
        return [i for i, (a, variable) in enumerate(pairs) if moves(a, variable)]

    def trace(self, args, level=None):
        """The link is the backward program."""
        places = self.places(args)
        ahead, back, present = self.program.reverse(places)
        outputs = self.program.graph.outputs
        found = Staging(ahead)(*args)
        outs, residuals = found[: len(outputs)], found[len(outputs) :]

        def link(gz):
            given = [zeros_like(z) if g is None else g for g, z in zip(gz, outs, strict=True)]
            given = [g for g, z in zip(given, outputs, strict=True) if is_inexact(z)]
            gs = iter(Staging(back)(*residuals, *given))
            found = {i: next(gs) for i, p in zip(places, present, strict=True) if p}
            return [found.get(i) for i in range(len(args))]

        return outs, link

    def dual(self, mask, tangents, args, static):
        """The program of the JVP."""
        program, moved = self.program.tangent(active_operands(self, mask))
        found = Staging(program)(*args, *tangents)
        rest = iter(found[len(moved) :])
        return found[: len(moved)], [next(rest) if m else None for m in moved]

    def batch_rule(self, args, batched):
        """The program over the batch."""
        return Staging(self.program.batched(batched, batch_size(args, batched)))(*args)
