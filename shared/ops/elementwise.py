"""NumPy's functions of arithmetic and mathematics, entry by entry: promote, then one primitive.

Names, promotion and broadcasting are NumPy's. Arguments are arrays, traced values, Tensors, numbers
or lists of numbers. `out=` and `where=` do not exist here: nothing is changed in place.
"""

import math

from ..primitives import arithmetic, comparison, exponential, rounding, trigonometric
from .promotion import (
    SCALARS,
    astype,
    inexact,
    operand,
    promote_inexact,
    promote_pair,
    rank_of,
    result_type,
    with_rank,
)


def unary(primitive, doc, convert=inexact):
    """A function of one operand; `convert` turns it into what the primitive takes."""

    def function(x, /):
        return primitive(convert(x))

    return named(function, primitive.name, doc)


def binary(primitive, doc, name=None, convert=promote_pair):
    """A function of two operands of one dtype."""

    def function(x, y, /):
        x, y = convert(x, y)
        return primitive(x, y)

    return named(function, name or primitive.name, doc)


def named(function, name, doc):
    """Give a made function the name and docstring that help() shows."""
    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc
    return function


def promote_quotient(x, y):
    """Operands of a division: integers become float64, as in NumPy."""
    return promote_inexact(x, y, float)


# arithmetic
add = binary(arithmetic.add, "x + y.")
subtract = binary(arithmetic.sub, "x - y.", "subtract")
multiply = binary(arithmetic.mul, "x y.", "multiply")
divide = binary(arithmetic.div, "x / y; of integers a float.", "divide", promote_quotient)
floor_divide = binary(rounding.floor_divide, "The floor of x / y, with derivative 0.")
remainder = binary(arithmetic.remainder, "x - floor(x / y) y, with the sign of y.")
fmod = binary(arithmetic.fmod, "x - trunc(x / y) y, with the sign of x.")
negative = unary(arithmetic.neg, "-x.", operand)
reciprocal = unary(arithmetic.reciprocal, "1 / x, in the dtype of x.", operand)
square = unary(arithmetic.square, "x squared.", operand)
sqrt = unary(arithmetic.sqrt, "The square root; its derivative at 0 is infinite.")
cbrt = unary(arithmetic.cbrt, "The real cube root; its derivative at 0 is infinite.")
absolute = unary(arithmetic.absolute, "|x|, real for complex x; its derivative at 0 is 0.", operand)
fabs = unary(arithmetic.absolute, "|x| of real x, as a float; its derivative at 0 is 0.")
hypot = binary(
    arithmetic.hypot, "sqrt(x x + y y), with derivative 0 at the origin.", None, promote_inexact
)
copysign = binary(
    arithmetic.copysign, "|x| with the sign of y; the derivative at x = 0 is 0.", None,
    promote_inexact,
)  # fmt: skip
nextafter = binary(
    arithmetic.nextafter, "The float next to x towards y; derivative 1.", None, promote_inexact
)
deg2rad = unary(arithmetic.deg2rad, "x degrees in radians.")
rad2deg = unary(arithmetic.rad2deg, "x radians in degrees.")
gcd = binary(comparison.gcd, "The greatest common divisor of integers.")
lcm = binary(comparison.lcm, "The least common multiple of integers.")


def spacing(x, /):
    """The distance from x to the next float away from 0, with the sign of x; derivative 0.

    >>> spacing(1.0)
    np.float64(2.220446049250313e-16)
    """
    x = inexact(x)
    length = arithmetic.absolute(x)
    return arithmetic.copysign(arithmetic.nextafter(length, math.inf) - length, x)


def positive(x, /):
    """+x: x itself, or of a plain array a copy.

    >>> positive(2.0)
    2.0
    """
    return +operand(x)


def sign(x, /):
    """-1, 0 or 1 by the sign of x, with derivative 0; of complex x, x / |x|.

    >>> sign(-2.0)
    np.float64(-1.0)
    """
    x = operand(x)
    if getattr(x, "dtype", None) is None or x.dtype.kind != "c":
        return arithmetic.sign(x)
    return arithmetic.direction(x, astype(arithmetic.absolute(x), x.dtype))


def power(x, y, /):
    """x to the power y; at x = y = 0 both derivatives are 0.

    A fixed integer power is a chain of products, and 0.5 a square root.

    >>> power(3.0, 2)
    np.float64(9.0)
    """
    if y.__class__ is int or y.__class__ is float:
        return fixed_power(x, y)
    x, y = promote_pair(x, y)
    return arithmetic.power(x, y)


def fixed_power(x, n):
    """x to the power of the Python number n."""
    x = operand(x)
    if x.__class__ in SCALARS or x.dtype.kind not in "fc":
        return arithmetic.power(*promote_pair(x, n))
    if n == 2:
        return arithmetic.square(x)
    if n == 0.5:
        return arithmetic.sqrt(x)
    if n == -1:
        return arithmetic.reciprocal(x)
    if n.__class__ is int or n.is_integer():
        return arithmetic.integer_power(x, n=int(n)) if n != 1 else +x
    return arithmetic.power(x, n)


def float_power(x, y, /):
    """x to the power y in float64 at least, or complex128.

    >>> float_power(2, -1)
    np.float64(0.5)
    """
    x, y = operand(x), operand(y)
    dtype = result_type(x, y, astype(1.0, float))
    return power(astype(x, dtype), astype(y, dtype))


def divmod(x, y, /):
    """(floor_divide(x, y), remainder(x, y)).

    >>> divmod(7.0, 2.0)
    (np.float64(3.0), np.float64(1.0))
    """
    return floor_divide(x, y), remainder(x, y)


def modf(x, /):
    """(fractional part, whole part), both with the sign of x; the fraction has derivative 1.

    >>> [float(part) for part in modf(2.5)]
    [0.5, 2.0]
    """
    x = inexact(x)
    whole = rounding.trunc(x)
    return exponential.gap(x, whole), whole


def ldexp(x, n, /):
    """x 2**n for integers n.

    >>> ldexp(3.0, 2)
    np.float64(12.0)
    """
    x, n = inexact(x), operand(n)
    rank = rank_of((x, n))
    return arithmetic.ldexp(with_rank(x, rank), with_rank(n, rank))


def frexp(x, /):
    """(m, n) with x = m 2**n and m in [0.5, 1); the derivative of m is 2**-n.

    >>> frexp(12.0)
    (np.float64(0.75), np.int32(4))
    """
    x = inexact(x)
    n = arithmetic.exponent(x)
    return arithmetic.ldexp(x, -n), n


# exponentials and logarithms
exp = unary(exponential.exp, "e to the power x.")
exp2 = unary(exponential.exp2, "2 to the power x.")
expm1 = unary(exponential.expm1, "e**x - 1, exact also near 0.")
log = unary(exponential.log, "The natural logarithm.")
log2 = unary(exponential.log2, "The logarithm to base 2.")
log10 = unary(exponential.log10, "The logarithm to base 10.")
log1p = unary(exponential.log1p, "log(1 + x), exact also near 0.")
logaddexp = binary(
    exponential.logaddexp, "log(e**x + e**y); where both are -inf they share the derivative.", None,
    promote_inexact,
)  # fmt: skip
logaddexp2 = binary(
    exponential.logaddexp2, "log2(2**x + 2**y); where both are -inf they share the derivative.",
    None, promote_inexact,
)  # fmt: skip

# circular and hyperbolic functions
sin = unary(trigonometric.sin, "The sine of x radians.")
cos = unary(trigonometric.cos, "The cosine of x radians.")
tan = unary(trigonometric.tan, "The tangent of x radians.")
arcsin = unary(trigonometric.arcsin, "The angle in [-pi/2, pi/2] whose sine is x.")
arccos = unary(trigonometric.arccos, "The angle in [0, pi] whose cosine is x.")
arctan = unary(trigonometric.arctan, "The angle in [-pi/2, pi/2] whose tangent is x.")
arctan2 = binary(
    trigonometric.arctan2,
    "arctan2(y, x) is the angle of the point (x, y); its derivatives at the origin are 0.", None,
    promote_inexact,
)  # fmt: skip
sinh = unary(trigonometric.sinh, "The hyperbolic sine.")
cosh = unary(trigonometric.cosh, "The hyperbolic cosine.")
tanh = unary(trigonometric.tanh, "The hyperbolic tangent.")
arcsinh = unary(trigonometric.arcsinh, "The inverse of sinh.")
arccosh = unary(trigonometric.arccosh, "The inverse of cosh, for x >= 1.")
arctanh = unary(trigonometric.arctanh, "The inverse of tanh, for |x| <= 1.")


def sinc(x, /):
    """sin(pi x) / (pi x), and 1 at 0; smooth, so that all its derivatives there are right too.

    >>> sinc(0.0)
    np.float64(1.0)
    """
    x, _ = promote_inexact(x, 1.0, float)
    return trigonometric.sinc(inexact(x), order=0)


# rounding, with derivative 0
floor = unary(rounding.floor, "The largest integer not above x.", operand)
ceil = unary(rounding.ceil, "The smallest integer not below x.", operand)
trunc = unary(rounding.trunc, "x without its fraction.", operand)
rint = unary(rounding.rint, "The nearest integer, halves to even.")


def round(x, decimals=0):
    """x to `decimals` places behind the point, halves to even; derivative 0.

    >>> round(2.345, 1)
    np.float64(2.3)
    """
    return rounding.round(operand(x), decimals=int(decimals))


around = round
fix = trunc
abs = absolute
true_divide = divide
mod = remainder
pow = power
degrees, radians = rad2deg, deg2rad
acos, asin, atan, atan2 = arccos, arcsin, arctan, arctan2
acosh, asinh, atanh = arccosh, arcsinh, arctanh
