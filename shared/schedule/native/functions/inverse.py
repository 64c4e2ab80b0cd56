"""arctan and arcsin with their kin, artanh and its kin, and the cube root.

arctan: |z| <= tan(π/8) after one division, which serves arctan2 as well (Cephes' three ranges).
arcsin: a polynomial up to ½, and beyond it half an angle: arcsin x = π/2 - 2 arcsin √((1 - x)/2).
Coefficients by benchmarks/minimax.py.
"""

import math

from ..lane import fast_two_sum, fma, polynomial, power_of_two, two_product, where
from . import logarithmic

HALF_PI_SINGLE = (1.5707963705062866, -4.371138828673793e-08)
HALF_PI_DOUBLE = (1.5707963267948966, 6.123233995736766e-17)
EIGHTH_TURN_TANGENT = math.sqrt(2.0) - 1.0

# (arctan z - z) / z³ in powers of z², |z| <= √2 - 1; errors 2^-28.6 and 2^-58.7.
ARCTAN_SINGLE = [
    -0.33333316445350647,
    0.19998487830162048,
    -0.14243826270103455,
    0.10595829784870148,
    -0.060829952359199524,
]
ARCTAN_DOUBLE = [
    -0.333333333333332,
    0.19999999999954,
    -0.1428571428023972,
    0.11111110785677725,
    -0.09090897822691141,
    0.07692061383927162,
    -0.06663117417941636,
    0.05847986744764569,
    -0.05039743135912705,
    0.038075661053736824,
    -0.017919305739340283,
]
# (arcsin x - x) / x³ in powers of x², |x| <= ½; errors 2^-27.2 and 2^-59.7.
ARCSIN_SINGLE = [
    0.16666753590106964,
    0.07495232671499252,
    0.04547834396362305,
    0.02414098009467125,
    0.04223056137561798,
]
ARCSIN_DOUBLE = [
    0.16666666666666763,
    0.07499999999970094,
    0.04464285717528984,
    0.030381942675122054,
    0.02237221590981503,
    0.017351595438006316,
    0.013981019193875994,
    0.011397288275747817,
    0.010789344943513938,
    0.0036721047779415296,
    0.021790822532533147,
    -0.021116942913236073,
    0.03270228835585503,
]


# ∛(1 + f) within 2^-13.7, where log's m = 1 + f lies.
CUBE_ROOT = [1.000069260597229, 0.33362236618995667, -0.115716353058815, 0.05822085589170456]


def half_pi(x, times=1.0):
    """`times` π/2 as head and tail."""
    head, tail = x.pick(HALF_PI_SINGLE, HALF_PI_DOUBLE)
    return times * head, times * tail


def slope_angle(y, x):
    """arctan(y / x) for y, x >= 0, as head and tail: 0, π/4 or π/2 and an angle up to π/8."""
    steep = y > x * (1.0 + math.sqrt(2.0))
    level = y <= x * EIGHTH_TURN_TANGENT
    over = where(steep, -x, where(level, y, y - x))
    under = where(steep, y, where(level, x, x + y))
    quarter, quarter_lost = half_pi(y, 0.5)
    half, half_lost = half_pi(y)
    base = where(steep, half, where(level, y.constant(0.0), quarter))
    base_lost = where(steep, half_lost, where(level, y.constant(0.0), quarter_lost))
    z = over / under
    square = z * z
    curve = z * square * polynomial(square, y.pick(ARCTAN_SINGLE, ARCTAN_DOUBLE))
    head, lost = fast_two_sum(base, z)
    return head, lost + (curve + base_lost)


def arctan(x):
    """arctan x. -0 stays."""
    head, tail = slope_angle(abs(x), x.constant(1.0))
    return (head + tail).copysign(x)


def arctan2(y, x):
    """The angle of the point (x, y), with C's conventions at zeros and infinities."""
    high, wide = abs(y), abs(x)
    both = high.equals(math.inf) & wide.equals(math.inf)
    # Halved twice where a sum could overflow; a quotient does not mind.
    large = where((high > wide) & ~both, high, wide) > x.format.largest * 0.25
    scale = where(large, x.constant(0.25), 1.0)
    high = where(both, x.constant(1.0), high * scale)
    wide = where(both, x.constant(1.0), wide * scale)
    nothing = high.equals(0.0) & wide.equals(0.0)
    head, tail = slope_angle(high, where(nothing, x.constant(1.0), wide))
    back = (x.constant(1.0).copysign(x)) < 0.0
    pi, pi_lost = half_pi(x, 2.0)
    turned, lost = fast_two_sum(x.constant(pi), -head)
    angle = where(back, turned + (lost + (pi_lost - tail)), head + tail)
    return where(x.is_nan() | y.is_nan(), x + y, angle.copysign(y))


def half_angle(x):
    """(√z as head and tail, what arcsin √z has beyond √z), z = (1 - |x|) / 2."""
    z = fma(abs(x), -0.5, x.constant(0.5))
    root = z.call("sqrt")
    lost = fma(-root, root, z) / where(root > 0.0, root + root, 1.0)
    return root, lost, root * z * polynomial(z, x.pick(ARCSIN_SINGLE, ARCSIN_DOUBLE))


def small_angle(x):
    """arcsin x for |x| <= ½, less x."""
    square = x * x
    return x * square * polynomial(square, x.pick(ARCSIN_SINGLE, ARCSIN_DOUBLE))


def arcsin(x):
    """arcsin x. NaN beyond 1, -0 stays."""
    root, lost, curve = half_angle(x)
    half, half_lost = half_pi(x)
    head, rest = fast_two_sum(x.constant(half), -(root + root))
    large = head + (rest + (half_lost - (curve + lost) * 2.0))
    return where(abs(x) <= 0.5, x + small_angle(x), large.copysign(x))


def arccos(x):
    """arccos x. NaN beyond 1, 0 at 1."""
    root, lost, curve = half_angle(x)
    sine = small_angle(x)
    half, half_lost = half_pi(x)
    pi, pi_lost = half_pi(x, 2.0)
    head, rest = fast_two_sum(x.constant(half), -x)
    near_zero = head + (rest + (half_lost - sine))
    twice, curve = root + root, (curve + lost) * 2.0
    head, rest = fast_two_sum(x.constant(pi), -twice)
    left = head + (rest + (pi_lost - curve))
    return where(abs(x) <= 0.5, near_zero, where(x > 0.0, twice + curve, left))


def arctanh(x):
    """log1p(2|x| / (1 - |x|)) / 2. infinite at 1, NaN beyond, -0 stays."""
    size = abs(x)
    result = logarithmic.log1p((size + size) / (1.0 - size)) * 0.5
    result = where(size > 1.0, x.constant(math.nan), result)
    return where(size < x.format.epsilon / 4, x, result.copysign(x))


def arcsinh(x):
    """log1p(|x| + x² / (1 + √(1 + x²))), for large |x| log |x| + log 2. -0 stays."""
    size = abs(x)
    large = size > 2.0 ** (x.format.mantissa + 3)
    modest = where(large, x.constant(1.0), size)
    square = modest * modest
    inner = modest + square / (1.0 + (square + 1.0).call("sqrt"))
    result = where(large, logarithmic.log(size) + math.log(2.0), logarithmic.log1p(inner))
    return where(size < x.format.epsilon / 4, x, result.copysign(x))


def arccosh(x):
    """log1p(t + √(2t + t²)), t = x - 1; for large x log x + log 2. NaN below 1."""
    large = x > 2.0 ** (x.format.mantissa + 3)
    t = where(large, x.constant(1.0), x) - 1.0
    inner = t + fma(t, t, t + t).call("sqrt")
    result = where(large, logarithmic.log(x) + math.log(2.0), logarithmic.log1p(inner))
    return where(x < 1.0, x.constant(math.nan), result)


def cbrt(x):
    """2^j ∛m for |x| = 2^3j m, m in [2^-3/2, 2^3/2).

    A cubic, in double a step of Halley's, then one of Newton's with a compensated residual.
    """
    size = abs(x)
    k, f = logarithmic.split(size)
    magic = x.format.magic
    shifted = fma(k, 1.0 / 3.0, x.constant(magic))
    left = k - (shifted - magic) * 3.0  # -1, 0 or 1
    m = (f + 1.0) * where(left > 0.0, x.constant(2.0), where(left < 0.0, x.constant(0.5), 1.0))
    turn = where(
        left > 0.0, x.constant(2.0 ** (1 / 3)), where(left < 0.0, 0.5 ** (1 / 3), x.constant(1.0))
    )
    root = turn * polynomial(f, CUBE_ROOT)
    for _ in range(x.format.bits // 64):
        cube = root * root * root
        root = root * ((cube + (m + m)) / (cube + cube + m))
    square, lost = two_product(root, root)
    residual = fma(-square, root, m) - lost * root
    root = root + residual / (square * 3.0)
    result = root * power_of_two(shifted.bits() - x.format.bits_of(magic))
    return where((size > 0.0) & (size < math.inf), result.copysign(x), x)
