"""exp and its kin: x = k ln 2 + r with |r| <= ln 2 / 2, then e^x = 2^k e^r.

k comes out of the low bits of x log2(e) + 1.5 * 2^mantissa; k ln 2 leaves x in two pieces, the
first of which is exact under FMA (Cody and Waite 1980). e^r = 1 + r + r^2 P(r), with P by
benchmarks/minimax.py.
"""

from ..lane import (
    SINGLE,
    at_least,
    at_most,
    fast_two_sum,
    fma,
    polynomial,
    polynomial_pairs,
    power_of_two,
    scaled,
    two_sum,
    where,
)

LOG2_E = 1.4426950408889634
# ln 2 = head + tail; each head is the nearest number of its format.
LN2_SINGLE = (0.6931471824645996, -1.9046542121259336e-09)
LN2_DOUBLE = (0.6931471805599453, 2.3190468138462996e-17)

# (e^r - 1 - r) / r^2 on |r| <= ln 2 / 2; errors 2^-27.7 and 2^-56.5 of e^r.
EXP_SINGLE = [
    0.5,
    0.166665181517601,
    0.04166620597243309,
    0.008368889801204205,
    0.0013950492721050978,
]
EXP_DOUBLE = [
    0.5000000000000012,
    0.166666666666667,
    0.04166666666651542,
    0.008333333333307201,
    0.001388888894701647,
    0.0001984126991738739,
    2.4801489941767538e-05,
    2.7557216300655235e-06,
    2.763128046321831e-07,
    2.511786039386807e-08,
]
# The same, error 2^-60.4, for the functions that subtract the 1.
EXP_DOUBLE_LONG = [
    0.5,
    0.16666666666666685,
    0.04166666666666673,
    0.008333333333316739,
    0.0013888888888858543,
    0.00019841269897060204,
    2.480158737355392e-05,
    2.755723423566668e-06,
    2.7557233511130037e-07,
    2.5112240195505707e-08,
    2.0926898617501834e-09,
]
# (tanh x - x) / x³ in powers of x², |x| <= 0.65; e^2r on |r| <= ln 2 / 4; errors 2^-27, 2^-25.8.
TANH_SINGLE = [
    -0.3333325982093811,
    0.1333083063364029,
    -0.05368802323937416,
    0.0204694215208292,
    -0.005515165161341429,
]
EXP_TWICE_SINGLE = [
    1.0,
    2.0,
    1.9999996423721313,
    1.3333135843276978,
    0.6666917204856873,
    0.26799675822257996,
    0.08855514973402023,
]


def split(x):
    """(k as integer, r, the rest of r): x = k ln 2 + r + rest."""
    magic = x.format.magic
    high, low = x.pick(LN2_SINGLE, LN2_DOUBLE)
    shifted = fma(x, LOG2_E, x.constant(magic))
    k = shifted - magic
    near = fma(k, -high, x)
    r = fma(k, -low, near)
    return shifted.bits() - x.format.bits_of(magic), r, fma(k, -low, near - r)


def exp_pair(r, rest=None):
    """e^(r + rest) = e^r + rest e^r as head and tail, |r| <= ln 2 / 2 and a rest far below r."""
    curve = r * r * polynomial(r, r.pick(EXP_SINGLE, EXP_DOUBLE))
    if rest is not None:
        curve = fma(rest, 1.0 + (r + curve), curve)
    return fast_two_sum(r.constant(1.0), r + curve)


def exp_reduced(r, rest=None):
    """The head of `exp_pair`."""
    return exp_pair(r, rest)[0]


def exp(x, shift=0):
    """e^x, or 2^shift e^x; overflows to inf, underflows through the denormals to 0."""
    low, high = x.pick((-104.0, 89.5), (-746.0, 710.5))
    k, r, _ = split(at_least(at_most(x, high), low))
    return scaled(exp_reduced(r), k + shift if shift else k)


def exp2(x):
    """2^x; exact at integers."""
    low, high = x.pick((-151.0, 129.0), (-1076.0, 1025.0))
    x = at_least(at_most(x, high), low)
    magic = x.format.magic
    shifted = x + magic
    rest = x - (shifted - magic)
    head, tail = x.pick(LN2_SINGLE, LN2_DOUBLE)
    r = rest * head
    correction = fma(rest, tail, fma(rest, head, -r))
    return scaled(exp_reduced(r, correction), shifted.bits() - x.format.bits_of(magic))


def shrunken_expm1(x, shift):
    """2^-shift (e^x - 1) as head and tail, for x from -40 to a little beyond overflow.

    Shrunken, so that 2^(k - shift) is in range wherever the result is.
    """
    k, r, rest = split(x)
    scale = power_of_two(k - shift)
    curve = fma(r * r, polynomial(r, r.pick(EXP_SINGLE, EXP_DOUBLE_LONG)), rest)
    head, lost = fast_two_sum(scale - 0.5**shift, scale * r)
    return fast_two_sum(head, fma(scale, curve, lost))


def expm1(x):
    """e^x - 1; x itself where |x| is below half an epsilon, so that -0 stays."""
    low, high = x.pick((-18.0, 89.0), (-40.0, 710.0))
    head, _ = shrunken_expm1(at_least(at_most(x, high), low), 1)
    return where(abs(x) < x.format.epsilon / 4, x, head + head)


def tanh(x):
    """tanh x; odd, -0 stays."""
    return tanh_single(x) if x.format is SINGLE else tanh_double(x)


def tanh_single(x):
    """x + x³ P(x²) up to 0.65, then 1 - 2 / (1 + e^2|x|), where errors of e^2|x| count little."""
    size, square = abs(x), x * x
    near = fma(x * square, polynomial(square, TANH_SINGLE), x)
    capped = at_most(size, 10.0)
    shifted = fma(capped, 2.0 * LOG2_E, x.constant(SINGLE.magic))
    r = fma(shifted - SINGLE.magic, -0.5 * LN2_DOUBLE[0], capped)
    # k goes into the exponent of e^2r, in [½, 2), as bits; what magic set leaves them at the top.
    power = (polynomial(r, EXP_TWICE_SINGLE).bits() + (shifted.bits() << 23)).number()
    far = fma(1.0 / (power + 1.0), -2.0, x.constant(1.0))
    return where(size >= 0.65, far, near).copysign(x)  # NaN comes from near


def tanh_double(x):
    """h / (h + 1), h = (e^2|x| - 1) / 2, both as pairs."""
    head, tail = shrunken_expm1(at_most(abs(x) + abs(x), 42.0), 1)
    below, lost = two_sum(head, 1.0)
    return ratio(head, tail, below, lost + tail).copysign(x)


def ratio(x, x_tail, y, y_tail):
    """(x + x_tail) / (y + y_tail), rounded nearly once."""
    inverse = 1.0 / y
    quotient = x * inverse
    remainder = fma(-quotient, y_tail, fma(-quotient, y, x))
    if x_tail is not None:
        remainder = remainder + x_tail
    return fma(remainder, inverse, quotient)


def sigmoid(x):
    """1 / (1 + e^-x)"""
    return sigmoid_single(x) if x.format is SINGLE else sigmoid_double(x)


def sigmoid_single(x):
    """t e^x / (t + t e^x), where t = 1.5 · 2^32.

    The power of two keeps denormals out of all but the quotient. With the 1.5 the three roundings
    are never at their worst together, as they are with 1 where e^x is a little above 2^-n.
    """
    offset = SINGLE.magic + SINGLE.bias + 32
    x = at_least(at_most(x, 60.0), -110.0)
    shifted = fma(x, LOG2_E, x.constant(offset))
    k = shifted - offset
    r = fma(k, -LN2_SINGLE[1], fma(k, -LN2_SINGLE[0], x))
    curve = polynomial_pairs(r, [1.5 * c for c in EXP_SINGLE])
    power = fma(r, fma(r, curve, 1.5), 1.5)
    large = power * (shifted.bits() << SINGLE.mantissa).number()
    return large / (large + 1.5 * 2.0**32)


def sigmoid_double(x):
    """As e^x / (1 + e^x) where x < 0: then it underflows as e^x does."""
    small = exp(-abs(x))
    below = small + 1.0
    return ratio(where(x < 0.0, small, 1.0), None, below, small - (below - 1.0))


def sinh(x):
    """2 (q + q / (4q + 1)), q = (e^|x| - 1) / 4."""
    size = at_most(abs(x), x.pick(89.5, 710.5))
    q, rest = shrunken_expm1(size, 2)
    half = q + (q / fma(q, 4.0, q.constant(1.0)) + rest)
    return where(abs(x) < x.format.epsilon, x, (half + half).copysign(x))


def cosh(x):
    """t + 1/(4t), t = e^|x| / 2."""
    t = exp(abs(x), shift=-1)
    return t + 0.25 / t
