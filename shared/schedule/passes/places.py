"""Sums of places: what several slices of zeros add up to, written slice by slice.

The derivative of slicing puts a cotangent among zeros (`place`), and where several slices were
taken these are added up: of a convolution one for each tap, of a split one for each part. Added as
they are, each would be an array of zeros first.
"""

from typing import NamedTuple

import numpy as np

from ...primitives.keys import native
from ..graph import Equation, Graph, Variable


class PlaceSum:
    """z = 0, then z[key] += x for each x and its key; the first z[key] = x where it is `written`.

    The two differ in the sign of a zero: 0.0 + -0.0 is 0.0.
    """

    name, outputs, decomposition, variadic = "place_sum", None, None, True
    operands, statics = ("xs",), ("keys", "shape", "written")

    def __call__(self, *xs, keys, shape, written):
        """The kernel."""
        z = np.zeros_like(xs[0], shape=shape)
        for i, (x, key) in enumerate(zip(xs, keys, strict=True)):
            where = native(key)
            z[where] = x if written and not i else z[where] + x
        return z


place_sum = PlaceSum()


class Term(NamedTuple):
    """A place, or one of the additions of places (which has no key)."""

    equation: Equation
    x: Variable | None = None
    key: tuple | None = None
    positive: bool = False  # around x are 0.0, not -0.0


def with_place_sums(graph):
    """The graph with one equation for each tree of additions of places that nobody else reads."""
    users, makers = graph.users(), graph.makers()

    def parts(a):
        """The terms of a, which only the sum at hand reads; none where it is no sum of places."""
        maker = makers.get(a) if isinstance(a, Variable) else None
        if maker is None or len(users.get(a, ())) != 1:
            return []
        if maker.primitive.name == "place":
            positive = not maker.static.get("negative", False)
            return [Term(maker, maker.inputs[0], maker.static["key"], positive)]
        return sums.get(a, [])

    sums: dict = {}
    for equation in graph.equations:
        if equation.primitive.name != "add":
            continue
        x, y = (parts(a) for a in equation.inputs)
        if x and y and x[0].positive:
            sums[equation.outputs[0]] = [*x, *y, Term(equation)]
    kept, found = [], {}
    inside = {id(term.equation) for terms in sums.values() for term in terms}
    for z, terms in sums.items():
        user = users[z][0] if len(users.get(z, ())) == 1 else None
        if user is not None and user.outputs[0] in sums:
            continue  # a part of a larger sum
        found[z] = [term for term in terms if term.key is not None]
    for equation in graph.equations:
        z = equation.outputs[0]
        if z in found:
            xs, keys = [t.x for t in found[z]], tuple([t.key for t in found[z]])
            written = not any(t.positive for t in found[z][1:])
            static = {"keys": keys, "shape": z.shape, "written": written}
            kept.append(Equation(place_sum, xs, [z], static, equation.line, equation.scope))
        elif id(equation) not in inside:
            kept.append(equation)
    return Graph(graph.inputs, graph.outputs, kept, graph.name)
