"""How a rule's arithmetic treats memory: the same operations, hence the same bits, three ways."""

from operator import add, iadd, imul, mul
from typing import NamedTuple

from numpy import ndarray

from ..dispatch import Value


class Steps(NamedTuple):
    """The operations of a rule: `scale` is the first on an array that the caller owns.

    add and rescale are later ones, on arrays that the rule itself made.
    """

    scale: object
    add: object
    rescale: object


TRACED = Steps(mul, add, mul)  # traced values: nothing is ever changed
FRESH = Steps(mul, iadd, imul)  # the caller keeps its arrays: scale makes new ones, to be filled
IN_PLACE = Steps(imul, iadd, imul)  # the caller gives its arrays up: no new ones


BLOCK = 1 << 16  # entries: what a rule needs of so many stays in the second cache, nearly


def blocks(arrays):
    """The same pieces of large plain arrays, one after the other; None where there are no such.

    A rule is a dozen passes over its arrays: piece by piece, only the first goes to memory.
    """
    first = arrays[0]
    if first.__class__ is not ndarray or first.size < 2 * BLOCK:
        return None
    like = (ndarray, first.shape, True)
    if any((x.__class__, x.shape, x.flags.c_contiguous) != like for x in arrays):
        return None
    flat = [x.reshape(-1) for x in arrays]
    return [[x[i : i + BLOCK] for x in flat] for i in range(0, first.size, BLOCK)]


def number(x):
    """A number as Python's float, which widens no array; a traced one as it is."""
    return x if x.__class__ is float or isinstance(x, Value) else float(x)


def steps_for(*leaves):
    """FRESH for arrays alone, TRACED where any of them is a traced value."""
    for x in leaves:
        if isinstance(x, Value):
            return TRACED
    return FRESH
