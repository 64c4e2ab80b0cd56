"""NumPy's elementwise functions on arrays and Values: promote, then one primitive."""

from ..primitives import arithmetic, exponential
from .promotion import inexact, promote_pair


def unary(primitive, doc, convert=inexact):
    """A function of one operand; `convert` turns it into what the primitive takes."""

    def function(x):
        return primitive(convert(x))

    return named(function, primitive.name, doc)


def binary(primitive, doc, name=None):
    """A function of two operands of one dtype."""

    def function(x, y):
        x, y = promote_pair(x, y)
        return primitive(x, y)

    return named(function, name or primitive.name, doc)


def named(function, name, doc):
    """Give a made function the name and docstring that help() shows."""
    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc
    return function


add = binary(arithmetic.add, "x + y, entry by entry.")
subtract = binary(arithmetic.sub, "x - y, entry by entry.", "subtract")
multiply = binary(arithmetic.mul, "x y, entry by entry.", "multiply")
negative = unary(arithmetic.neg, "-x.", lambda x: x)
tanh = unary(exponential.tanh, "The hyperbolic tangent.")
