"""Sums of places: what several slices of zeros add up to, written slice by slice.

The derivative of slicing puts a cotangent among zeros (`place`), and where several slices were
taken these are added up: of a convolution one for each tap, of a split one for each part. Added as
they are, each would be an array of zeros first.
"""

import numpy as np

from ..graph import Equation, Graph, Variable


class PlaceSum:
    """z = 0, then z[key] += x for each x and its key."""

    name, outputs, decomposition, variadic = "place_sum", None, None, True
    operands, statics = ("xs",), ("keys", "shape")

    def __call__(self, *xs, keys, shape):
        """The kernel."""
        z = np.zeros_like(xs[0], shape=shape)
        for x, key in zip(xs, keys, strict=True):
            z[tuple(slice(*k) if isinstance(k, tuple) else k for k in key)] += x
        return z


place_sum = PlaceSum()


def with_place_sums(graph):
    """The graph with one equation for each tree of additions of places that nobody else reads."""
    users, makers = graph.users(), graph.makers()

    def parts(a):
        """[(x, key)] of a place, or of a sum of places, that only the sum at hand reads."""
        maker = makers.get(a) if isinstance(a, Variable) else None
        if maker is None or len(users.get(a, ())) != 1:
            return None
        if maker.primitive.name == "place":
            return [(maker.inputs[0], maker.static["key"], maker)]
        return sums.get(a)

    sums: dict = {}
    for equation in graph.equations:
        if equation.primitive.name != "add":
            continue
        x, y = (parts(a) for a in equation.inputs)
        if x is not None and y is not None:
            sums[equation.outputs[0]] = [*x, *y, (None, None, equation)]
    kept, found = [], {}
    inside = {id(e) for terms in sums.values() for *_, e in terms}
    for z, terms in sums.items():
        user = users[z][0] if len(users.get(z, ())) == 1 else None
        if user is not None and user.outputs[0] in sums:
            continue  # a part of a larger sum
        found[z] = [(x, key) for x, key, _ in terms if x is not None]
    for equation in graph.equations:
        z = equation.outputs[0]
        if z in found:
            xs, keys = zip(*found[z], strict=True)
            static = {"keys": keys, "shape": z.shape}
            kept.append(Equation(place_sum, xs, [z], static, equation.line, equation.scope))
        elif id(equation) not in inside:
            kept.append(equation)
    return Graph(graph.inputs, graph.outputs, kept, graph.name)
