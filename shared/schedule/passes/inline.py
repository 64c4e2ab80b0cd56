"""Inlining: functions with rules of their own become their equations, once nobody derives them."""

import itertools

from ...custom import Call, Recomputed
from ..bodies import is_structured
from ..graph import Equation, Graph, Variable


def inlined(graph):
    """The graph with the body of every call in its place.

    What a checkpoint recomputes keeps a scope of its own, or merging would undo the recomputation.
    """
    inliner = _Inliner()
    outputs = inliner.expand(graph.equations, {}, None)
    return Graph(
        graph.inputs, [outputs.get(a, a) for a in graph.outputs], inliner.equations, graph.name
    )


class _Inliner:
    def __init__(self):
        self.equations, self.scopes = [], itertools.count(1)

    def expand(self, equations, names, scope):
        """Add equations with their operands renamed; {variable: what stands for it}."""
        for equation in equations:
            inputs = [names.get(a, a) if isinstance(a, Variable) else a for a in equation.inputs]
            call = equation.primitive
            if isinstance(call, Call) and not is_structured(call):
                inner = next(self.scopes) if isinstance(call, Recomputed) else scope
                body = call.body
                inside = self.expand(
                    body.equations, dict(zip(body.inputs, inputs, strict=True)), inner
                )
                results = [inside.get(a, a) if isinstance(a, Variable) else a for a in body.outputs]
                names.update(zip(equation.outputs, results, strict=True))
                continue
            outputs = [Variable(v.shape, v.dtype, v.weak) for v in equation.outputs]
            names.update(zip(equation.outputs, outputs, strict=True))
            self.equations.append(
                Equation(call, inputs, outputs, equation.static, equation.line, scope)
            )
        return names
