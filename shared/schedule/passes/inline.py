"""Inlining: functions with rules of their own become their equations, once nobody derives them."""

import itertools

from ...custom import Call, Recomputed
from ..bodies import is_structured
from ..graph import Equation, Graph, Variable, renamed


def inlined(graph):
    """The graph with the body of every call in its place.

    What a checkpoint recomputes keeps a scope of its own, or merging would undo the recomputation.
    """
    if not any(is_inlined(equation.primitive) for equation in graph.equations):
        return graph
    inliner = _Inliner()
    names = inliner.expand(graph.equations, {}, None)
    return Graph(graph.inputs, renamed(graph.outputs, names), inliner.equations, graph.name)


def is_inlined(primitive):
    """True for the call of a function whose equations take its place."""
    return isinstance(primitive, Call) and not is_structured(primitive)


class _Inliner:
    def __init__(self):
        self.equations, self.scopes = [], itertools.count(1)

    def expand(self, equations, names, scope):
        """Add equations with their operands renamed; {variable: what stands for it}."""
        for equation in equations:
            inputs = renamed(equation.inputs, names)
            call = equation.primitive
            if is_inlined(call):
                inner = next(self.scopes) if isinstance(call, Recomputed) else scope
                body = call.body
                inside = self.expand(
                    body.equations, dict(zip(body.inputs, inputs, strict=True)), inner
                )
                results = renamed(body.outputs, inside)
                names.update(zip(equation.outputs, results, strict=True))
                continue
            outputs = [Variable(v.shape, v.dtype, v.weak) for v in equation.outputs]
            names.update(zip(equation.outputs, outputs, strict=True))
            self.equations.append(
                Equation(call, inputs, outputs, equation.static, equation.line, scope)
            )
        return names
