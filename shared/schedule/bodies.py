"""Equations that hold graphs: changing what is inside of them."""

from .graph import Graph


def with_bodies(graph, change):
    """graph with change(call) in place of every structured call; itself where there is none.

    A structured call keeps its graphs as programs: loops and branches are never expanded, so a pass
    reaches what is inside of them by `call.map_graphs(pass)`.
    """
    if not any(is_structured(e.primitive) for e in graph.equations):
        return graph
    equations = [
        change(e.primitive).applied(e) if is_structured(e.primitive) else e for e in graph.equations
    ]
    return Graph(graph.inputs, graph.outputs, equations, graph.name)


def is_structured(primitive):
    """True for loops and branches, whose equation holds graphs."""
    return getattr(primitive, "structured", False)
