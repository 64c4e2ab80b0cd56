import cmath
import math

import numpy as np
import pytest

from tests.shared.primitives.test_arithmetic import derivatives, entrywise
from wonderland.shared.primitives.exponential import (
    exp,
    exp2,
    expm1,
    gap,
    log,
    log1p,
    log2,
    log10,
    logaddexp,
    logaddexp2,
)
from wonderland.shared.primitives.selection import where
from wonderland.shared.tape import vjp

x = np.array([[-1.5, 0.3, 2.0], [0.7, -0.2, -3.0]])
y = np.array([[2.5, -1.3, 0.4], [-0.6, 1.2, -0.8]])
positive = np.array([[1.5, 0.3, 2.0], [0.7, 0.2, 3.0]])
inf = math.inf


def either(real, imaginary):
    """The reference for Python's floats and complex numbers alike."""
    return lambda x: imaginary(x) if isinstance(x, complex) else real(x)


ROWS = [
    entrywise(exp, x, reference=either(math.exp, cmath.exp)),
    entrywise(exp2, x, reference=lambda x: 2**x),
    entrywise(expm1, x, reference=either(math.expm1, lambda x: cmath.exp(x) - 1)),
    entrywise(expm1, x / 1000, reference=math.expm1, dtypes="f", label="near 0"),
    entrywise(log, positive, reference=either(math.log, cmath.log)),
    entrywise(log2, positive, reference=either(math.log2, lambda x: cmath.log(x) / cmath.log(2))),
    entrywise(log10, positive, reference=either(math.log10, cmath.log10)),
    entrywise(log1p, positive, reference=either(math.log1p, lambda x: cmath.log(1 + x))),
    entrywise(log1p, x / 1000, reference=math.log1p, dtypes="f", label="near 0"),
    entrywise(
        logaddexp, x, y, reference=lambda x, y: math.log(math.exp(x) + math.exp(y)), dtypes="f"
    ),
    entrywise(
        logaddexp, x, 0.5, reference=lambda x, y: math.log(math.exp(x) + math.exp(y)), dtypes="f"
    ),
    entrywise(logaddexp2, x, y, reference=lambda x, y: math.log2(2**x + 2**y), dtypes="f"),
    entrywise(gap, x, y, reference=lambda x, y: x - y),
]


@pytest.mark.parametrize("f", [logaddexp, logaddexp2])
@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ((-inf, -inf), [0.5, 0.5]),
        ((inf, inf), [0.5, 0.5]),
        ((-inf, 1.0), [0, 1]),
        ((inf, 1.0), [1, 0]),
        ((inf, -inf), [1, 0]),
        ((2000.0, -2000.0), [1, 0]),
        ((3.0, 3.0), [0.5, 0.5]),
    ],
)
def test_the_shares_of_a_sum_of_exponentials(f, point, expected):
    assert derivatives(f, *point) == pytest.approx(expected, abs=1e-300)


def test_a_small_share_keeps_its_digits():
    assert derivatives(logaddexp, 0.0, -50.0)[1] == pytest.approx(math.exp(-50), rel=1e-14)


def test_the_derivative_of_expm1_keeps_its_digits():
    assert derivatives(expm1, -50.0) == pytest.approx([math.exp(-50)], rel=1e-14)


@pytest.mark.filterwarnings("ignore:(divide by zero|invalid value|overflow)")
@pytest.mark.parametrize(
    ("f", "point"),
    [
        (exp, 1000.0),
        (exp2, 2000.0),
        (expm1, 1000.0),
        (log, 0.0),
        (log, -1.0),
        (log2, 0.0),
        (log10, 0.0),
        (log1p, -1.0),
    ],
)
def test_the_branch_not_taken_stays_at_zero(f, point):
    def masked(x):
        return where(np.array(False), f(x), 0.0)

    def slope(x):
        return vjp(lambda x: [masked(x)], [x])[1]([np.ones(())])[0]

    assert derivatives(masked, point) == [0]
    assert derivatives(slope, point) == [0]
