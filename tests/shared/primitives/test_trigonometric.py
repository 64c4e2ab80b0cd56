import cmath
import math

import numpy as np
import pytest

from tests.shared.primitives.test_arithmetic import derivatives, entrywise
from tests.shared.primitives.test_exponential import either
from wonderland.shared.primitives import trigonometric as t
from wonderland.shared.primitives.selection import where
from wonderland.shared.tape import vjp
from wonderland.shared.testing import Sample

x = np.array([[-1.2, 0.3, 2.0], [0.7, -0.2, -3.0]])
y = np.array([[2.5, -1.3, 0.4], [-0.6, 1.2, -0.8]])
inner = np.array([[-0.9, 0.3, 0.6], [0.7, -0.2, 0.1]])
outer = np.array([[1.5, 1.3, 2.0], [2.7, 4.2, 1.1]])


def exact_sinc(x, order):
    """The integral of s**k cos(s t + k pi / 2) over [0, 1], times pi**k, by Gauss's rule."""
    nodes, weights = np.polynomial.legendre.leggauss(60)
    s = (nodes + 1) / 2
    waves = s**order * np.cos(s * math.pi * x[..., None] + order * math.pi / 2)
    return waves @ (weights / 2) * math.pi**order


ROWS = [
    entrywise(t.sin, x, reference=either(math.sin, cmath.sin)),
    entrywise(t.cos, x, reference=either(math.cos, cmath.cos)),
    *[
        Sample(t.sinc, 2 * x, order=k, reference=exact_sinc, label=f"order {k}", dtypes="f")
        for k in (0, 1, 2)
    ],
    Sample(t.sinc, 2 * x, order=0, reference=lambda x, order: np.sinc(x), dtypes="c"),
    entrywise(t.tan, x, reference=either(math.tan, cmath.tan)),
    entrywise(t.arcsin, inner, reference=either(math.asin, cmath.asin)),
    entrywise(t.arccos, inner, reference=either(math.acos, cmath.acos)),
    entrywise(t.arctan, x, reference=either(math.atan, cmath.atan)),
    entrywise(t.arctan2, x, y, reference=math.atan2, dtypes="f"),
    entrywise(t.arctan2, x, 0.5, reference=math.atan2, dtypes="f"),
    entrywise(t.arctan2, 0.5, x, reference=math.atan2, dtypes="f"),
    entrywise(t.sinh, x, reference=either(math.sinh, cmath.sinh)),
    entrywise(t.cosh, x, reference=either(math.cosh, cmath.cosh)),
    entrywise(t.tanh, x, reference=either(math.tanh, cmath.tanh)),
    entrywise(t.arcsinh, x, reference=either(math.asinh, cmath.asinh)),
    entrywise(t.arccosh, outer, reference=either(math.acosh, cmath.acosh)),
    entrywise(t.arccosh, -outer.astype(complex) + 0.3j, reference=cmath.acosh, label="to the left"),
    entrywise(t.arctanh, inner, reference=either(math.atanh, cmath.atanh)),
]


def test_sinc_is_smooth_at_zero():
    point = np.array([0.0, 1e-9, 0.6, 0.7, 4.0])
    for order in range(6):
        found = t.sinc(point, order=order)
        np.testing.assert_allclose(found, exact_sinc(point, order), rtol=1e-13, atol=1e-12)
    assert t.sinc(np.zeros(()), order=2) == pytest.approx(-(math.pi**2) / 3)


def test_the_angle_of_the_origin_has_derivative_zero():
    assert derivatives(t.arctan2, 0.0, 0.0) == [0, 0]


def test_the_angle_of_a_point_near_or_far():
    for scale in (1e-200, 1e200):
        assert derivatives(t.arctan2, 3 * scale, 4 * scale) == pytest.approx(
            [4 / scale / 25, -3 / scale / 25], rel=1e-14
        )


def test_arcsin_keeps_its_digits_near_one():
    assert derivatives(t.arcsin, 1 - 2**-52) == pytest.approx([2**25.5], rel=1e-14)


@pytest.mark.filterwarnings("ignore:(divide by zero|invalid value|overflow)")
@pytest.mark.parametrize(
    ("f", "point"),
    [
        (t.arcsin, 1.0),
        (t.arcsin, 2.0),
        (t.arccos, -1.0),
        (t.arccosh, 1.0),
        (t.arccosh, 0.0),
        (t.arctanh, 1.0),
        (t.sinh, 1000.0),
        (t.cosh, 1000.0),
    ],
)
def test_the_branch_not_taken_stays_at_zero(f, point):
    def masked(x):
        return where(np.array(False), f(x), 0.0)

    def slope(x):
        return vjp(lambda x: [masked(x)], [x])[1]([np.ones(())])[0]

    assert derivatives(masked, point) == [0]
    assert derivatives(slope, point) == [0]
