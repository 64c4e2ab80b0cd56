"""Common subexpressions: what is computed twice from the same operands is computed once."""

from ..graph import Graph, Variable, renamed

# Random numbers are functions of their key, so that they may be merged too.


def without_repetition(graph):
    """The graph with one equation for all that are equal in primitive, operands and statics.

    What a checkpoint recomputes (another scope) stays apart from what it recomputes.
    """
    names: dict = {}
    seen: dict = {}
    kept = []
    for equation in graph.equations:
        inputs = equation.inputs
        if names:
            inputs = renamed(inputs, names)
        key = identity_of(equation, inputs)
        before = seen.get(key) if key is not None else None
        if before is not None:
            names.update(zip(equation.outputs, before, strict=True))
            continue
        if key is not None:
            seen[key] = equation.outputs
        kept.append(equation.like(inputs) if names else equation)
    return Graph(graph.inputs, renamed(graph.outputs, names), kept, graph.name)


def identity_of(equation, inputs):
    """What makes two equations the same; None for statics that have no hash."""
    # 1, 1.0 and True are equal, -0.0 and 0.0 too, but they do not compute the same.
    given = tuple([a if isinstance(a, Variable) else (type(a), repr(a)) for a in inputs])
    key = equation.primitive, given, tuple(equation.static.items()), equation.scope
    try:
        hash(key)
    except TypeError:
        return None
    return key
