"""Choosing between values, entry by entry: where, clip, the larger and the smaller.

Kinks: what ties shares the derivative equally; at its bounds `clip` has the derivative of x. The
values not taken get a derivative of exactly zero, and it stays zero on its way back through
functions whose own derivative is infinite or NaN: `where(x > 0, sqrt(x), 0)` is safe at 0.
"""

import numpy as np

from ..dispatch import Value
from ..primitives import exponential, selection
from .comparison import equal, isfinite, less_equal, not_equal
from .elementwise import absolute as magnitude
from .elementwise import add, binary, multiply
from .keys import concrete
from .promotion import (
    SCALARS,
    astype,
    entrywise,
    inexact,
    operand,
    promote,
    promote_inexact,
    promote_pair,
    rank_of,
    with_rank,
)

maximum = binary(selection.maximum, "The larger of x and y; NaN where either is.")
minimum = binary(selection.minimum, "The smaller of x and y; NaN where either is.")
fmax = binary(selection.fmax, "The larger of x and y; a NaN counts as missing.")
fmin = binary(selection.fmin, "The smaller of x and y; a NaN counts as missing.")


def where(condition, x=None, y=None, /):
    """x where the condition holds, else y; what is not taken gets a derivative of exactly zero.

    where(condition) alone is nonzero(condition).

    >>> where(np.array([True, False]), 1.0, 2.0)
    array([1., 2.])
    """
    if x is None and y is None:
        return np.nonzero(concrete(operand(condition), "where: indices"))
    condition = truth(condition)
    x, y = promote_pair(x, y)
    if rank_of((x, y)) == len(condition.shape):
        return selection.where(condition, x, y)
    rank = rank_of((condition, x, y))
    return selection.where(with_rank(condition, rank), entrywise(x, rank), entrywise(y, rank))


def truth(condition):
    """The condition as booleans: numbers are true where they are not 0."""
    condition = operand(condition)
    if condition.__class__ in SCALARS:
        return np.bool_(condition)
    return condition if condition.dtype.kind == "b" else not_equal(condition, 0)


def clip(x, a_min=None, a_max=None, *, min=None, max=None):
    """x within [a_min, a_max]; None, or left out, is no bound. At a bound it is x that varies.

    >>> clip(3.0, 0.0, 2.0)
    np.float64(2.0)
    """
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    if low is None and high is None:
        return operand(x)
    if low is None or high is None:
        return _clip_one_side(x, low, high)
    return selection.clip(*promote(x, low, high))


def _clip_one_side(x, low, high):
    bound = high if low is None else low
    x, bound = promote(x, bound)
    if getattr(x, "dtype", np.dtype(float)).kind != "f":
        return maximum(x, bound) if high is None else minimum(x, bound)
    if high is None:
        return selection.clip(x, bound, float("inf"))
    return selection.clip(x, float("-inf"), bound)


def nan_to_num(x, copy=True, nan=0.0, posinf=None, neginf=None):
    """Finite numbers in place of NaN and the infinities (there with derivative zero).

    >>> nan_to_num(np.array([1.0, float("nan")]))
    array([1., 0.])
    """
    x = operand(x)
    if x.__class__ not in SCALARS and x.dtype.kind not in "fc":
        return x
    return selection.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)


def heaviside(x, half, /):
    """0 for x < 0, 1 for x > 0, and `half` at 0, whose derivative it has there.

    >>> heaviside(np.array([-1.0, 0.0, 1.0]), 0.5)
    array([0. , 0.5, 1. ])
    """
    x, half = promote_inexact(x, half)
    if x.__class__ in SCALARS:
        x = np.asarray(x, getattr(half, "dtype", float))
    return where(x == 0, half, where(x != x, x, astype(x > 0, x.dtype)))


def isclose(x, y, rtol=1e-5, atol=1e-8, equal_nan=False):
    """|x - y| <= atol + rtol |y|, entry by entry; infinities are close to themselves.

    >>> isclose(1.0, 1.0 + 1e-9)
    np.True_
    """
    x, y = promote(x, y)
    distance = magnitude(exponential.gap(inexact(x), inexact(y)))
    near = less_equal(distance, add(atol, multiply(rtol, magnitude(y)))) & isfinite(y)
    near = near | equal(x, y)
    return near | ((x != x) & (y != y)) if equal_nan else near


def allclose(x, y, rtol=1e-5, atol=1e-8, equal_nan=False):
    """Whether isclose() holds throughout: a bool, by the values there are.

    >>> allclose([1.0, 2.0], [1.0, 2.0 + 1e-9])
    True
    """
    near = isclose(x, y, rtol, atol, equal_nan)
    return bool(np.all(near.concrete("allclose") if isinstance(near, Value) else near))


def array_equal(x, y, equal_nan=False):
    """Whether x and y have one shape and equal entries: a bool, by the values there are.

    >>> array_equal([1, 2], [1, 2])
    True
    """
    x, y = operand(x), operand(y)
    if np.shape(x) != np.shape(y):
        return False
    same = equal(x, y)
    if equal_nan:
        same = same | ((x != x) & (y != y))
    return bool(np.all(same.concrete("array_equal") if isinstance(same, Value) else same))


def select(condlist, choicelist, default=0):
    """The entry of the first of the choices whose condition holds, else the default.

    >>> select([np.array([True, False])], [np.array([1.0, 2.0])], 5.0)
    array([1., 5.])
    """
    if len(condlist) != len(choicelist):
        raise ValueError(
            f"select: each choice has a condition, but there are {len(choicelist)} choices and "
            f"{len(condlist)} conditions"
        )
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        default = where(condition, choice, default)
    return default
