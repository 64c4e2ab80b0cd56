"""What a loop computes for each entry: primitives as LLVM instructions on scalars or vectors.

`emit(builder, equation, values, dtype)` takes values that have the compute dtype already. A maximum
is NaN where an operand is, and a comparison with NaN is false, as in NumPy.
"""

import llvmlite.ir as ir
import numpy as np

from . import functions
from .lane import Lane, shaped, splat, where

TYPES = {
    np.dtype(bool): ir.IntType(1),
    np.dtype(np.int32): ir.IntType(32),
    np.dtype(np.int64): ir.IntType(64),
    np.dtype(np.float32): ir.FloatType(),
    np.dtype(np.float64): ir.DoubleType(),
}
FLOATS = frozenset((np.dtype(np.float32), np.dtype(np.float64)))
COMPARISONS = {
    "equal": "==", "not_equal": "!=", "less": "<", "less_equal": "<=", "greater": ">",
    "greater_equal": ">=",
}  # fmt: skip
MOST_FACTORS = 16  # of an integer power that is multiplied out


def maximum(x, y):
    """The larger, or NaN where either is."""
    larger = where(x > y, x, y)
    return where(x.is_nan(), x, larger) if x.is_float else larger


def minimum(x, y):
    """The smaller, or NaN where either is."""
    smaller = where(x < y, x, y)
    return where(x.is_nan(), x, smaller) if x.is_float else smaller


def sign(x):
    """-1, 0 or 1, or NaN."""
    found = where(x > 0, x.constant(1), where(x < 0, x.constant(-1), x.constant(0)))
    return where(x.is_nan(), x, found) if x.is_float else found


def absolute(x):
    """Without its sign."""
    return abs(x) if x.is_float else where(x < 0, -x, x)


def integer_power(x, n):
    """x^n by squaring."""
    result, square = None, x
    m = abs(n)
    while m:
        if m & 1:
            result = square if result is None else result * square
        m >>= 1
        square = square * square if m else square
    return 1 / result if n < 0 else result


ARITHMETIC = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "neg": lambda x: -x,
    "absolute": absolute,
    "square": lambda x: x * x,
    "reciprocal": lambda x: 1 / x,
    "sqrt": lambda x: x.call("sqrt"),
    "maximum": maximum,
    "minimum": minimum,
    "clip": lambda x, low, high: minimum(maximum(x, low), high),
    "sign": sign,
    "floor": lambda x: x.call("floor"),
    "ceil": lambda x: x.call("ceil"),
    "trunc": lambda x: x.call("trunc"),
    "rint": lambda x: x.call("rint"),
    "copysign": lambda x, y: x.copysign(y),
    "clone": lambda x: x,
    "gather": lambda x: x,
}
LOGICAL = {
    "logical_and": lambda x, y: x & y,
    "logical_or": lambda x, y: x | y,
    "logical_not": lambda x: ~x,
    "logical_xor": lambda x, y: x ^ y,
}
INTEGRAL = frozenset("add sub mul neg absolute square maximum minimum sign clone clip".split())


def fusible(equation):
    """True where a loop can compute the equation."""
    name = equation.primitive.name
    dtypes = [a.dtype for a in (*equation.inputs, *equation.outputs) if hasattr(a, "dtype")]
    if not all(d in TYPES for d in dtypes) or any(0 in a.shape for a in equation.outputs):
        return False
    kinds = {d.kind for d in dtypes}
    if name == "gather":
        return equation.static["key"] == ("array",) and kinds == {"f", "i"}
    if name in ("sum", "max", "min"):
        return kinds <= {"f"} or (name == "sum" and kinds == {"i"})
    if name in ("any", "all", *LOGICAL):
        return kinds == {"b"}
    if name in COMPARISONS:
        return True
    if name in ("where", "cast", "convert"):
        return True
    if name == "integer_power":
        return kinds == {"f"} and 0 < abs(equation.static["n"]) <= MOST_FACTORS
    if name in ARITHMETIC:
        return kinds == {"f"} or (name in INTEGRAL and kinds == {"i"}) or name == "clone"
    return name in functions.TABLE and kinds == {"f"}


def cost(equation):
    """About how many additions an entry of the equation takes."""
    name = equation.primitive.name
    if name in functions.TABLE:
        return 16
    return 4 if name in ("div", "sqrt", "reciprocal") else 1


def compute_dtype(equation):
    """The dtype in which the operands meet."""
    if equation.primitive.name in COMPARISONS:
        given = [a for a in equation.inputs if hasattr(a, "dtype")]
        return np.result_type(*[a.dtype for a in given])
    if equation.primitive.name in ("cast", "convert"):
        return equation.inputs[0].dtype
    return equation.outputs[0].dtype


def number(x, dtype, count):
    """A Python number as a constant, alone or `count` times."""
    x = float(x) if dtype.kind == "f" else int(x)
    element = TYPES[dtype]
    return ir.Constant(element, x) if count == 1 else splat(ir.VectorType(element, count), x)


def emit(builder, equation, values, dtype):
    """The value of an equation for LLVM values of the compute dtype; of `where`, also a mask."""
    name, static = equation.primitive.name, equation.static
    if name in functions.TABLE:
        return functions.emit(builder, name, *values)
    lanes = [Lane(builder, v) for v in values]
    if name in COMPARISONS:
        return compared(builder, name, lanes, dtype)
    if name in ("cast", "convert"):
        return converted(builder, values[0], dtype, equation.outputs[0].dtype)
    if name == "where":
        return builder.select(*values)
    if name == "integer_power":
        return integer_power(lanes[0], static["n"]).value
    return (ARITHMETIC.get(name) or LOGICAL[name])(*lanes).value


def compared(builder, name, lanes, dtype):
    """A comparison; booleans are compared as unsigned bits."""
    if dtype.kind == "b":
        return builder.icmp_unsigned(COMPARISONS[name], *[x.value for x in lanes])
    return lanes[0].compare(COMPARISONS[name], lanes[1]).value


def converted(builder, x, dtype, target):
    """x of one dtype in another, as astype does."""
    if dtype == target:
        return x
    wanted = shaped(x.type, TYPES[target])
    if target.kind == "b":
        zero = splat(x.type, 0)
        if dtype.kind == "f":
            return builder.fcmp_unordered("!=", x, zero)
        return builder.icmp_unsigned("!=", x, zero)
    if dtype.kind == "b":
        return (builder.uitofp if target.kind == "f" else builder.zext)(x, wanted)
    if dtype.kind == "f" and target.kind == "f":
        widens = target.itemsize > dtype.itemsize
        return (builder.fpext if widens else builder.fptrunc)(x, wanted)
    if dtype.kind == "f":
        return builder.fptosi(x, wanted)
    if target.kind == "f":
        return builder.sitofp(x, wanted)
    return (builder.sext if target.itemsize > dtype.itemsize else builder.trunc)(x, wanted)


def combine(builder, name, x, y):
    """Two partial results of a reduction as one."""
    x, y = Lane(builder, x), Lane(builder, y)
    table = {
        "sum": lambda: x + y, "prod": lambda: x * y, "max": lambda: maximum(x, y),
        "min": lambda: minimum(x, y), "any": lambda: x | y, "all": lambda: x & y,
    }  # fmt: skip
    return table[name]().value


def identity(name, dtype):
    """What a reduction begins with."""
    return {
        "sum": 0, "prod": 1, "max": -np.inf, "min": np.inf, "any": 0, "all": 1,
    }[name]  # fmt: skip
