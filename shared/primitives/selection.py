"""One of several values, entry by entry: where, clip, the larger and the smaller.

Kinks: where two operands of a maximum or minimum tie, they share the derivative equally; at its
bounds `clip` has the derivative of x. What is not selected has the derivative zero, exactly: also
where its own is infinite or NaN.
"""

import numpy as np
from numpy import ndarray

from ..dispatch import bottom
from .comparison import isfinite
from .primitive import default_dtype, elementwise

# z = x where the condition holds, else y
where = elementwise(
    "where",
    np.where,
    dtype=lambda condition, x, y: default_dtype(x, y),
    condition=0,
    x=lambda d, condition: where(condition, d, 0),
    y=lambda d, condition: where(condition, 0, d),
)


def _guard(y, direction, *, poles):
    if _whole(y, direction):
        return y
    return np.where((direction == 0) & ~_sound(y, poles), 1, y)


def _sound(y, poles):
    """False where y is a pole of the rule that asks."""
    if poles == "infinite":
        return isfinite(y)
    if poles == "negative" and np.dtype(getattr(y, "dtype", type(y))).kind != "c":
        return y > 0
    return abs(y) > 0


def _whole(y, direction):
    """True where the direction is quickly seen to be zero nowhere, and the shapes are equal."""
    return (
        direction.__class__ is ndarray
        and np.count_nonzero(direction) == direction.size
        and y.shape == direction.shape
    )


# z = y, but 1 where the direction is zero and y a pole: where nothing goes in, nothing comes out,
# and the branch that a `where` did not take stays at an exact zero all the way back. Away from
# poles y is left as it is, also in a direction of zero: the rules must stay linear in the
# direction, as their own derivative, in `linearize` or a Hessian, is taken there. poles: "zero"
# (and NaN) for what is divided by, "infinite" (and NaN) for what is multiplied by, "negative" (and
# zero and NaN) for what has a root or logarithm taken.
guard = elementwise(
    "guard",
    _guard,
    view=True,
    statics=("poles",),
    y=lambda d, y, direction, poles: where((direction != 0) | _sound(y, poles), d, 0),
    direction=0,
)


guard.decomposition = lambda y, direction, *, poles: where(
    (direction != 0) | _sound(y, poles), y, 1
)


def guarded(y, d, poles="zero"):
    """y, but 1 at its poles where the direction d is zero."""
    if y.__class__ is ndarray and _whole(y, d):
        return y  # the primitive's answer, without the call
    if not hasattr(y, "dtype"):  # a Python scalar, which is a pole hardly ever
        if _sound(y, poles):
            return y
        y = np.full_like(bottom(d), y, shape=())
    return guard(y, d, poles=poles)


def _portion(g, x, y, chosen):
    # the array on the left: CuPy refuses a NumPy scalar there
    return np.where(chosen == x, np.where(chosen == y, g * 0.5, g), 0)


# the part of g that goes to x: all where x was chosen of x and y, half where they tie
portion = elementwise(
    "portion", _portion, dtype=lambda g, x, y, chosen: default_dtype(g),
    g=lambda d, x, y, chosen: portion(d, x, y, chosen), x=0, y=0, chosen=0,
)  # fmt: skip


portion.decomposition = lambda g, x, y, chosen: where(
    chosen == x, where(chosen == y, g * 0.5, g), 0
)


def extremum(name, ufunc):
    """The larger or smaller of two operands."""
    return elementwise(
        name,
        ufunc,
        x=lambda d, x, y, z: portion(d, x, y, z),
        y=lambda d, x, y, z: portion(d, y, x, z),
    )


# a NaN in either operand is the result, and takes no derivative
maximum = extremum("maximum", np.maximum)
minimum = extremum("minimum", np.minimum)
# a NaN counts as missing
fmax = extremum("fmax", np.fmax)
fmin = extremum("fmin", np.fmin)


# z = min(max(x, low), high): x within the bounds, both included
clip = elementwise(
    "clip",
    np.clip,
    x=lambda d, x, low, high: where((x >= low) & (x <= high), d, 0),
    low=lambda d, x, low, high: where((x < low) & (low <= high), d, 0),
    high=lambda d, x, low, high: where((x > high) | (high < low), d, 0),
)


def _nan_to_num(x, *, nan, posinf, neginf):
    return np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)


# finite numbers in place of NaN and the infinities
nan_to_num = elementwise(
    "nan_to_num",
    _nan_to_num,
    statics=("nan", "posinf", "neginf"),
    x=lambda d, x: where(isfinite(x), d, 0),
)
