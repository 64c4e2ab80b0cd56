"""Arrangement: reshape, transpose, broadcast_to and slices become views, and leave the program.

What is left computes new entries. A copy is made only where no strides can say how the entries lie,
as for the reshape of a transposed array.
"""

from typing import NamedTuple

from ...primitives.copying import clone
from ..graph import Equation, Variable
from ..views import View


class Place(NamedTuple):
    """Where a variable's entries lie: in the memory of `root`, arranged as `view` says."""

    root: object
    view: View


def _getitem(place, static, shape):
    return place.view.item(static["key"])


def _same(place, static, shape):
    return place.view


VIEWS = {
    "reshape": lambda place, static, shape: place.view.reshape(shape),
    "transpose": lambda place, static, shape: place.view.transpose(static["axes"]),
    "broadcast_to": lambda place, static, shape: place.view.broadcast_to(shape),
    "flip": lambda place, static, shape: place.view.flip(static["axes"]),
    "getitem": _getitem,
    "stop_gradient": _same,
    "checkpoint_name": _same,
}


class Arranged:
    """The equations that compute, and the place of every variable: `places[variable]`.

    outputs: the places (or numbers) of the graph's outputs.
    """

    def __init__(self, graph):
        self.graph, self.places, self.equations = graph, {}, []
        for v in [*graph.inputs, *graph.constants()]:
            self.own(v)
        for equation in graph.equations:
            self.add(equation)

    def own(self, variable):
        """The variable has memory of its own."""
        self.places[variable] = Place(variable, View.of(variable.shape))

    def add(self, equation):
        """Enter one equation: as a view where it is one, else as it is."""
        name = equation.primitive.name
        if name == "split":
            return self.split(equation)
        if name == "unstack":
            return self.unstack(equation)
        arranged = VIEWS.get(name)
        if arranged is None or not isinstance(equation.inputs[0], Variable):
            return self.compute(equation)
        (z,), place = equation.outputs, self.places[equation.inputs[0]]
        view = arranged(place, equation.static, z.shape)
        if view is None:
            place = self.copied(equation.inputs[0], equation)
            view = arranged(place, equation.static, z.shape)
        self.places[z] = Place(place.root, view)

    def compute(self, equation):
        """An equation whose results have memory of their own."""
        self.equations.append(equation)
        for z in equation.outputs:
            self.own(z)

    def copied(self, x, equation):
        """The place of a copy of x in C order."""
        copy = Variable(x.shape, x.dtype)
        self.compute(Equation(clone, [x], [copy], {}, equation.line, equation.scope))
        return self.places[copy]

    def split(self, equation):
        """The parts are slices of the whole."""
        place, start = self.places[equation.inputs[0]], 0
        axis = equation.static["axis"]
        for z, size in zip(equation.outputs, equation.static["sizes"], strict=True):
            key = ((0, None, 1),) * axis + ((start, start + size, 1),)
            self.places[z] = Place(place.root, place.view.item(key))
            start += size

    def unstack(self, equation):
        """The parts are the entries along an axis."""
        place, axis = self.places[equation.inputs[0]], equation.static["axis"]
        for i, z in enumerate(equation.outputs):
            self.places[z] = Place(place.root, place.view.item(((0, None, 1),) * axis + (i,)))
