"""How a rule's arithmetic treats memory: the same operations, hence the same bits, three ways."""

from operator import add, iadd, imul, mul
from typing import NamedTuple

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


def number(x):
    """A number as Python's float, which widens no array; a traced one as it is."""
    return x if x.__class__ is float or isinstance(x, Value) else float(x)


def steps_for(*leaves):
    """FRESH for arrays alone, TRACED where any of them is a traced value."""
    for x in leaves:
        if isinstance(x, Value):
            return TRACED
    return FRESH
