"""Axes as users name them, made what primitives take: in range, not negative, each once."""

import operator

import numpy as np
from numpy.exceptions import AxisError

from ..backend import device_of, to_device
from ..dispatch import Value, bottom
from .promotion import SCALARS, astype, operand, result_type

EVERY = [tuple(range(rank)) for rank in range(65)]


def axis_of(operation, axis, shape, new=0):
    """One axis, as a non-negative integer; new: axes of the result that x does not have yet.

    Raises AxisError, which is a ValueError and an IndexError.
    """
    rank = len(shape) + new
    if axis.__class__ is not int:
        axis = _integer(operation, axis)
    if -rank <= axis < rank:
        return axis + rank if axis < 0 else axis
    raise AxisError(
        f"{operation}: axis {axis} is out of range for the {rank} axes of "
        f"{'the result' if new else 'x'}{' of x' if new else ''}: {tuple(shape)}"
    )


def _integer(operation, axis):
    try:
        return operator.index(axis)
    except TypeError:
        raise TypeError(
            f"{operation}: an axis is an integer, but {axis!r} is a {type(axis).__name__}"
        ) from None


def axes_of(operation, axis, shape, new=0):
    """The axes meant by None (every one), an integer or a tuple of them, as a tuple in order."""
    if axis is None:
        return EVERY[len(shape)]
    if not isinstance(axis, (tuple, list)):
        return (axis_of(operation, axis, shape, new),)
    axes = [axis_of(operation, a, shape, new) for a in axis]
    if len(set(axes)) < len(axes):
        raise ValueError(f"{operation}: an axis is named twice (axis: {tuple(axis)}, x: {shape})")
    return tuple(axes)


def array(x, operation):
    """x as an array or Value: lists and numbers become arrays."""
    if x.__class__ is np.ndarray or isinstance(x, Value):
        return x
    x = operand(x, operation)
    return np.asarray(x) if x.__class__ in SCALARS else x


def one_dtype(operation, *arrays):
    """The arrays in the dtype they share, their ranks as they are."""
    xs = [array(x, operation) for x in arrays]
    dtypes = {x.dtype for x in xs}
    if len(dtypes) == 1:
        return xs
    dtype = result_type(*xs)
    return [x if x.dtype == dtype else astype(x, dtype) for x in xs]


def beside(x, made):
    """An array that we made ourselves (indices, constants), on the device of x."""
    own = bottom(x)
    return made if own.__class__ is np.ndarray else to_device(made, device_of(own))


def refuse(operation, **given):
    """TypeError where an option of NumPy's is used that does not exist here."""
    for name, value in given.items():
        if value is not None and value is not True:
            raise TypeError(
                f"{operation}: {name}= is not supported, since nothing is changed in place; "
                + ("select with where() first" if name == "where" else "use the result")
            )
