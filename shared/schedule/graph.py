"""A function as data: equations over typed variables, in the order in which they run.

An operand is a `Variable`, a `Constant` (a variable whose array is known), or a Python number,
which is weak: it takes the dtype of its neighbours, as in NumPy.
"""

import itertools
from importlib import import_module

import numpy as np

from ..abstract import ShapeDtype
from ..errors import describe
from .origin import short


class Variable(ShapeDtype):
    """A typed name: equal to itself alone. weak: it stands for a Python number."""

    __slots__ = ("weak",)

    def __init__(self, shape, dtype, weak=None):
        super().__init__(shape, dtype)
        self.weak = weak

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __repr__(self):
        return f"{type(self).__name__}({describe(self)})"


class Constant(Variable):
    """A variable whose array is known when the graph is made."""

    __slots__ = ("value",)

    def __init__(self, value):
        super().__init__(value.shape, value.dtype)
        self.value = value


class Equation:
    """outputs = primitive(*inputs, **static), written by the user at `line`.

    scope: None, or the number of the checkpoint whose recomputation it belongs to: equations of
    different scopes are never merged.
    """

    __slots__ = ("inputs", "line", "outputs", "primitive", "scope", "static")

    def __init__(self, primitive, inputs, outputs, static, line="", scope=None):
        self.primitive, self.inputs, self.outputs = primitive, tuple(inputs), tuple(outputs)
        self.static, self.line, self.scope = static, line, scope

    def like(self, inputs, outputs=None):
        """The same application to other operands."""
        outputs = self.outputs if outputs is None else outputs
        return Equation(self.primitive, inputs, outputs, self.static, self.line, self.scope)

    def __repr__(self):
        return f"Equation({self.primitive.name})"


class Graph:
    """inputs -> outputs by equations, each of which uses what stands before it.

    An output may be an input, a constant or a Python number. Printing it shows every equation with
    its types and the line of the program it came from, and below a loop the graph of its steps.
    """

    __slots__ = ("equations", "inputs", "name", "outputs")

    def __init__(self, inputs, outputs, equations, name="graph"):
        self.inputs, self.outputs = tuple(inputs), tuple(outputs)
        self.equations, self.name = tuple(equations), name

    def __call__(self, *values):
        """The outputs for arrays or Values: every primitive is applied in turn.

        What no later equation uses is let go, so that memory peaks no higher than in eager code.
        """
        if len(values) != len(self.inputs):
            raise TypeError(
                f"{self.name}: it takes {len(self.inputs)} array(s) but got {len(values)}"
            )
        known = dict(zip(self.inputs, map(typed, self.inputs, values), strict=True))
        for equation, ends in zip(self.equations, self.ends(), strict=True):
            args = [value_of(a, known) for a in equation.inputs]
            try:
                found = equation.primitive(*args, **equation.static)
            except Exception as error:
                error.add_note(f"in {equation.primitive.name}, written at {equation.line}")
                raise
            if equation.primitive.outputs is None:
                known[equation.outputs[0]] = found
            else:
                known.update(zip(equation.outputs, found, strict=True))
            for a in ends:
                del known[a]
        return [value_of(a, known) for a in self.outputs]

    def constants(self):
        """The constants that the equations and outputs use, each once."""
        used = itertools.chain(self.outputs, *[e.inputs for e in self.equations])
        return list(dict.fromkeys(a for a in used if isinstance(a, Constant)))

    def users(self):
        """{variable: the equations that use it, in order}; an output adds None."""
        found: dict = {}
        for equation in self.equations:
            for a in dict.fromkeys(a for a in equation.inputs if isinstance(a, Variable)):
                found.setdefault(a, []).append(equation)
        for a in self.outputs:
            if isinstance(a, Variable):
                found.setdefault(a, []).append(None)
        return found

    def ends(self):
        """For each equation, the variables that nothing after it uses."""
        used, found = {a for a in self.outputs if isinstance(a, Variable)}, []
        for equation in reversed(self.equations):
            every = dict.fromkeys((*equation.inputs, *equation.outputs))
            found.append([a for a in every if a.__class__ is Variable and a not in used])
            used.update(found[-1])
        return found[::-1]

    def makers(self):
        """{variable: the equation that makes it}"""
        return {v: equation for equation in self.equations for v in equation.outputs}

    def source(self):
        """The text of a plain NumPy function that computes the same without this package.

        Where the graph holds large constants the function wants them as its last argument; they are
        the text's attribute `constants`.
        """
        return import_module(".source", __package__).source_of(self)

    def draw(self, path=None):
        """The graph as a picture: SVG text, written to `path` where one is given.

        A path that ends in .html makes one page of it that needs nothing else: zoom, what hides
        behind each box, and the memory plan.
        """
        return import_module(".draw", __package__).drawn(self, path)

    def __repr__(self):
        return Text(self).text()

    def _repr_pretty_(self, printer, cycle):
        printer.text(repr(self))


def typed(variable, x):
    """x; of a Python number an array, since the graph's own casts make it take its place."""
    return np.asarray(x, variable.dtype)[()] if variable.weak and not hasattr(x, "dtype") else x


def value_of(a, known):
    """What stands for an operand: a computed value, a constant's array, or the number itself."""
    if a.__class__ is Variable:
        return known[a]
    return a.value if a.__class__ is Constant else a


def renamed(operands, names):
    """What stands for each operand now; numbers stand for themselves."""
    return [names.get(a, a) for a in operands]


class Text:
    """A graph as text, with names given in the order of appearance."""

    def __init__(self, graph):
        self.graph, self.names = graph, {}

    def name(self, a):
        """The name of an operand; a number is its own."""
        if not isinstance(a, Variable):
            return repr(a)
        if a.__class__ is Constant and a.size == 1:
            return f"{a.value.dtype}({a.value.item()!r})"
        if a not in self.names:
            self.names[a] = letters(len(self.names))
        return self.names[a]

    def typed(self, a):
        """The name with its type."""
        return f"{self.name(a)}: {describe(a)}"

    def text(self):
        """The whole, one equation a line."""
        graph = self.graph
        given = ", ".join([self.typed(v) for v in graph.inputs])
        lines = [f"{graph.name}({given}):"]
        for constant in graph.constants():
            if constant.size != 1:
                lines.append(f"    {self.typed(constant)} = constant")
        for equation in graph.equations:
            lines += [self.equation(equation), *inside(equation)]
        returned = ", ".join([self.name(a) for a in graph.outputs])
        return "\n".join([*lines, f"    return {returned}"])

    def equation(self, equation):
        """One line: results, primitive, operands, statics, and the user's line."""
        static = [f"{k}={shown(v)}" for k, v in equation.static.items()]
        given = ", ".join([*[self.name(a) for a in equation.inputs], *static])
        made = ", ".join([self.typed(v) for v in equation.outputs])
        line = f"    {made} = {equation.primitive.name}({given})"
        where = short(equation.line)
        return f"{line:<72}  # {where}" if where else line


def inside(equation):
    """The graphs that a loop or branch holds, as indented lines; their names are their own."""
    found: list = []
    for name, held in equation.static.items():
        if isinstance(held, Graph):
            found += f"{name} = {Text(held).text()}".split("\n")
    return [f"        {line}" for line in found]


def shown(static):
    """A static on one line; a graph inside by its name."""
    if isinstance(static, Graph):
        return f"<{static.name} of {len(static.equations)} equations>"
    return repr(static)


def letters(i):
    """a, b, ..., z, aa, ab, ...

    >>> [letters(i) for i in (0, 25, 26, 27)]
    ['a', 'z', 'aa', 'ab']
    """
    text = ""
    i += 1
    while i:
        i, rest = divmod(i - 1, 26)
        text = chr(97 + rest) + text
    return text
