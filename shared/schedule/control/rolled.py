"""A loop that library code writes in Python, as one operation wherever a graph is captured."""

from ...abstract import ShapeDtype
from ...dispatch import bottom
from ..graph import Variable
from .body import captured, program_of
from .scan import Scan


def is_captured(*leaves):
    """True where one of these, under whatever transforms, stands for a variable of a graph."""
    return any(isinstance(bottom(x), Variable) for x in leaves)


def rolled(step, carry, xs, from_end=False, name="scan"):
    """(carry, ys) of step(carry, x) -> (carry, y) for the slices x of xs, as one operation.

    carry: a tuple of values; the ys are stacked in the order of xs.
    """
    count = len(carry)

    def flat(*leaves):
        out, y = step(leaves[:count], leaves[count])
        return [*out, y]

    like = [*carry, ShapeDtype(xs.shape[1:], xs.dtype)]
    graph, outer = captured(flat, like, name, [*carry, xs])
    loop = Scan(program_of(graph), len(outer), count, xs.shape[0], from_end, name)
    found = loop(*outer, *carry, xs)
    return tuple(found[:count]), found[count]
