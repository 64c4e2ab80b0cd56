"""Dead code: what no output needs is left out."""

from ..graph import Graph, Variable


def without_dead(graph):
    """The graph without the equations that no output depends on; inputs stay."""
    needed = {a for a in graph.outputs if isinstance(a, Variable)}
    kept = []
    for equation in reversed(graph.equations):
        if any(z in needed for z in equation.outputs):
            kept.append(equation)
            needed.update(a for a in equation.inputs if isinstance(a, Variable))
    return Graph(graph.inputs, graph.outputs, kept[::-1], graph.name)
