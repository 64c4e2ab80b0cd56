"""Arithmetic, entry by entry.

Kinks and singular points: |x| and sign have the derivative 0 at 0, as have hypot at the origin and
x**y at x = y = 0, and length. The derivatives of sqrt and cbrt at 0 are infinite, as they are. A
direction of zero stays zero, whatever the derivative there (see `guard`).
"""

import cmath
import math

import numpy as np

from .comparison import signbit
from .complex import conj, part_dtype, real
from .exponential import log
from .primitive import Primitive, elementwise
from .rounding import floor_divide, rint
from .selection import guarded, where

add = elementwise("add", np.add, x=1, y=1)
sub = elementwise("sub", np.subtract, x=1, y=-1)
mul = elementwise("mul", np.multiply, x=lambda y: y, y=lambda x: x)
neg = elementwise("neg", np.negative, x=-1)


def _div_y(d, x, y):
    y = guarded(y, d)
    return -(d / y) * (x / y)


div = elementwise("div", np.true_divide, x=lambda d, y: d / guarded(y, d), y=_div_y)


def _reciprocal_x(d, x):
    x = guarded(x, d)
    return -(d / x) / x


reciprocal = elementwise("reciprocal", np.reciprocal, x=_reciprocal_x)

# z = x - floor(x / y) y, with the sign of y; the quotient is constant but for its jumps
remainder = elementwise("remainder", np.remainder, x=1, y=lambda d, x, y: -d * floor_divide(x, y))
# z = x - trunc(x / y) y, with the sign of x; (x - z) / y is that quotient but for rounding
fmod = elementwise("fmod", np.fmod, x=1, y=lambda d, x, y, z: -d * rint((x - z) / y))

square = elementwise("square", np.square, x=lambda x: 2 * x)
sqrt = elementwise("sqrt", np.sqrt, x=lambda d, z: 0.5 * d / guarded(z, d))
# z = sqrt(x) of a sum of squares: a length, whose derivative at 0 is 0
length = elementwise("length", np.sqrt, x=lambda d, z: 0.5 * d / where(z == 0, np.inf, z))


def _cbrt_x(d, z):
    z = guarded(z, d)
    return d / z / z / 3


cbrt = elementwise("cbrt", np.cbrt, x=_cbrt_x)


def _integer_power(x, *, n):
    if n < 0:
        return np.reciprocal(_integer_power(x, n=-n))
    if n == 0:
        return np.ones_like(x)
    if n > 16:
        return np.power(x, n)
    # by squaring: some multiplications are many times as quick as one pow, and as exact
    z = None
    while n > 1:
        if n & 1:
            z = x if z is None else z * x
        x = x * x
        n >>= 1
    return +x if z is None else z * x


def _integer_power_x(d, x, n):
    if n == 0:
        return d * 0
    return d * (n * integer_power(guarded(x, d) if n < 1 else x, n=n - 1))


# z = x**n for a fixed integer n
integer_power = elementwise("integer_power", _integer_power, x=_integer_power_x)


def _power_x(d, x, y):
    if not hasattr(y, "dtype"):
        base = guarded(x, d) if y < 1 else x
        return d * (y * guarded(power(base, y - 1), d, "infinite")) if y else d * 0
    # at x = y = 0 the exponent is 1: it would be -1, and 0 * 0**-1 a NaN
    exponent = where((x == 0) & (y == 0), 1, y - 1)
    base = where(exponent < 0, guarded(x, d), x)
    return d * (y * guarded(power(base, exponent), d, "infinite"))


def _power_y(d, x, y, z):
    if not hasattr(x, "dtype"):
        return d * guarded(z, d, "infinite") * _scalar_log(x)
    x = where(x == 0, 1, guarded(x, d, "negative"))
    return d * guarded(z, d, "infinite") * log(x)


def _scalar_log(x):
    """log x of a Python scalar, as another, which widens no dtype; 0 at 0, as for arrays."""
    if isinstance(x, complex):
        return cmath.log(x) if x else 0.0
    return math.log(x) if x > 0 else (math.nan if x < 0 else 0.0)


# z = x**y; 0**y, which is constant for y > 0, has the derivative 0 in y throughout
power = elementwise("power", np.power, x=_power_x, y=_power_y)


def direction(x, length):
    """x / |x|, given |x|; 0 where that is 0."""
    return where(length == 0, 0, x / guarded(length, length))


def _slope(x, z):
    """The derivative of |x|: its sign; for complex x that of the pairing, conj(x) / |x|."""
    return direction(conj(x), z) if x.dtype.kind == "c" else sign(x)


def _absolute_jvp(dx, x, z):
    dz = dx * _slope(x, z)
    return real(dz) if x.dtype.kind == "c" else dz


sign = elementwise("sign", np.sign, x=0)  # of real x

# z = |x|, real for complex x too, where it is not holomorphic: hence two rules
absolute = Primitive(
    "absolute",
    np.absolute,
    operands=("x",),
    shape=lambda x: x.shape,
    dtype=part_dtype,
    jvp={"x": _absolute_jvp},
    vjp={"x": lambda gz, x, z: gz * _slope(x, z)},
    batch=lambda args, batched: absolute(args[0]),
)

hypot = elementwise(
    "hypot",
    np.hypot,
    x=lambda d, x, z: d * direction(x, z),
    y=lambda d, y, z: d * direction(y, z),
)


def _copysign_x(d, x, y):
    if not hasattr(y, "dtype"):
        return d * sign(x) * math.copysign(1, y)
    return where(signbit(y), -d, d) * sign(x)


copysign = elementwise("copysign", np.copysign, x=_copysign_x, y=0)
# the neighbour of x in the direction of y is x, but for a step that jumps
nextafter = elementwise("nextafter", np.nextafter, x=1, y=0)
# z = x 2**n
ldexp = elementwise("ldexp", np.ldexp, dtype=lambda x, n: x.dtype, x=lambda d, n: ldexp(d, n), n=0)
# the exponent of 2 that brings x into [0.5, 1)
exponent = elementwise("exponent", lambda x: np.frexp(x)[1], dtype=np.dtype(np.int32), x=0)
deg2rad = elementwise("deg2rad", np.deg2rad, x=math.pi / 180)
rad2deg = elementwise("rad2deg", np.rad2deg, x=180 / math.pi)
