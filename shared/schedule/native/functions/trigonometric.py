"""sin, cos, tan: polynomials on |r| <= π/4, chosen and signed by the quadrant (fdlibm's kernels).

Coefficients by benchmarks/minimax.py; the reduction of the angle is in reduction.py.
"""

from ..lane import fast_two_sum, fma, polynomial, where
from .exponential import ratio
from .reduction import reduced

# (sin r - r) / r³ and (cos r - 1 + r²/2) / r⁴ in powers of r²; errors <= 2^-27.4 and 2^-57.
SINE_SINGLE = [-0.16666655242443085, 0.008332176133990288, -0.00019516977772582322]
SINE_DOUBLE = [
    -0.16666666666666632,
    0.00833333333332237,
    -0.00019841269829771137,
    2.7557313678654433e-06,
    -2.5050755959544087e-08,
    1.5896666397650381e-10,
]
COSINE_SINGLE = [0.04166664555668831, -0.0013887312961742282, 2.4432785721728578e-05]
COSINE_DOUBLE = [
    0.041666666666666595,
    -0.0013888888888872975,
    2.4801587288800045e-05,
    -2.7557314163980563e-07,
    2.0875698708975225e-09,
    -1.135842353644304e-11,
]


def sine_near_zero(r, rest):
    """sin(r + rest) as head and tail."""
    square = r * r
    cubic = r * square * polynomial(square, r.pick(SINE_SINGLE, SINE_DOUBLE))
    return fast_two_sum(r, fma(rest, fma(square, -0.5, r.constant(1.0)), cubic))


def cosine_near_zero(r, rest):
    """cos(r + rest) as head and tail."""
    square = r * r
    half = square * 0.5
    head = 1.0 - half
    quartic = square * square * polynomial(square, r.pick(COSINE_SINGLE, COSINE_DOUBLE))
    return fast_two_sum(head, (1.0 - head - half) + fma(-r, rest, quartic))


def quadrants(x):
    """(k's bits, sine and cosine of what is left of x)."""
    k, r, rest = reduced(x)
    return k, sine_near_zero(r, rest), cosine_near_zero(r, rest)


def signed(k, x):
    """x, negated where bit 1 of k is set."""
    return (x.bits() ^ ((k & 2) << (x.format.bits - 2))).number()


def odd(k):
    """Where bit 0 of k is set."""
    return (k & 1).equals(1)


def sin(x):
    """sin x for every finite x; NaN at infinities, -0 stays."""
    k, (sine, _), (cosine, _) = quadrants(x)
    return where(abs(x) < x.format.epsilon / 4, x, signed(k, where(odd(k), cosine, sine)))


def cos(x):
    """cos x for every finite x; NaN at infinities."""
    k, (sine, _), (cosine, _) = quadrants(x)
    return signed(k + 1, where(odd(k), sine, cosine))


def tan(x):
    """sin x / cos x, both as pairs, for every finite x; NaN at infinities, -0 stays."""
    k, sine, cosine = quadrants(x)
    turned = odd(k)
    above = [where(turned, -c, s) for s, c in zip(sine, cosine, strict=True)]
    below = [where(turned, s, c) for s, c in zip(sine, cosine, strict=True)]
    return where(abs(x) < x.format.epsilon / 4, x, ratio(*above, *below))
