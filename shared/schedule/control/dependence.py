"""What in a body depends on what: which carries are active or batched, and what a loop repeats."""

from ...custom import Call, is_inexact
from ..graph import Constant, Graph, Variable
from ..passes.dead import without_dead


def reached(graph, flags, differentiable=False):
    """One flag per output: does it depend on a flagged input?

    differentiable: only where a derivative may pass. For a batch the answer is exact.
    """
    known = {v for v, flag in zip(graph.inputs, flags, strict=True) if flag}
    for equation in graph.equations:
        active = equation.primitive.active
        anything = not differentiable or isinstance(equation.primitive, Call)
        if any(
            isinstance(a, Variable) and a in known and (anything or active >> i & 1)
            for i, a in enumerate(equation.inputs)
        ):
            known.update(z for z in equation.outputs if not differentiable or is_inexact(z))
    return [isinstance(a, Variable) and a in known for a in graph.outputs]


def settled(graph, flags, first, count, differentiable=False):
    """flags with those of the `count` carries from input `first` on, once these no longer change.

    A carry that comes out flagged goes in flagged the next time.
    """
    flags = list(flags)
    while True:
        out = reached(graph, flags, differentiable)[:count]
        more = [a or b for a, b in zip(flags[first : first + count], out, strict=True)]
        if more == flags[first : first + count]:
            return flags
        flags[first : first + count] = more


def hoisted(graph, constants):
    """(before, loop): what depends on the first `constants` inputs alone is computed before a loop.

    before: constants -> what the loop needs of it; loop: constants, these, other inputs -> outputs.
    """
    fixed = set(graph.inputs[:constants])
    early, late = [], []
    for equation in graph.equations:
        moving = [a for a in equation.inputs if a.__class__ is Variable and a not in fixed]
        if moving or not any(a.__class__ is Variable for a in equation.inputs):
            late.append(equation)
        else:
            early.append(equation)
            fixed.update(equation.outputs)
    fixed.difference_update(graph.inputs)
    used = [a for e in late for a in e.inputs] + list(graph.outputs)
    needed = [a for a in dict.fromkeys(a for a in used if variable(a)) if a in fixed]
    inputs = graph.inputs
    before = Graph(inputs[:constants], needed, early, f"{graph.name} before")
    loop = Graph(
        [*inputs[:constants], *needed, *inputs[constants:]], graph.outputs, late, graph.name
    )
    return without_dead(before), loop


def variable(a):
    """True for what an equation or an argument gives, and False for constants and numbers."""
    return isinstance(a, Variable) and not isinstance(a, Constant)
