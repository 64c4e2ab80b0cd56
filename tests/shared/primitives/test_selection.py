import math

import numpy as np
import pytest

from tests.shared.primitives.test_arithmetic import derivatives, entrywise
from wonderland.shared.forward import jvp
from wonderland.shared.primitives import exp
from wonderland.shared.primitives import selection as s
from wonderland.shared.tape import vjp
from wonderland.shared.testing import Sample

x = np.array([[-1.5, 0.3, 2.0], [0.7, -0.2, -3.0]])
y = np.array([[2.5, -1.3, 0.4], [-0.6, 1.2, -0.8]])
column = np.array([[0.5], [-0.1]])
i, j = np.array([[1, 2, 3], [1, 2, 3]]), np.array([[1, 1, 4], [3, 2, 1]])
mask = np.array([[True, False, True], [False, False, True]])
nan, inf = math.nan, math.inf


def chosen(condition, x, y):
    return x if condition else y


def bounded(x, low, high):
    return min(max(x, low), high)


def part(g, x, y, chosen):
    return g * np.select([x == y, x == chosen], [0.5, 1.0], 0.0)


ROWS = [
    entrywise(s.where, mask, x, y, reference=chosen),
    entrywise(s.where, mask, x, 0.5, reference=chosen),
    entrywise(s.where, mask, 1, y, reference=chosen),
    entrywise(s.where, mask[:, :1], x, column, reference=chosen),
    entrywise(s.maximum, x, y, reference=max, dtypes="f"),
    entrywise(s.maximum, x, 0.5, reference=max, dtypes="f"),
    entrywise(s.minimum, x, column, reference=min, dtypes="f"),
    entrywise(s.fmax, x, y, reference=max, dtypes="f"),
    entrywise(s.fmin, x, y, reference=min, dtypes="f"),
    entrywise(s.clip, x, -1.0, 0.5, reference=bounded, dtypes="f"),
    entrywise(s.clip, x, column - 1.2, column, reference=bounded, dtypes="f"),
    entrywise(s.clip, x, column + 1.2, column, reference=bounded, dtypes="f", label="crossed"),
    *[
        Sample(s.guard, x, other, poles=poles, reference=lambda y, *rest, **kinds: y, dtypes="fc")
        for other in (y, column)
        for poles in ("zero", "infinite", "negative")
    ],
    # of integers, as it jumps where they meet
    Sample(s.portion, x, i, j, np.maximum(i, j), reference=part, dtypes="f"),
    Sample(s.nan_to_num, x, nan=0.0, posinf=None, neginf=None, dtypes="f",
           reference=lambda x, nan, posinf, neginf: x),
]  # fmt: skip


@pytest.mark.parametrize("f", [s.maximum, s.minimum, s.fmax, s.fmin])
def test_operands_that_tie_share_the_derivative(f):
    assert derivatives(f, 1.0, 1.0) == [0.5, 0.5]
    assert derivatives(lambda x: f(x, 0.0), 0.0) == [0.5]


@pytest.mark.parametrize(
    ("f", "expected"),
    [(s.maximum, [0, 0]), (s.minimum, [0, 0]), (s.fmax, [1, 0]), (s.fmin, [1, 0])],
)
def test_a_nan_has_no_derivative(f, expected):
    assert derivatives(f, 1.0, nan) == expected
    assert derivatives(f, nan, 1.0) == expected[::-1]
    assert derivatives(f, nan, nan) == [0, 0]


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ((0.0, 0.0, 1.0), [1, 0, 0]),
        ((1.0, 0.0, 1.0), [1, 0, 0]),
        ((-1.0, 0.0, 1.0), [0, 1, 0]),
        ((2.0, 0.0, 1.0), [0, 0, 1]),
        ((2.0, 1.0, 0.0), [0, 0, 1]),
        ((-1.0, 1.0, 0.0), [0, 0, 1]),
        ((1.0, 1.0, 1.0), [1, 0, 0]),
        ((nan, 0.0, 1.0), [0, 0, 0]),
    ],
)
def test_clip_follows_what_it_returns(point, expected):
    assert derivatives(s.clip, *point) == expected


@pytest.mark.parametrize("direction", [inf, nan])
def test_the_branch_not_taken_gets_an_exact_zero(direction):
    """Whatever comes back through the branch that was."""
    gx, gy = vjp(lambda x, y: [s.where(mask, x, y)], [x, y])[1]([np.full((2, 3), direction)])
    assert (gx[~mask] == 0).all()
    assert (gy[mask] == 0).all()


def test_nan_to_num_varies_where_it_kept_the_number():
    point = np.array([1.0, nan, inf, -inf])
    (gx,) = vjp(lambda x: [s.nan_to_num(x, nan=0.0, posinf=None, neginf=None)], [point])[1](
        [np.ones(4)]
    )
    assert gx.tolist() == [1, 0, 0, 0]


@pytest.mark.parametrize(
    ("poles", "expected"),
    [
        ("infinite", [1, 1, 1, 2, 0, -2]),
        ("zero", [inf, 1, -inf, 2, 1, -2]),
        ("negative", [inf, 1, 1, 2, 1, 1]),
    ],
)
def test_guard_is_one_at_the_poles_where_the_direction_is_zero(poles, expected):
    y = np.array([inf, nan, -inf, 2.0, 0.0, -2.0])
    assert s.guard(y, np.zeros(6), poles=poles).tolist() == expected
    assert np.array_equal(s.guard(y, np.ones(6), poles=poles), y, equal_nan=True)
    assert np.array_equal(s.guard(y, np.ones(6) * 1j, poles=poles), y, equal_nan=True)


def test_a_guarded_rule_is_linear_also_at_a_direction_of_zero():
    # it was not: linearize(np.exp, x) gave 1, and least squares a wrong Hessian at their minimum
    x = np.float64(1.0)
    _, pull = vjp(lambda x: [exp(x)], [x])
    _, (slope,) = jvp(lambda g: pull([g]), [np.float64(0.0)], [np.float64(1.0)])
    assert slope == np.exp(x)


def test_numbers_are_guarded_at_poles_alone():
    y = np.ones(2)
    assert s.guarded(5.0, y) == 5.0
    assert s.guarded(0, np.array([0.0, 2.0])).tolist() == [1.0, 0.0]
    assert s.guarded(-1.0, np.zeros(2), "negative").tolist() == [1.0, 1.0]
    assert s.guarded(np.inf, np.zeros(2), "infinite").tolist() == [1.0, 1.0]
    with np.errstate(divide="ignore"):
        gx = vjp(lambda x: x / 0, [np.ones(2)])[1](np.array([0.0, 1.0]))[0]
    assert gx.tolist() == [0.0, np.inf]
