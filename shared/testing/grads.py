"""check_grads: the derivatives of a user's function, against central differences."""

import numpy as np

from .. import tree
from .differences import (
    Tolerance,
    check_adjoint,
    check_forward,
    check_reverse,
    cotangent_map,
    directions,
    tangent_map,
)
from .sample import is_array, kind

MODES = ("fwd", "rev")
FIX = "look for a rule that is not the derivative of its kernel, or a kink near the point"


def check_grads(f, args, order=2, modes=MODES, rtol=None, atol=None, eps=None):
    """JVP == central difference and <jvp(u), v> == <u, vjp(v)>, recursively up to `order`.

    f takes args, a tuple of pytrees, and returns a pytree; leaves that are no float or complex
    array are held constant. Directions are random, seeded, and complex where the argument is. With
    modes=("rev",) the VJP is compared with the difference directly. eps is the step of the
    fourth-order difference, rtol and atol its tolerances; by default they follow from the dtype.

    Raises AssertionError with both values; ValueError for unknown modes or where there is nothing
    to differentiate.

    >>> import numpy as np
    >>> check_grads(lambda x: x["a"] * x["a"], ({"a": np.array([0.5, -2.0])},))
    """
    if not modes or set(modes) - set(MODES):
        raise ValueError(f"check_grads: modes is {modes!r}, but must be some of {MODES}")
    flat, leaves = flat_function(f, args)
    if not leaves:
        raise ValueError("check_grads: args hold no float or complex array; give it one")
    z = flat(*leaves)
    if not z:
        raise ValueError("check_grads: f returns no float or complex array; return one")
    tolerance = Tolerance([*leaves, *z], rtol, atol, eps)
    check_order(flat, leaves, order, tuple(modes), tolerance, "check_grads")


def flat_function(f, args):
    """(the function of the inexact leaves that returns a list of inexact arrays, those leaves)."""
    leaves, structure = tree.flatten(tuple(args))
    leaves = [np.asarray(x) if isinstance(x, (float, complex)) else x for x in leaves]
    places = [i for i, x in enumerate(leaves) if kind(x) in "fc"]

    def flat(*xs):
        full = list(leaves)
        for i, x in zip(places, xs, strict=True):
            full[i] = x
        out = tree.leaves(f(*tree.unflatten(structure, full)))
        return [z for z in out if is_array(z) and np.dtype(z.dtype).kind in "fc"]

    return flat, [leaves[i] for i in places]


def check_order(f, args, order, modes, tolerance, name):
    """One order, then the same of the tangent and cotangent maps; `name` grows with the modes."""
    rng, n = np.random.default_rng(order), len(args)
    if "fwd" in modes:
        known = check_forward(f"{name}: fwd", f, args, rng, tolerance, FIX)
        if "rev" in modes:
            check_adjoint(f"{name}: rev", f, args, rng, known, FIX)
        if order > 1:
            g, more = tangent_map(f, n), [*args, *directions(rng, args)]
            check_order(g, more, order - 1, modes, tolerance, f"{name}: of fwd")
    elif "rev" in modes:
        check_reverse(f"{name}: rev", f, args, rng, tolerance, FIX)
    if "rev" in modes and order > 1:
        g, more = cotangent_map(f, n), [*args, *directions(rng, f(*args))]
        check_order(g, more, order - 1, modes, tolerance, f"{name}: of rev")
