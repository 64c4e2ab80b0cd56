"""The arguments of a transform: which are chosen, and what counts as an array."""

import numpy as np

from ..shared.backend import as_array, is_array
from ..shared.dispatch import Value
from ..shared.errors import describe

NUMBERS = (bool, int, float, complex)


def is_number(x):
    """True for Python's own numbers."""
    return isinstance(x, NUMBERS)


def array_leaf(name, x):
    """A leaf as an array or Value; Python numbers become arrays, anything else is an error."""
    if isinstance(x, (np.ndarray, Value, np.generic)) or is_array(x):
        return x
    if is_number(x):
        return as_array(x)
    raise TypeError(
        f"{name}: arrays and numbers are differentiated, but a leaf is {describe(x)}; "
        "choose the arguments with argnums, or close over it"
    )


def chosen(name, args, argnums):
    """The argument (or the tuple of arguments) that argnums names."""
    try:
        if isinstance(argnums, int):
            return args[argnums]
        return tuple([args[i] for i in argnums])
    except IndexError:
        raise ValueError(
            f"{name}: argnums is {argnums} but the function got {len(args)} positional argument(s)"
        ) from None


def replaced(args, argnums, new):
    """args with the chosen ones replaced by `new`."""
    given = list(args)
    if isinstance(argnums, int):
        given[argnums] = new
    else:
        for i, value in zip(argnums, new, strict=True):
            given[i] = value
    return given
