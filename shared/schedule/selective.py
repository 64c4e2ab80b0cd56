"""Recomputation by choice: of what a function computes, a policy says what is kept."""

import numpy as np

from ..custom import Recomputed, is_inexact
from ..errors import describe
from ..primitives.cast import cast
from ..primitives.naming import checkpoint_name
from .capture import capture
from .graph import Graph, Variable
from .passes.dead import without_dead
from .program import joint


class Never:
    """A policy's answer for a name: not kept, though the operation that made it would be."""

    def __bool__(self):
        return False


NEVER = Never()


class Selective(Recomputed):
    """A function of which the tape keeps the arguments and what `policy` chooses.

    The function is captured together with its backward pass, and the two are cut apart: the forward
    half gives what is kept as further results, and the backward half computes anew what it needs
    besides. Both halves are such calls again, for the derivatives of higher order.
    """

    def __init__(self, name, run, policy):
        super().__init__(name, run)
        self.policy = policy

    def like(self, run):
        """A call of another function under the same policy."""
        return Selective(self.name, run, self.policy)

    def trace(self, args, level=None):
        """The link runs the backward half."""
        graph, captured = capture(
            lambda *xs: [strong(z) for z in self.run(*xs)], args, self.name, closes=True
        )
        if level is not None:
            self.refuse(level, *captured)
        args = [*captured, *args]
        places = [i for i in range(len(captured), len(args)) if args[i].dtype.kind in "fc"]
        whole, cut, present = joint(graph, places)
        count = len(graph.outputs)
        ahead, back = recomputing_halves(whole, len(args), count, cut, self.policy)
        found = self.like(ahead)(*args)
        known = dict(zip(ahead.inputs, args, strict=True))
        known.update(zip(ahead.outputs[count:], found[count:], strict=True))
        residuals = [known[a] for a in back.inputs if a in known]

        def link(gz):
            given = [g for g, z in zip(gz, graph.outputs, strict=True) if is_inexact(z)]
            gs = iter(self.like(back)(*residuals, *given))
            found = {i: next(gs) for i, p in zip(places, present, strict=True) if p}
            return [found.get(i) for i in range(len(captured), len(args))]

        return found[:count], link


def strong(z):
    """z, no longer weak where it stands for a Python number: results have derivatives."""
    return cast(z, dtype=z.dtype) if getattr(z, "weak", None) else z


def recomputing_halves(whole, inputs, outputs, cut, policy):
    """A joint graph as (forward with kept values as further outputs, backward that recomputes).

    The backward half begins with all of the forward half but what is kept; most of it is dead.
    """
    first, given, gradients = whole.equations[:cut], whole.inputs[:inputs], whole.outputs[outputs:]
    kept = kept_of(first, policy)
    again = [e.like(e.inputs, [other(z) if z in kept else z for z in e.outputs]) for e in first]
    back = without_dead(Graph(whole.inputs, gradients, [*again, *whole.equations[cut:]]))
    used = {a for e in back.equations for a in e.inputs}.union(gradients)
    kept = tuple([a for a in kept if a in used])
    residuals = (*[a for a in given if a in used], *kept)
    ahead = without_dead(Graph(given, whole.outputs[:outputs] + kept, first, whole.name))
    backward = Graph(
        residuals + whole.inputs[inputs:], gradients, back.equations, f"{whole.name} backward"
    )
    return ahead, backward


def other(z):
    """A variable like z."""
    return Variable(z.shape, z.dtype, z.weak)


def kept_of(equations, policy):
    """{variable: None} of what the policy keeps, in order.

    A name is its operand's, since that is what the rules of the operation that made it refer to.
    """
    kept: dict = {}
    made = {z for equation in equations for z in equation.outputs}
    for equation in equations:
        primitive = equation.primitive
        chosen = policy(primitive, *equation.inputs, **equation.static)
        if not isinstance(chosen, (bool, np.bool_, Never)):
            raise TypeError(
                f"checkpoint: the policy returned {describe(chosen)} for {primitive.name}; it must "
                "return True to keep a result, False to compute it again"
            )
        named = equation.inputs if primitive is checkpoint_name else equation.outputs
        for z in [z for z in named if z in made]:
            if chosen:
                kept[z] = None
            elif chosen is NEVER:
                kept.pop(z, None)
    return kept
