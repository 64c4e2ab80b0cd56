"""x^y, and the roots. log |x| is kept to some 2^-10 of an ulp beyond the format, as head and tail,
since y log x turns its relative error into an absolute one of the exponent.
"""

import math

from ..lane import (
    at_least,
    at_most,
    fast_two_sum,
    fma,
    polynomial,
    scaled,
    two_product,
    where,
)
from . import exponential, logarithmic

# (artanh s - s - s³/3) / s⁵ in powers of s²; errors 2^-36.6 and 2^-65.9 of artanh s.
ARTANH_SINGLE = [0.20000076293945312, 0.14273564517498016, 0.11709350347518921]
ARTANH_DOUBLE = [
    0.20000000000001128,
    0.1428571428504962,
    0.11111111259989483,
    0.09090892181248351,
    0.07693378766854772,
    0.06628406617645406,
    0.06598184510294798,
]
THIRD_SINGLE = (0.3333333432674408, -9.934107481068821e-09)
THIRD_DOUBLE = (0.3333333333333333, 1.850371707708594e-17)


def logarithm(x):
    """log x as head and tail, for x > 0: k ln 2 + 2 artanh s, s = f / (2 + f)."""
    k, f = logarithmic.split(x)
    below, below_lost = fast_two_sum(x.constant(2.0), f)
    inverse = 1.0 / below
    s = f * inverse
    s_lost = (fma(-s, below, f) - s * below_lost) * inverse
    square, square_lost = two_product(s, s)
    square_lost = fma(s + s, s_lost, square_lost)
    # series = 1 + s²/3 + s⁴ P(s²)
    third, third_lost = x.pick(THIRD_SINGLE, THIRD_DOUBLE)
    cubic, cubic_lost = two_product(square, third)
    cubic_lost = fma(square, third_lost, fma(square_lost, third, cubic_lost))
    rest = square * square * polynomial(square, x.pick(ARTANH_SINGLE, ARTANH_DOUBLE))
    series, series_lost = fast_two_sum(x.constant(1.0), cubic)
    series_lost = series_lost + (rest + cubic_lost)
    twice = s + s
    product, lost = two_product(twice, series)
    lost = lost + fma(twice, series_lost, (s_lost + s_lost) * series)
    high, low = x.pick(exponential.LN2_SINGLE, exponential.LN2_DOUBLE)
    whole, whole_lost = two_product(k, high)
    head, head_lost = fast_two_sum(whole, product)
    return fast_two_sum(head, head_lost + (fma(k, low, whole_lost) + lost))


def power(x, y):
    """x^y with C's conventions at 0, 1, infinities and NaN; NaN for x < 0 unless y is whole."""
    size = abs(x)
    head, tail = logarithm(size)
    ordinary = (size > 0.0) & (size < math.inf)
    edge = where(size.equals(0.0), x.constant(-math.inf), size)
    head, tail = where(ordinary, head, edge), where(ordinary, tail, 0.0)
    exponent = where(size.equals(1.0), x.constant(0.0), y * head)
    low, high = x.pick((-104.0, 89.5), (-746.0, 710.5))
    bounded = at_least(at_most(exponent, high), low)
    rest = fma(y, tail, fma(y, head, -exponent))
    rest = where(bounded.equals(exponent) & (abs(y) < math.inf), rest, 0.0)
    k, r, lost = exponential.split(bounded)
    result = scaled(exponential.exp_reduced(r, lost + rest), k)
    return special(result, x, y)


def special(result, x, y):
    """The result for |x|^y with the sign of x where y is odd, and what is defined as 1."""
    whole = y.call("rint").equals(y)
    half = y * 0.5
    odd = whole & (half.call("rint").compare("!=", half))
    negative = x < 0.0
    signed = where(odd, result.copysign(x), result)
    undefined = negative & ~whole & (x > -math.inf)
    signed = where(undefined, x.constant(math.nan), signed)
    signed = where(x.is_nan() | y.is_nan(), x + y, signed)
    return where(y.equals(0.0) | x.equals(1.0), x.constant(1.0), signed)


def sqrt(x):
    """√x, correctly rounded: an instruction."""
    return x.call("sqrt")


def rsqrt(x):
    """1 / √x; inf at 0."""
    return 1.0 / x.call("sqrt")


def hypot(x, y):
    """√(x² + y²) without overflow on the way: h √(1 + (l/h)²), h the greater."""
    x, y = abs(x), abs(y)
    greater, less = where(x > y, x, y), where(x > y, y, x)
    ratio = where(greater > 0.0, less, 0.0) / where(greater > 0.0, greater, 1.0)
    result = greater * fma(ratio, ratio, x.constant(1.0)).call("sqrt")
    result = where(x.is_nan() | y.is_nan(), x + y, result)
    return where(x.equals(math.inf) | y.equals(math.inf), x.constant(math.inf), result)
