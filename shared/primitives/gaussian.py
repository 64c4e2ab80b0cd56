"""Gaussian error linear units, exact and approximate, computed in blocks that fit the cache.

Exact: z = x Φ(x), with the lower tail of the normal distribution for a = |x|

    Φ(-a) = exp(-a²/2) R(a),    R(a) = P(u) / (a + k),    u = (a - k) / (a + k),

where P interpolates (a + k) R(a) at the Chebyshev points of u in [-1, 1]: to 1.2e-8 of its value
for halves and singles, to 5e-17 for doubles. The tail is exact to its last digits, where
1 + erf(x / √2) has none left. A tuple holds the coefficients of P, highest first.
"""

import math
from functools import partial

import numpy as np

from .arithmetic import square
from .error_function import erf
from .exponential import exp
from .primitive import elementwise
from .selection import clip, maximum, minimum
from .trigonometric import tanh

SINGLE = 3.5, (
    -4.97668893547664482e-05, 3.46352008215039449e-05, 4.52693919728332545e-04,
    -4.17768598173150901e-04, -3.17898590068716843e-03, 6.46523407670306188e-03,
    1.74060587338827403e-02, -1.16049045393830485e-01, 3.15425057953305385e-01,
    -5.65561908728974107e-01, 7.44416075435938126e-01,
)  # fmt: skip
DOUBLE = 5.0, (
    -8.16619262442898631e-10, 5.03730212637985613e-10, 9.44682751967736646e-09,
    -5.01564993985785690e-09, -6.78255531329115541e-08, 3.58184005154322338e-08,
    4.34026259482977534e-07, -3.31069807152686198e-07, -2.76933787104385417e-06,
    3.97791264059324225e-06, 1.66810991158634668e-05, -4.97617711897921823e-05,
    -5.93756732864886558e-05, 5.44898830900930007e-04, -7.97869409480806354e-04,
    -2.99337673822321996e-03, 2.07950668009416153e-02, -6.91186387088143285e-02,
    1.65020366170342813e-01, -3.13533156671213766e-01, 4.95305615969976790e-01,
    -6.65382502890057685e-01, 7.69193049750062560e-01,
)  # fmt: skip
BOUND = 40.0  # Φ(-40) is 0 in double precision
DENSITY = 1 / math.sqrt(2 * math.pi)
ROOT = math.sqrt(2 / math.pi)
CUBIC = 0.044715
BLOCK = 32768  # entries: a handful of blocks stays in the second cache; smaller ones cost calls


def blockwise(function, results=1):
    """The kernel that applies function(x, *out) block by block, and halves as singles.

    A chain of operations on a large array goes to memory at each; on blocks it stays in the cache.
    The function fills its `results` outputs, which have the shape of x.
    """

    def kernel(x):
        if x.dtype.char == "e":
            z = kernel(x.astype(np.float32))
            return z.astype(x.dtype) if results == 1 else [a.astype(x.dtype) for a in z]
        out = [np.empty_like(x, order="C") for _ in range(results)]
        whole = x.__class__ is not np.ndarray or x.size <= BLOCK
        step, n = max(x.size if whole else BLOCK, 1), x.size
        parts = [a.reshape(-1) for a in (x, *out)]
        for start in range(0, n, step):
            function(*[a[start : start + step] for a in parts])
        return out if results > 1 else out[0]

    return kernel


def _bounded(x):
    """x within BOUND of 0; x itself where it lies there, which is quickly seen."""
    if x.__class__ is np.ndarray and x.size and -BOUND <= x.min() and x.max() <= BOUND:
        return x
    return np.clip(x, -BOUND, BOUND)


def _tail(a):
    """(Φ(-a), exp(-a²/2)) for 0 <= a <= BOUND; two arrays of our own."""
    k, coefficients = DOUBLE if a.dtype.char == "d" else SINGLE
    e = a * -0.5
    e *= a
    np.exp(e, out=e)
    s = a + k
    np.divide(1, s, out=s)
    u = s * (-2 * k)
    u += 1
    z = u * coefficients[0]
    for c in coefficients[1:-1]:
        z += c
        z *= u
    z += coefficients[-1]
    z *= s
    z *= e
    return z, e


@blockwise
def _gelu(x, z):
    a = abs(_bounded(x))
    tail, _ = _tail(a)
    tail *= a
    np.subtract(np.maximum(x, 0, out=a), tail, out=z)  # x > 0: x (1 - Φ(-a)), else -a Φ(-a)
    np.copysign(z, x, out=z)  # of a zero, too


@partial(blockwise, results=2)
def _gelu_and_slope(x, z, slope):
    near = _bounded(x)
    a = abs(near)
    tail, e = _tail(a)
    np.multiply(tail, a, out=z)
    _slope(near, tail, e, slope)
    np.subtract(np.maximum(x, 0, out=a), z, out=z)
    np.copysign(z, x, out=z)


@blockwise
def _gelu_slope(x, z):
    x = _bounded(x)
    _slope(x, *_tail(abs(x)), z)


def _slope(x, tail, e, z):
    """z = Φ(x) + x φ(x), of Φ(-|x|) and exp(-x²/2), whose memory it takes."""
    e *= DENSITY
    e *= x
    np.subtract(0.5, tail, out=tail)
    np.copysign(tail, x, out=tail)
    tail += 0.5
    np.add(e, tail, out=z)


def _decomposed_gelu(x):
    return maximum(x, -BOUND) * ((erf(x * math.sqrt(0.5)) + 1) * 0.5)


def _decomposed_slope(x):
    near = clip(x, -BOUND, BOUND)  # erf is that of gelu, so that the two share it
    return (erf(x * math.sqrt(0.5)) + 1) * 0.5 + near * exp(square(near) * -0.5) * DENSITY


def _curvature(x):
    """φ(x) (2 - x²)"""
    s = square(clip(x, -BOUND, BOUND))
    return exp(s * -0.5) * (2 - s) * DENSITY


# z = x Φ(x); 0 at -inf
gelu = elementwise(
    "gelu", _gelu, x=lambda slope: slope,
    residuals={"slope": lambda x: gelu_slope(x)}, forward=_gelu_and_slope,
)  # fmt: skip
gelu.decomposition = _decomposed_gelu

# z = Φ(x) + x φ(x), the derivative of gelu
gelu_slope = elementwise("gelu_slope", _gelu_slope, x=_curvature)
gelu_slope.decomposition = _decomposed_slope


def _bent(x):
    """tanh(√(2/π) (x + 0.044715 x³)), in memory of its own."""
    t = x * x
    t *= CUBIC * ROOT
    t += ROOT
    t *= x
    return np.tanh(t, out=t)


@blockwise
def _gelu_tanh(x, z):
    x = np.maximum(x, -BOUND)
    _gated(x, _bent(x), z)


@partial(blockwise, results=2)
def _gelu_tanh_and_slope(x, z, slope):
    low = np.maximum(x, -BOUND)
    t = _bent(low)
    _tanh_slope(np.minimum(low, BOUND), t, slope)
    _gated(low, t, z)


@blockwise
def _gelu_tanh_slope(x, z):
    x = _bounded(x)
    _tanh_slope(x, _bent(x), z)


def _gated(x, t, z):
    """z = x (1 + t) / 2; t is not needed any more."""
    t += 1
    t *= 0.5
    np.multiply(x, t, out=z)


def _tanh_slope(x, t, z):
    """z = (1 + t) / 2 + x (1 - t²) u' / 2 with u' = √(2/π) (1 + 3 0.044715 x²)."""
    np.multiply(x, x, out=z)
    z *= 3 * CUBIC * ROOT
    z += ROOT
    z *= x
    z *= 1 - t * t
    z += t
    z += 1
    z *= 0.5


def _decomposed_gelu_tanh(x):
    x = maximum(x, -BOUND)
    return x * ((tanh((square(x) * (CUBIC * ROOT) + ROOT) * x) + 1) * 0.5)


def _decomposed_tanh_slope(x):
    low = maximum(x, -BOUND)  # as in gelu_tanh, so that the two share their tanh
    t = tanh((square(low) * (CUBIC * ROOT) + ROOT) * low)
    x = minimum(low, BOUND)
    s = square(x)
    return ((t + 1) + x * ((1 - square(t)) * (s * (3 * CUBIC * ROOT) + ROOT))) * 0.5


def _tanh_curvature(x):
    """(1 - t²) (u' + x u''/2 - x t u'²) with t = tanh(u), u = √(2/π) (x + 0.044715 x³)."""
    x = clip(x, -BOUND, BOUND)
    s = square(x)
    t = tanh((s * (CUBIC * ROOT) + ROOT) * x)
    inner = s * (3 * CUBIC * ROOT) + ROOT
    return (1 - square(t)) * (inner + s * (3 * CUBIC * ROOT) - x * t * square(inner))


# z = x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2; 0 at -inf
gelu_tanh = elementwise(
    "gelu_tanh", _gelu_tanh, x=lambda slope: slope,
    residuals={"slope": lambda x: gelu_tanh_slope(x)}, forward=_gelu_tanh_and_slope,
)  # fmt: skip
gelu_tanh.decomposition = _decomposed_gelu_tanh

# the derivative of gelu_tanh
gelu_tanh_slope = elementwise("gelu_tanh_slope", _gelu_tanh_slope, x=_tanh_curvature)
gelu_tanh_slope.decomposition = _decomposed_tanh_slope
