"""A value that tells on rules which call NumPy instead of primitives."""

import numpy as np

from ..dispatch import Value

# `array * spy` reaches __array_ufunc__ with these: an operator, which a rule may use, and which
# becomes the primitive whatever value stands on the right.
OPERATORS = frozenset(
    (
        np.add, np.subtract, np.multiply, np.true_divide, np.floor_divide, np.remainder, np.power,
        np.matmul, np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal,
        np.logical_and, np.logical_or, np.bitwise_and, np.bitwise_or, np.bitwise_xor,
    )
)  # fmt: skip


class BareNumPyError(AssertionError):
    """A rule handed a value to NumPy."""


def refuse(function):
    """The error for a rule that calls a NumPy function."""
    name = getattr(function, "__name__", function)
    return BareNumPyError(
        f"np.{name} is called on a value inside a rule; write the rule in primitives or operators, "
        "so that higher derivatives, vmap and jit follow"
    )


class Spy(Value):
    """An array one level down; primitives and operators pass, a bare NumPy function raises."""

    __slots__ = ("level", "value")

    def __init__(self, value, level=0.5):
        self.value, self.level = value, level

    def interpret(self, primitive, args, static):
        """Apply to the arrays, and watch the results too."""
        z = primitive(*[a.value if a.__class__ is Spy else a for a in args], **static)
        if primitive.outputs is None:
            return Spy(z, self.level)
        return tuple([Spy(x, self.level) for x in z])

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        if ufunc in OPERATORS and method == "__call__" and not isinstance(inputs[0], Spy):
            return super().__array_ufunc__(ufunc, method, *inputs, **options)
        raise refuse(ufunc)

    def __array_function__(self, function, types, args, options):
        raise refuse(function)

    def __array__(self, *args, **options):
        raise refuse(np.asarray)


def spied(args):
    """The arrays as spies; Python scalars as they are."""
    return [Spy(a) if hasattr(a, "shape") else a for a in args]


def unspied(x):
    """The array under a spy."""
    return x.value if x.__class__ is Spy else x
