"""Elementary functions as LLVM IR: inlined into the loop that needs them.

`emit(builder, name, x, ...)` appends the function's instructions at the builder and returns the
value; x is a float, a double or a vector of either. The greatest error of each, in units in the
last place, is measured in tests/shared/schedule/native/test_functions.py: at most 2 in
single; in double at most 1 for exp, tanh, the logarithms, sin, cos, tan and power, 2 for the rest.
The Gaussian error linear units, which end in a sum, are as good in units of the larger of 1 and x.
sin, cos and tan alone have a branch, for huge arguments: the builder stands in another block after
them.
"""

from ..lane import Lane
from . import error_function, exponential, gaussian, inverse, logarithmic, power, trigonometric

TABLE = {
    "exp": exponential.exp,
    "exp2": exponential.exp2,
    "expm1": exponential.expm1,
    "tanh": exponential.tanh,
    "sigmoid": exponential.sigmoid,
    "sinh": exponential.sinh,
    "cosh": exponential.cosh,
    "log": logarithmic.log,
    "log1p": logarithmic.log1p,
    "log2": logarithmic.log2,
    "log10": logarithmic.log10,
    "logaddexp": logarithmic.logaddexp,
    "erf": error_function.erf,
    "erfc": error_function.erfc,
    "gelu": gaussian.gelu,
    "gelu_slope": gaussian.gelu_slope,
    "gelu_tanh": gaussian.gelu_tanh,
    "gelu_tanh_slope": gaussian.gelu_tanh_slope,
    "sin": trigonometric.sin,
    "cos": trigonometric.cos,
    "tan": trigonometric.tan,
    "power": power.power,
    "sqrt": power.sqrt,
    "rsqrt": power.rsqrt,
    "hypot": power.hypot,
    "softplus": logarithmic.softplus,
    "cbrt": inverse.cbrt,
    "arctan": inverse.arctan,
    "arctan2": inverse.arctan2,
    "arcsin": inverse.arcsin,
    "arccos": inverse.arccos,
    "arcsinh": inverse.arcsinh,
    "arccosh": inverse.arccosh,
    "arctanh": inverse.arctanh,
}


def emit(builder, name, *operands):
    """The LLVM value of the function `name` of LLVM values, computed at the builder's place."""
    if name not in TABLE:
        raise KeyError(f"emit: there is no elementary function {name!r}, only {sorted(TABLE)}")
    return TABLE[name](*(Lane(builder, operand) for operand in operands)).value
