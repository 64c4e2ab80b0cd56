"""The Gaussian error linear units and their derivatives.

In single Φ(x) = 1/2 + x P(x²) / Q(x²), which is off by 3 · 2^-24 at most, in a third of the
operations of 1/2 + erf(x / √2) / 2. P and Q by Lawson's iteration on the linearised problem. The
tanh form needs a sigmoid: (1 + tanh u) / 2 = σ(2u).
"""

import math

from ..lane import SINGLE, at_least, at_most, fma, polynomial, polynomial_pairs, where
from .error_function import erf
from .exponential import EXP_SINGLE, LOG2_E, exp, sigmoid

# Φ(x) - 1/2 = x P(x²) / Q(x²) on |x| <= 5.4; beyond, Φ(-x) falls below what 1 can tell.
LAST = 5.4
ABOVE = [
    0.7382310628890991,
    0.061754170805215836,
    0.008606255054473877,
    0.0003040708543267101,
    1.1769026059482712e-05,
    4.327663916114943e-08,
]
BELOW = [
    1.850471019744873,
    0.4632055163383484,
    0.05251384153962135,
    0.003439981723204255,
    0.0001339739392278716,
    2.251270643682801e-06,
]
BOUND = 40.0  # as the primitives have it: beyond it they are 0, x or 1
EXP2_SINGLE = [c * math.log(2) ** n for n, c in enumerate([1.0, 1.0, *EXP_SINGLE])]
DENSITY = 1 / math.sqrt(2 * math.pi)
GONE = 10.9  # beyond -GONE the tanh form is 0 in single
ROOT, CUBIC = math.sqrt(2 / math.pi), 0.044715


def cdf(x):
    """Φ(x), to its error near 1: the lower tail has no digits of its own, and ends at 0."""
    if x.format is not SINGLE:
        return fma(erf(x * math.sqrt(0.5)), 0.5, x.constant(0.5))
    near = at_least(at_most(x, LAST), -LAST)
    square = near * near
    found = fma(near, polynomial(square, ABOVE) / polynomial(square, BELOW), near.constant(0.5))
    return where(x < -LAST, 0.0, found)


def gelu(x):
    """x Φ(x); 0 at -inf."""
    return at_least(x, -BOUND) * cdf(x)


def gelu_slope(x):
    """Φ(x) + x φ(x)"""
    bound = x.pick(13.0, BOUND)  # where x φ(x) is gone, in its format
    near = at_least(at_most(x, bound), -bound)
    square = near * near
    density = density_single(square) if x.format is SINGLE else exp(square * -0.5) * DENSITY
    return fma(near, density, cdf(x))


def density_single(square):
    """φ(x) of x² <= 169, as 2^-(x² / (2 ln 2)); where it is small its error does not count."""
    offset = SINGLE.magic + SINGLE.bias
    shifted = fma(square, -0.5 * LOG2_E, square.constant(offset))
    rest = fma(square, -0.5 * LOG2_E, offset - shifted)
    power = polynomial_pairs(rest, [DENSITY * c for c in EXP2_SINGLE])
    return power * (shifted.bits() << SINGLE.mantissa).number()


def gelu_tanh(x):
    """x σ(2u), u = √(2/π) (x + 0.044715 x³); 0 at -inf."""
    if x.format is not SINGLE:
        x = at_least(x, -BOUND)
        return x * sigmoid(doubled(x))
    x = at_least(x, -GONE)
    return x * gate_single(x)


def gelu_tanh_slope(x):
    """σ + x σ (1 - σ) 2u'"""
    low = at_least(x, -x.pick(GONE, BOUND))
    gate = gate_single(low) if x.format is SINGLE else sigmoid(doubled(low))
    x = at_most(low, BOUND)
    inner = fma(x * x, 6 * ROOT * CUBIC, x.constant(2 * ROOT))
    return fma(x * inner, gate * (1.0 - gate), gate)


def doubled(x, factor=1.0):
    """2u, times a number"""
    return x * fma(x * x, 2 * ROOT * CUBIC * factor, x.constant(2 * ROOT * factor))


def gate_single(x):
    """σ(2u) as `sigmoid` has it, but for u's own rounding; x >= -GONE."""
    offset = SINGLE.magic + SINGLE.bias + 32
    place = doubled(at_most(x, 8.6), LOG2_E)
    shifted = place + offset
    rest = place - (shifted - offset)
    power = polynomial_pairs(rest, EXP2_SINGLE)
    large = power * (shifted.bits() << SINGLE.mantissa).number()
    return large / (large + 2.0**32)
