"""The arguments of a transform: which are chosen, and what counts as an array."""

import numpy as np

from ..shared import tree
from ..shared.backend import as_array, is_array
from ..shared.dispatch import Value, bottom
from ..shared.errors import describe

NUMBERS = (bool, int, float, complex)


def is_number(x):
    """True for Python's own numbers."""
    return isinstance(x, NUMBERS)


def array_leaf(name, x, returned=None):
    """A leaf as an array or Value; Python numbers become arrays, anything else is an error.

    returned: (structure, place) of a leaf that the function returned, for the error's text.
    """
    if isinstance(x, (np.ndarray, Value, np.generic)) or is_array(x):
        return x
    if is_number(x):
        return as_array(x)
    if returned is not None:
        raise TypeError(
            f"{name}: the function must return arrays and numbers, but it returned a leaf of type "
            f"{describe(x)}{at_leaf(*returned)}; leave it out"
        )
    raise TypeError(
        f"{name}: the arguments must be arrays and numbers, but a leaf is {describe(x)}; "
        "close over it instead"
    )


def returned_leaves(name, leaves, structure):
    """What a function returned, as arrays and Values; TypeError with the path of another leaf."""
    return [array_leaf(name, x, (structure, i)) for i, x in enumerate(leaves)]


def leaves_like(what, given, structure):
    """The leaves of `given`; ValueError with the path of the first difference from `structure`."""
    leaves, own = tree.flatten(given)
    if own == structure:
        return leaves
    parts = structure.flatten_up_to(given, what)  # raises where it is not at least as deep
    deeper = next(i for i, part in enumerate(parts) if tree.structure(part).tokens != (None,))
    raise ValueError(
        f"{what}: structures differ{at_leaf(structure, deeper)}: a leaf is needed there, but it is "
        f"a {type(parts[deeper]).__name__}"
    )


def at_leaf(structure, i):
    """ " at 'weights.0'": where the i-th leaf is; '' where that is the whole."""
    path = tree.path_string(
        tree.leaves_with_path(structure.unflatten(range(structure.num_leaves)))[i][0]
    )
    return f" at {path!r}" if path else ""


def check_callable(name, fun):
    """TypeError for what is no function."""
    if not callable(fun):
        raise TypeError(f"{name}: it takes a function but got {describe(fun)}")


def number_like(number, x):
    """A Python number in the shape () and the dtype of x, where x is one number too."""
    return np.full_like(bottom(x), number, shape=()) if x.dtype.kind in "fc" else as_array(number)


def chosen(name, args, argnums):
    """The argument (or the tuple of arguments) that argnums names."""
    if argnums.__class__ is int and -len(args) <= argnums < len(args):
        return args[argnums]
    single = isinstance(argnums, int)
    if not single and not (
        isinstance(argnums, (tuple, list)) and all(isinstance(i, int) for i in argnums)
    ):
        raise TypeError(f"{name}: argnums is an integer or a tuple of them, but it is {argnums!r}")
    places = (argnums,) if single else argnums
    if not all(-len(args) <= i < len(args) for i in places):
        raise ValueError(
            f"{name}: argnums is {argnums} but the function got {len(args)} positional argument(s);"
            " what is differentiated is given by position"
        )
    if len({i % len(args) for i in places}) < len(places):
        raise ValueError(f"{name}: argnums is {argnums}, which names one argument twice")
    return args[argnums] if single else tuple([args[i] for i in argnums])


def replaced(args, argnums, new):
    """args with the chosen ones replaced by `new`."""
    given = list(args)
    if isinstance(argnums, int):
        given[argnums] = new
    else:
        for i, value in zip(argnums, new, strict=True):
            given[i] = value
    return given
