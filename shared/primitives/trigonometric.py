"""Circular and hyperbolic functions and their inverses, real and complex.

The derivatives of arcsin, arccos, arccosh and arctanh have poles at the ends of the domains; a
direction of zero stays zero there (see `guard`). arctan2 has the derivative 0 at the origin.
"""

import math

import numpy as np

from .arithmetic import hypot, sqrt
from .primitive import elementwise
from .selection import guarded, where

sin = elementwise("sin", np.sin, x=lambda x: cos(x))
cos = elementwise("cos", np.cos, x=lambda d, x: -(d * sin(x)))


def _sinc(x, *, order):
    t = math.pi * x
    near = np.abs(t) < order + 2
    far = np.where(near, 1, t)
    # t g'(t) = cos(t) - g(t) for g(t) = sin(t) / t, and so on: stable where t is not small
    waves = np.sin(far), np.cos(far)
    z = waves[0] / far
    for k in range(1, order + 1):
        wave = waves[k % 2]
        z = ((-wave if k % 4 > 1 else wave) - k * z) / far
    z = np.where(near, _sinc_series(np.where(near, t, 0), order), z)
    return z * math.pi**order


def _sinc_series(t, order):
    """The Taylor series, of the terms ± t**j / (j! (j + order + 1)) of even j + order."""
    j = order % 2
    power = (1 - 2 * ((j + order) // 2 % 2)) * t**j
    z = power / (j + order + 1)
    while j < 3 * order + 30:
        j += 2
        power = -power * t * t / (j * (j - 1))
        z = z + power / (j + order + 1)
    return z


# the derivative of the given order of sin(pi x) / (pi x), smooth also at 0
sinc = elementwise("sinc", _sinc, x=lambda x, order: sinc(x, order=order + 1))
tan = elementwise("tan", np.tan, x=lambda z: 1 + z * z)


def _arc(d, x):
    """sqrt(1 - x x): as a product, which keeps its digits near 1."""
    return sqrt(guarded((1 - x) * (1 + x), d, "negative"))


arcsin = elementwise("arcsin", np.arcsin, x=lambda d, x: d / _arc(d, x))
arccos = elementwise("arccos", np.arccos, x=lambda d, x: -d / _arc(d, x))
arctan = elementwise("arctan", np.arctan, x=lambda d, x: d / (1 + x * x))


def _turn(d, a, x, y):
    """d a / (x x + y y), in two divisions, so that neither square over- nor underflows."""
    length = hypot(x, y)
    length = where(length == 0, 1, length)
    return d * (a / length) / length


# the angle of the point (x, y), with y first
arctan2 = elementwise(
    "arctan2",
    np.arctan2,
    y=lambda d, y, x: _turn(d, x, x, y),
    x=lambda d, y, x: -_turn(d, y, x, y),
)

sinh = elementwise("sinh", np.sinh, x=lambda d, x: d * guarded(cosh(x), d, "infinite"))
cosh = elementwise("cosh", np.cosh, x=lambda d, x: d * guarded(sinh(x), d, "infinite"))
tanh = elementwise("tanh", np.tanh, x=lambda z: 1 - z * z)
arcsinh = elementwise("arcsinh", np.arcsinh, x=lambda d, x: d / sqrt(1 + x * x))
# two roots: sqrt(x x - 1) would be the other branch for complex x to the left
arccosh = elementwise(
    "arccosh",
    np.arccosh,
    x=lambda d, x: d / (sqrt(guarded(x - 1, d, "negative")) * sqrt(guarded(x + 1, d, "negative"))),
)
arctanh = elementwise("arctanh", np.arctanh, x=lambda d, x: d / guarded((1 - x) * (1 + x), d))
