"""Constant folding: what depends on no input is computed when the graph is compiled."""

import numpy as np

from ..graph import Constant, Graph, Variable, renamed, value_of

LARGEST = 1 << 20  # entries: larger constants would cost more to keep than to compute


def folded(graph):
    """The graph with the results of equations of constants as constants."""
    known: dict = {}
    kept = []
    for equation in graph.equations:
        inputs = equation.inputs
        if known:
            inputs = renamed(inputs, known)
        variables = [a for a in inputs if isinstance(a, Variable)]
        constant = variables and all(a.__class__ is Constant for a in variables)
        if constant and all(z.size <= LARGEST for z in equation.outputs):
            args = [value_of(a, {}) for a in inputs]
            with np.errstate(all="ignore"):  # the warning belongs to the call, not to compiling
                found = equation.primitive(*args, **equation.static)
            found = (found,) if equation.primitive.outputs is None else found
            for z, x in zip(equation.outputs, found, strict=True):
                known[z] = Constant(np.asarray(x))
        else:
            kept.append(equation.like(inputs) if known else equation)
    return Graph(graph.inputs, renamed(graph.outputs, known), kept, graph.name)
