"""Algebra: equations that compute what is there already, or can be had for less.

Every rewrite keeps all bits, NaN and the sign of zero included, under the condition stated beside
it:

    x * 1, x / 1, x - 0    = x              x has the result's shape and dtype
    --x                    = x
    x ** 2                 = x * x          as NumPy computes it
    x ** 0.5               = sqrt(x)        as NumPy computes it, of -0.0 and -inf too
    cast of x to its dtype = x
    (x y)^T                = y^T x^T        nobody else reads x y; the transposes are views
    x op [c, c, ...]       = x op c         one entry repeated, x of the result's shape

x + 0 is not x, which may be -0.0; x * 0 is not 0, as x may be NaN.
"""

import numpy as np

from ...primitives.arithmetic import mul, sqrt
from ...primitives.contraction import matmul
from ...primitives.copying import clone
from ...primitives.shape import transpose
from ..graph import Constant, Equation, Graph, Variable, renamed

NEUTRAL = {("mul", 0): 1, ("mul", 1): 1, ("div", 1): 1, ("sub", 1): 0}
PAIRS = frozenset("add sub mul div maximum minimum".split())


def simplified(graph):
    """The graph after all rewrites, applied in one walk from the inputs on."""
    return Walk(graph).result()


class Walk:
    """One walk from the inputs on, which keeps each equation or puts something in its place."""

    def __init__(self, graph):
        self.graph, self.names, self.kept = graph, {}, []
        self.users, self.makers = graph.users(), {}

    def result(self):
        """The graph after the walk; an output that is an input now is a copy, as it was before."""
        for equation in self.graph.equations:
            self.rewrite(equation.like(renamed(equation.inputs, self.names)))
        outputs = [self.output(a) if is_variable(a) else a for a in self.graph.outputs]
        return Graph(self.graph.inputs, outputs, self.kept, self.graph.name)

    def output(self, a):
        """What an output is now, in memory that is no argument's."""
        x = self.names.get(a, a)
        if x is a or x not in self.graph.inputs:
            return x
        self.kept.append(Equation(clone, [x], [copy := Variable(x.shape, x.dtype)], {}))
        return copy

    def rewrite(self, equation):
        """Keep the equation, another in its place, or only what its result is equal to."""
        name = equation.primitive.name
        if len(equation.outputs) != 1:
            return self.keep(equation)
        same = self.equal(name, equation)
        if same is not None:
            z = equation.outputs[0]
            self.names[z] = same
            self.users[same] = [*self.users.get(same, ()), *self.users.get(z, ())]
            return None
        if name in PAIRS:
            equation = equation.like(single_entries(equation))
        x = equation.inputs[0]
        if name == "square" or (name == "integer_power" and equation.static["n"] == 2):
            equation = self.other(equation, mul, [x, x])
        if name == "power" and is_variable(x) and x.dtype.kind == "f":
            if is_number(equation.inputs[1], 2):
                equation = self.other(equation, mul, [x, x])
            elif is_number(equation.inputs[1], 0.5):
                equation = self.other(equation, sqrt, [x])
        if name == "transpose" and self.is_product(equation):
            return self.transposed_product(equation)
        return self.keep(equation)

    def keep(self, equation):
        """The equation stays."""
        self.kept.append(equation)
        self.makers.update(dict.fromkeys(equation.outputs, equation))

    def other(self, equation, primitive, inputs, **static):
        """Another primitive with the same result."""
        return Equation(primitive, inputs, equation.outputs, static, equation.line, equation.scope)

    def equal(self, name, equation):
        """The operand that the result is equal to, or None."""
        z, inputs = equation.outputs[0], equation.inputs
        for (rewritten, place), number in NEUTRAL.items():
            if name == rewritten and is_number(inputs[place], number):
                x = inputs[1 - place]
                if is_variable(x) and x.shape == z.shape and x.dtype == z.dtype and not x.weak:
                    return x
        if name == "neg" and is_variable(inputs[0]):
            maker = self.makers.get(inputs[0])
            if maker is not None and maker.primitive.name == "neg":
                return maker.inputs[0]
        if name in ("cast", "convert") and is_variable(inputs[0]):
            x = inputs[0]
            return x if x.dtype == z.dtype and not x.weak else None
        return None

    def is_product(self, equation):
        """True for the transpose, last two axes exchanged, of a product that nobody else reads."""
        x, axes = equation.inputs[0], equation.static["axes"]
        maker = self.makers.get(x)
        swapped = (*range(len(axes) - 2), len(axes) - 1, len(axes) - 2)
        return (
            maker is not None
            and maker.primitive.name == "matmul"
            and len(axes) >= 2
            and axes == swapped
            and len(self.users.get(x, ())) == 1
            and maker in self.kept[-64:]
        )

    def transposed_product(self, equation):
        """y^T x^T in place of (x y)^T."""
        product = self.makers[equation.inputs[0]]
        self.kept.remove(product)
        axes = equation.static["axes"]
        turned = []
        for a in reversed(product.inputs):
            shape = tuple(a.shape[i] for i in axes)
            view = Variable(shape, a.dtype)
            self.keep(Equation(transpose, [a], [view], {"axes": axes}, equation.line))
            turned.append(view)
        self.keep(self.other(product.like(turned, equation.outputs), matmul, turned))


def single_entries(equation):
    """The operands, with a number in place of a constant array that repeats one entry."""
    z, inputs = equation.outputs[0], list(equation.inputs)
    for i, a in enumerate(inputs):
        partner = inputs[1 - i]
        if a.__class__ is not Constant or not is_variable(partner):
            continue
        repeats = a.size == 1 or not any(np.asarray(a.value).strides)
        if repeats and a.size and partner.shape == z.shape and partner.dtype == a.dtype == z.dtype:
            inputs[i] = np.asarray(a.value).flat[0].item()
    return inputs


def is_variable(a):
    """True for what has a name and a type."""
    return isinstance(a, Variable)


def is_number(a, number):
    """True for a Python number of this value, of either sign of zero only the positive."""
    return not is_variable(a) and a == number and not np.signbit(a)
