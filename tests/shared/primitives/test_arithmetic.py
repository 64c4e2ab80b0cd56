import cmath
import math
import operator

import numpy as np
import pytest

from tests.standin import installed
from wonderland.shared import ops
from wonderland.shared.forward import jvp
from wonderland.shared.primitives.arithmetic import (
    absolute,
    add,
    cbrt,
    copysign,
    deg2rad,
    div,
    exponent,
    fmod,
    hypot,
    integer_power,
    ldexp,
    length,
    mul,
    neg,
    nextafter,
    power,
    rad2deg,
    reciprocal,
    remainder,
    sign,
    sqrt,
    square,
    sub,
)
from wonderland.shared.primitives.selection import where
from wonderland.shared.tape import vjp
from wonderland.shared.testing import Sample

x = np.array([[-1.5, 0.3, 2.0], [0.7, -0.2, -3.0]])
y = np.array([[2.5, -1.3, 0.4], [-0.6, 1.2, -0.8]])
divisor = y + 0.03  # off the jumps
column = np.array([[1.25], [-0.75]])
positive = np.array([[1.5, 0.3, 2.0], [0.7, 0.2, 3.0]])


def entrywise(primitive, *args, reference, **options):
    return Sample(primitive, *args, reference=reference, entrywise=True, **options)


def root(x):
    return cmath.sqrt(x) if isinstance(x, complex) else math.sqrt(x)


ROWS = [
    entrywise(add, x, y, reference=operator.add),
    entrywise(add, x, column, reference=operator.add),
    entrywise(add, x, 2.0, reference=operator.add),
    entrywise(sub, x, y, reference=operator.sub),
    entrywise(sub, 2, x, reference=operator.sub),
    entrywise(mul, x, y, reference=operator.mul),
    entrywise(mul, column, x, reference=operator.mul),
    entrywise(mul, x, 3, reference=operator.mul),
    entrywise(div, x, y, reference=operator.truediv),
    entrywise(div, x, column, reference=operator.truediv),
    entrywise(div, 1, x, reference=operator.truediv),
    entrywise(div, x, 4.0, reference=operator.truediv),
    entrywise(neg, x, reference=operator.neg),
    entrywise(reciprocal, x, reference=lambda x: 1 / x),
    entrywise(remainder, x, divisor, reference=operator.mod, dtypes="f"),
    entrywise(remainder, x, 0.65, reference=operator.mod, dtypes="f"),
    entrywise(remainder, 2.6, divisor, reference=operator.mod, dtypes="f"),
    entrywise(fmod, x, divisor, reference=math.fmod, dtypes="f"),
    entrywise(fmod, 2.6, divisor, reference=math.fmod, dtypes="f"),
    entrywise(square, x, reference=lambda x: x * x),
    entrywise(sqrt, positive, reference=root),
    entrywise(length, positive, reference=math.sqrt, dtypes="f"),
    entrywise(cbrt, x, reference=lambda x: math.copysign(abs(x) ** (1 / 3), x), dtypes="f"),
    entrywise(absolute, x, reference=abs),
    entrywise(sign, x, reference=lambda x: math.copysign(1, x), dtypes="f"),
    entrywise(hypot, x, y, reference=math.hypot, dtypes="f"),
    entrywise(hypot, x, 1.0, reference=math.hypot, dtypes="f"),
    entrywise(copysign, x, y, reference=math.copysign, dtypes="f"),
    entrywise(copysign, x, -2.0, reference=math.copysign, dtypes="f"),
    entrywise(power, positive, y, reference=operator.pow),
    entrywise(power, positive, column, reference=operator.pow),
    entrywise(power, positive, 2.5, reference=operator.pow),
    entrywise(power, 2.5, x, reference=operator.pow),
    *[
        entrywise(integer_power, x, n=n, reference=lambda x, n: x**n, label=f"n={n}")
        for n in (-3, -1, 0, 1, 2, 3, 6)
    ],
    entrywise(integer_power, x / 2, n=17, reference=lambda x, n: x**n, label="n=17"),
    entrywise(ldexp, x, np.array([[1, -2, 0], [3, 2, -1]]), reference=math.ldexp, dtypes="f"),
    entrywise(exponent, x, reference=lambda x: math.frexp(x)[1], dtypes="f"),
    entrywise(deg2rad, 40 * x, reference=math.radians, dtypes="f"),
    entrywise(rad2deg, x, reference=math.degrees, dtypes="f"),
    Sample(nextafter, x, y, reference=lambda x, y: x, dtypes="f"),
]


def derivatives(f, *point, direction=1.0):
    """df/dx at a point of scalars, by both modes, which agree; for a list of arguments a list."""
    point = [np.asarray(p) for p in point]
    gradient = vjp(lambda *xs: [f(*xs)], point)[1]([np.asarray(direction)])
    gradient = [0.0 if g is None else float(g) for g in gradient]
    for i, g in enumerate(gradient):
        tangents = [np.asarray(float(direction)) if i == j else None for j in range(len(point))]
        found = jvp(lambda *xs: [f(*xs)], point, tangents)[1][0]
        assert np.array_equal(0.0 if found is None else found, g, equal_nan=True)
    return gradient


def second_derivative(f, point):
    return derivatives(lambda x: vjp(lambda x: [f(x)], [x])[1]([np.ones(())])[0], point)[0]


@pytest.mark.parametrize(
    ("f", "point", "expected"),
    [
        (absolute, (0.0,), [0]),
        (sign, (0.0,), [0]),
        (hypot, (0.0, 0.0), [0, 0]),
        (length, (0.0,), [0]),
        (power, (0.0, 0.0), [0, 0]),
        (power, (0.0, 1.0), [1, 0]),
        (power, (0.0, 3.0), [0, 0]),
        (power, (2.0, 0.0), [0, math.log(2)]),
        (copysign, (0.0, -1.0), [0, 0]),
        (remainder, (3.0, 1.5), [1, -2]),
        (fmod, (-3.0, 1.5), [1, 2]),
        (fmod, (1 - 2**-53, 1 / 3), [1, -2]),  # (x - z) / y rounds to 2, x / y to 3
    ],
)
def test_a_kink_has_a_finite_derivative(f, point, expected):
    assert derivatives(f, *point) == expected


@pytest.mark.parametrize(
    ("f", "point", "expected"),
    [
        (absolute, 0.0, 0),
        (lambda x: hypot(x, 0.0), 0.0, 0),
        (length, 0.0, 0),
        (lambda x: length(x * x), 0.0, 0),
        (lambda x: power(x, 0.0), 0.0, 0),
        (lambda x: integer_power(x, n=2), 0.0, 2),
        (lambda x: power(x, 2.0), 0.0, 2),
        (lambda x: power(x, np.array(2.0)), 0.0, 2),
    ],
)
def test_second_derivatives_at_a_kink_are_finite(f, point, expected):
    assert second_derivative(f, point) == expected


def test_a_mixed_derivative_where_the_exponent_is_zero():
    """d/dy of y x**(y - 1) at y = 0 is 1 / x: the mask at the origin must not reach it."""

    def slope(y):
        return vjp(lambda x: [power(x, y)], [np.array(2.0)])[1]([np.ones(())])[0]

    assert derivatives(slope, 0.0) == [0.5]


@pytest.mark.filterwarnings("ignore:divide by zero")
@pytest.mark.parametrize("f", [sqrt, cbrt, lambda x: power(x, 0.5)])
def test_the_slope_of_a_root_at_zero_is_infinite(f):
    assert derivatives(f, 0.0) == [math.inf]


# f is singular at the point, which the `where` leaves out
@pytest.mark.filterwarnings("ignore:(divide by zero|invalid value)")
@pytest.mark.parametrize(
    ("f", "point"),
    [
        (sqrt, (0.0,)),
        (sqrt, (-1.0,)),
        (cbrt, (0.0,)),
        (reciprocal, (0.0,)),
        (div, (1.0, 0.0)),
        (div, (0.0, 0.0)),
        (power, (0.0, -1.5)),
        (power, (0.0, 0.5)),
        (power, (-2.0, 0.5)),
        (lambda x: power(x, -1.5), (0.0,)),
        (lambda y: power(0.0, y), (-1.0,)),
        (lambda x: integer_power(x, n=-2), (0.0,)),
        (lambda x: integer_power(x, n=-1), (0.0,)),
    ],
)
def test_the_branch_not_taken_stays_at_zero(f, point):
    def masked(*xs):
        return where(np.array(False), f(*xs), 0.0)

    def slope(*xs):
        return vjp(lambda *xs: [masked(*xs)], list(xs))[1]([np.ones(())])[0]

    assert derivatives(masked, *point) == [0] * len(point)
    assert derivatives(slope, *point) == [0] * len(point)


def test_hypot_neither_overflows_nor_underflows():
    for scale in (1e-200, 1e200):
        assert derivatives(hypot, 3 * scale, 4 * scale) == pytest.approx([0.6, 0.8])


def test_the_absolute_value_of_a_complex_zero_has_derivative_zero():
    (gx,) = vjp(lambda x: [absolute(x)], [np.zeros(2, complex)])[1]([np.ones(2)])
    assert gx.dtype == complex
    assert (gx == 0).all()


def test_a_python_scalar_widens_no_derivative():
    for f in (lambda x: power(2.5, x), lambda x: power(x, 2.5), lambda x: div(1.0, x)):
        one = np.ones(2, np.float32)
        assert vjp(lambda x, f=f: [f(x)], [one])[1]([one])[0].dtype == np.float32
        assert jvp(lambda x, f=f: [f(x)], [one], [one])[1][0].dtype == np.float32


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            (np.ones((2, 3)), np.ones((2, 4))),
            r"mul: shapes do not broadcast: axis 1 has 3 and 4 \(x: \(2, 3\), y: \(2, 4\)\)",
        ),
        (
            (np.ones(3), np.ones((2, 3))),
            r"mul: operands have different ranks \(x: \(3,\), y: \(2, 3\)\); add axes of size 1",
        ),
    ],
)
def test_shapes_that_do_not_fit(args, message):
    with pytest.raises(ValueError, match=message):
        mul.abstract(*args)


def test_operands_on_two_devices():
    with installed() as cupy:
        there = cupy.asarray(np.ones(3))
        for f in (mul, ops.multiply):
            with pytest.raises(
                ValueError, match=r"mul: x is on cpu but y is on cuda:0; move x: to_device"
            ):
                f(np.ones(3), there)


def test_the_kernel_teaches_what_does_not_broadcast():
    with pytest.raises(ValueError, match="mul: shapes do not broadcast: axis 1 has 3 and 4"):
        mul(np.ones((2, 3)), np.ones((2, 4)))
