"""Python's operators on Values.

Each is straight-line code for the usual cases, two values of one transform with one dtype and rank,
or a value and a number, and leaves everything else to the function of NumPy's name.
"""

from numpy import generic, ndarray

from ..dispatch import Value
from ..primitives import arithmetic, comparison, rounding
from . import comparison as compared
from . import elementwise
from .promotion import SCALARS

NOTHING: dict = {}  # the statics of a primitive that has none
INEXACT = frozenset("fc")


def binary(primitive, general, any_kind=True):
    """The method for `x op y`, and the one for `y op x` where y is no Value.

    any_kind: integers may take the short way too; not where NumPy would turn them into floats.
    """

    def method(x, y):
        kind, a = y.__class__, x.value
        if kind is x.__class__:
            b = y.value
            if (
                a.dtype is b.dtype
                and y.level == x.level
                and a.ndim == b.ndim
                and (any_kind or a.dtype.kind in INEXACT)
            ):
                return x.interpret(primitive, (x, y), NOTHING)
        elif (kind is float or kind is int) and a.dtype.kind in INEXACT:
            return x.interpret(primitive, (x, y), NOTHING)
        elif (
            kind is ndarray
            and a.dtype is y.dtype
            and x.ndim == y.ndim
            and (any_kind or a.dtype.kind in INEXACT)
        ):
            return x.interpret(primitive, (x, y), NOTHING)
        return general(x, y) if is_operand(y) else NotImplemented

    def reflected(x, y):
        kind = y.__class__
        if (kind is float or kind is int) and x.value.dtype.kind in INEXACT:
            return x.interpret(primitive, (y, x), NOTHING)
        return general(y, x) if is_operand(y) else NotImplemented

    return method, reflected


def is_operand(y):
    """False for objects that we know nothing of: they may know how to treat a Value."""
    return (
        y.__class__ in SCALARS
        or isinstance(y, (Value, ndarray, generic, list, tuple))
        or hasattr(y, "__array__")
        or hasattr(y, "__cuda_array_interface__")
    )


def unary(primitive):
    """The method for an operator with one operand, in any dtype."""

    def method(x):
        return x.interpret(primitive, (x,), NOTHING)

    return method


def power(x, y):
    """x ** y; a fixed 2 is a square, another fixed integer a chain of products."""
    kind = y.__class__
    if (kind is int or kind is float) and x.value.dtype.kind in INEXACT:
        if y == 2:
            return x.interpret(arithmetic.square, (x,), NOTHING)
        if kind is int and y > 2:
            return x.interpret(arithmetic.integer_power, (x,), {"n": y})
        return elementwise.fixed_power(x, y)
    return elementwise.power(x, y) if is_operand(y) else NotImplemented


def divmod_(x, y):
    """(x // y, x % y)."""
    return elementwise.divmod(x, y) if is_operand(y) else NotImplemented


def reflected_divmod(x, y):
    """divmod(y, x) where y is no Value."""
    return elementwise.divmod(y, x) if is_operand(y) else NotImplemented


def reflected_power(x, y):
    """y ** x where y is no Value."""
    return elementwise.power(y, x) if is_operand(y) else NotImplemented


# of the operators with a reflected form
TWO_SIDED = {
    "add": binary(arithmetic.add, elementwise.add),
    "sub": binary(arithmetic.sub, elementwise.subtract),
    "mul": binary(arithmetic.mul, elementwise.multiply),
    "truediv": binary(arithmetic.div, elementwise.divide, any_kind=False),
    "floordiv": binary(rounding.floor_divide, elementwise.floor_divide),
    "mod": binary(arithmetic.remainder, elementwise.remainder),
    "pow": (power, reflected_power),
    "divmod": (divmod_, reflected_divmod),
    "and": binary(comparison.bitwise_and, compared.bitwise_and),
    "or": binary(comparison.bitwise_or, compared.bitwise_or),
    "xor": binary(comparison.bitwise_xor, compared.bitwise_xor),
    "lshift": binary(comparison.left_shift, compared.left_shift),
    "rshift": binary(comparison.right_shift, compared.right_shift),
}
# Equality stays an identity for hash(): values are keys of dicts.
ONE_SIDED = {
    "lt": binary(comparison.less, compared.less)[0],
    "le": binary(comparison.less_equal, compared.less_equal)[0],
    "gt": binary(comparison.greater, compared.greater)[0],
    "ge": binary(comparison.greater_equal, compared.greater_equal)[0],
    "eq": binary(comparison.equal, compared.equal)[0],
    "ne": binary(comparison.not_equal, compared.not_equal)[0],
    "neg": unary(arithmetic.neg),
    "abs": unary(arithmetic.absolute),
    "invert": unary(comparison.invert),
    "pos": lambda x: x,
}


def attach(namespace):
    """Give the operators to Value; matmul is that of the namespace."""
    methods = {f"__{name}__": method for name, method in ONE_SIDED.items()}
    methods |= {f"__{name}__": two[0] for name, two in TWO_SIDED.items()}
    methods |= {f"__r{name}__": two[1] for name, two in TWO_SIDED.items()}
    matmul = namespace.get("matmul")
    if matmul is not None:
        methods["__matmul__"] = matmul
        methods["__rmatmul__"] = lambda x, y: matmul(y, x)
    for name, method in methods.items():
        setattr(Value, name, method)
