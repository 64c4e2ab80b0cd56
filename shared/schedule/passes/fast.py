"""Fast algebra: rewrites that change NaN, infinities, the sign of zero or the last digits.

They are made under `jit(..., fast=True)` alone. Each holds for real numbers, of float dtype, under
the condition beside it:

    x + 0, 0 + x, x - 0  = x               x is not -0.0
    x * 0, x - x         = 0               x is finite
    x / x                = 1               x is finite and not 0
    exp(log x)           = x               x >= 0; to rounding
    log(exp x)           = x               exp x is finite and not 0; to rounding
    sqrt(x) * sqrt(x)    = x               x >= 0; to rounding
    x / c                = x * (1/c)       1/c is a normal number; to rounding
    (x * c) * d          = x * (c d)       c d is a normal number, x c is finite; to rounding
    (x + c) + d          = x + (c + d)     also of -; to the rounding of c, which may be larger
    x / d, y / d         = x r, y r        r = 1/d is finite; to rounding

c and d are numbers, or constant arrays that repeat one; in the last line d is an array, of which
two are quotients or which one x is larger than.
"""

import sys
from collections import Counter

import numpy as np

from ...primitives.arithmetic import add, div, mul, sub
from ..graph import Constant, Equation, Graph, Variable
from .algebra import PAIRS, Walk, is_variable, simplified, single_entries
from .dead import without_dead
from .repetition import without_repetition

INVERSE = {"exp": "log", "log": "exp"}


def relaxed(graph):
    """The graph after all rewrites."""
    graph = _Fast(without_repetition(without_dead(graph))).result()
    return without_dead(simplified(with_reciprocals(without_dead(graph))))


class _Fast(Walk):
    def rewrite(self, equation):
        """As `simplified`, and what holds for real numbers."""
        outputs = equation.outputs
        if len(outputs) == 1 and outputs[0].dtype.kind == "f" and not outputs[0].weak:
            if equation.primitive.name in PAIRS:
                equation = equation.like(single_entries(equation))
            for change in (self.multiplied, self.one_factor, self.one_term):
                equation = change(equation)
        super().rewrite(equation)

    def equal(self, name, equation):
        """The operand or constant that the result is equal to, or None."""
        same = super().equal(name, equation)
        z = equation.outputs[0]
        if same is not None or z.dtype.kind != "f" or z.weak:
            return same
        x, y = equation.inputs if len(equation.inputs) == 2 else (equation.inputs[0], None)
        if name == "add":
            same = x if is_zero(y) else y if is_zero(x) else None
        elif name == "mul" and (is_zero(x) or is_zero(y)):
            same = Constant(np.zeros_like(z))
        elif name in ("mul", "square"):
            same = self.undone("sqrt", x, y if name == "mul" else x)
        elif name in ("sub", "div") and x is y:
            same = Constant(np.full_like(z, int(name == "div")))
        elif name == "sub":
            same = x if is_zero(y) else None
        elif name in INVERSE:
            same = self.undone(INVERSE[name], x, x)
        return same if same is not None and alike(same, z) else None

    def undone(self, name, x, y):
        """The operand of the primitive of this name that made x, which is y; or None."""
        maker = self.makers.get(x) if x is y and is_variable(x) else None
        return maker.inputs[0] if maker is not None and maker.primitive.name == name else None

    def multiplied(self, equation):
        """x * (1/c) in place of x / c."""
        if equation.primitive is not div:
            return equation
        (x, c), z = equation.inputs, equation.outputs[0]
        if not is_variable(x) or x.dtype != z.dtype or not is_number(c) or is_zero(c):
            return equation
        inverse = 1 / c
        return self.other(equation, mul, [x, inverse]) if normal(inverse, z.dtype) else equation

    def one_factor(self, equation):
        """x * (c d) in place of (x * c) * d."""
        x, d = product_with(equation)
        if x is None or x not in self.makers:
            return equation
        y, c = product_with(self.makers[x])
        if y is None or not alike(x, y) or not normal(c * d, x.dtype):
            return equation
        return self.other(equation, mul, [y, c * d])

    def one_term(self, equation):
        """x + (c + d) in place of (x + c) + d."""
        sign, x, d = sum_with(equation)
        if x is None or x not in self.makers:
            return equation
        inner, y, c = sum_with(self.makers[x])
        if y is None or not alike(x, y) or not alike(x, equation.outputs[0]):
            return equation
        c, sign = sign * c + d, sign * inner
        return self.other(equation, *((add, [y, c]) if sign > 0 else (sub, [c, y])))


def product_with(equation):
    """(x, c) of x * c or c * x with a number c; (None, None) for others."""
    if equation.primitive is mul:
        for x, c in (equation.inputs, equation.inputs[::-1]):
            if is_variable(x) and is_number(c):
                return x, c
    return None, None


def sum_with(equation):
    """(sign, x, c) of what is sign x + c with a number c; Nones for others."""
    if equation.primitive in (add, sub):
        (x, y), sign = equation.inputs, 1 if equation.primitive is add else -1
        if is_variable(x) and is_number(y):
            return 1, x, sign * y
        if is_number(x) and is_variable(y):
            return sign, y, x
    return None, None, None


def with_reciprocals(graph):
    """x * (1/d) in place of x / d, for arrays d where that divides less often."""
    makers = graph.makers()
    narrow = {e: denominator(e, makers) for e in graph.equations if e.primitive is div}
    often = Counter(narrow.values())
    made: dict = {}
    kept = []
    for equation in graph.equations:
        d = narrow.get(equation)
        if d is not None and (often[d] > 1 or d.size < equation.outputs[0].size):
            if d not in made:
                made[d] = Variable(d.shape, d.dtype)
                kept.append(Equation(div, [1, d], [made[d]], {}, equation.line, equation.scope))
            x, z = equation.inputs[0], equation.outputs
            equation = Equation(mul, [x, made[d]], z, {}, equation.line, equation.scope)
        kept.append(equation)
    return Graph(graph.inputs, graph.outputs, kept, graph.name)


def denominator(equation, makers):
    """What an array is divided by, before it was broadcast; None for other quotients."""
    (x, d), z = equation.inputs, equation.outputs[0]
    if not (is_variable(x) and is_variable(d)) or not x.dtype == d.dtype == z.dtype:
        return None
    if z.dtype.kind != "f" or x.weak or d.weak:
        return None
    maker = makers.get(d)
    if maker is not None and maker.primitive.name == "broadcast_to" and x.shape == z.shape:
        source = maker.inputs[0]
        return source if len(source.shape) == len(d.shape) else d
    return d


def alike(x, z):
    """True for arrays of one shape and dtype."""
    return is_variable(x) and x.shape == z.shape and x.dtype == z.dtype and not x.weak


def is_number(a):
    """True for a Python number that a float can hold."""
    return a.__class__ in (int, float) and abs(a) <= sys.float_info.max


def is_zero(a):
    """True for 0 and -0.0."""
    return a.__class__ in (int, float) and a == 0


def normal(number, dtype):
    """True for what is neither 0 nor infinite, nor has fewer digits than the dtype."""
    limits = np.finfo(dtype)
    return float(limits.tiny) <= abs(number) <= float(limits.max)
