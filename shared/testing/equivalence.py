"""check_equivalent: two programs, the same bits."""

import numpy as np

from .. import tree
from ..dispatch import bottom
from ..tape import vjp
from .closeness import VALUE, eps_of, first_difference, first_other_bit, largest
from .differences import directions, filled
from .grads import flat_function


def check_equivalent(f, g, *args, bitwise=True, gradients=True, steps=1, rtol=None, atol=None):
    """f(*args) and g(*args) are the same pytree, bit for bit, and so are their gradients.

    steps: more than one feeds each program its own results again, as its next arguments (a training
    step), and stops at the first step that differs. bitwise=False compares to rtol and atol, by
    default a few roundings of the dtype. Gradients are those of a random weighting of all results.

    Raises AssertionError that names the first differing leaf by its path, the step, both values and
    the largest distance in ulp; ValueError where results cannot be fed back.

    >>> import numpy as np
    >>> check_equivalent(lambda x: x * 2.0, lambda x: x + x, np.array([0.1, 3.0]))
    """
    close = Closeness(bitwise, rtol, atol)
    mine = other = args
    for step in range(1, steps + 1):
        when = f" in step {step}" if steps > 1 else ""
        z, w = f(*mine), g(*other)
        same_trees("results", z, w, close, when)
        if gradients:
            same_gradients(f, g, mine, close, when)
        if step < steps:
            mine, other = fed_back(z, mine), fed_back(w, other)


class Closeness:
    """When two leaves count as the same."""

    __slots__ = ("absolute", "bitwise", "relative")

    def __init__(self, bitwise, rtol, atol):
        self.bitwise, self.relative, self.absolute = bitwise, rtol, atol

    def difference(self, a, b):
        """The index of the first entry that differs, or None."""
        if self.bitwise:
            return first_other_bit(a, b)
        unit = VALUE * eps_of(a) if a.dtype.kind in "fc" else 0.0
        relative = unit if self.relative is None else self.relative
        absolute = unit * largest(b) if self.absolute is None else self.absolute
        return first_difference(a, b, relative, absolute)


def same_trees(what, z, w, close, when):
    """Equal structures, then equal leaves, in order."""
    pairs, structure = tree.flatten_with_path(z)
    others, other = tree.flatten_with_path(w)
    if structure != other:
        raise AssertionError(
            f"check_equivalent: the {what} differ in structure{when}: {structure} and {other}"
        )
    for (path, a), (_, b) in zip(pairs, others, strict=True):
        same_leaves(what, path, (np.asarray(bottom(a)), np.asarray(bottom(b))), close, when)


def same_leaves(what, path, pair, close, when):
    """Equal shapes and dtypes, then equal entries."""
    a, b = pair
    at = f" at {tree.path_string(path)!r}" if path else ""
    place = f"check_equivalent: the {what} differ{at}{when}"
    if a.shape != b.shape or a.dtype != b.dtype:
        raise AssertionError(f"{place}: {a.dtype}{list(a.shape)} and {b.dtype}{list(b.shape)}")
    index = close.difference(a, b)
    if index is not None:
        ulp = f"; the largest distance is {max_ulp(a, b)} ulp" if a.dtype.kind in "fc" else ""
        where = f" in entry {list(index)}" if index else ""
        raise AssertionError(f"{place}{where}: {a[index]!r} and {b[index]!r} ({a.dtype}{ulp})")


def max_ulp(a, b):
    """The largest distance in units in the last place, over all real and imaginary parts."""
    distances = [abs(x - y) for x, y in zip(ordered(a), ordered(b), strict=True)]
    return max(distances, default=0)


def ordered(a):
    """Each float as an integer, in the order of the reals, so that neighbours differ by one."""
    a = np.ascontiguousarray(a).ravel()
    if a.dtype.kind == "c":
        a = a.view(a.real.dtype)
    signed = a.view(f"i{a.dtype.itemsize}")
    lowest = int(np.iinfo(signed.dtype).min)
    return [int(i) if i >= 0 else lowest - int(i) for i in signed]


def same_gradients(f, g, args, close, when):
    """Equal cotangents of the arguments, for one random cotangent of the results."""
    mine, leaves = flat_function(f, args)
    other, _ = flat_function(g, args)
    if not leaves:
        return
    found = []
    for function in (mine, other):
        z, pull = vjp(function, leaves)
        found.append(filled(pull(directions(np.random.default_rng(0), z)), leaves))
    paths = [
        path for path, x in tree.leaves_with_path(tuple(args)) if np.asarray(x).dtype.kind in "fc"
    ]
    for path, a, b in zip(paths, *found, strict=True):
        same_leaves("gradients", path, (np.asarray(a), np.asarray(b)), close, when)


def fed_back(z, args):
    """The results of a step as the arguments of the next: a tuple of them, or the only one."""
    for candidate in (z, (z,)):
        if isinstance(candidate, tuple) and tree.structure(candidate) == tree.structure(args):
            return candidate
    raise ValueError(
        f"check_equivalent: steps > 1 feeds the results back, but they are {tree.structure(z)} "
        f"and the arguments {tree.structure(args)}; return what the function takes"
    )
