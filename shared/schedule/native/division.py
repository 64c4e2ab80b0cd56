"""How the threads share a loop: what of its domain is cut, into pieces of which size.

Where rows are reduced into one result, each piece has that result for itself, and the partial
results are combined afterwards: piece 0 in the memory of the result, the others in scratch.
"""

import math
from functools import cached_property

from ..graph import Variable
from .nest import Nest, lanes_for
from .parallel import cores
from .scalars import cost
from .tasks import grain

WORTH = 8  # times the entries of a result that a piece must compute, for a result of its own


class Division:
    """The nest of a loop, and how it is cut."""

    def __init__(self, loop):
        self.loop, self.nest = loop, Nest(loop)
        self.lanes = lanes_for(loop, self.nest)
        self.ends = [o for o in loop.operations if o.level == "end"]
        self.indexed = any(o.picked is not None for o in loop.operations)

    @cached_property
    def cut(self):
        """What begin and end divide: the "outer" axis, or "inner", where columns are summed."""
        ends = [self.nest.of(o.strides) for o in self.ends]
        if self.loop.rows is None and self.nest.outer and ends and not self.indexed:
            if all(inner == 1 and not any(outer) for outer, inner in ends):
                return "inner"
        return "outer"

    @property
    def length(self):
        """The length of what is cut."""
        if self.cut == "inner":
            return self.nest.inner
        return self.nest.shape[0] if self.nest.shape else 1

    @cached_property
    def piece(self):
        """The size of a piece; the length for no pieces."""
        work = math.prod(self.nest.shape) * sum(cost(o.equation) for o in self.loop.operations)
        multiple = 4 * self.lanes if self.cut == "inner" or not self.nest.outer else 1
        if self.loop.rows == 0:
            return self.length
        if not self.ends or self.cut == "inner":
            return grain(work, self.length, multiple)
        size = sum(o.result.size for o in self.ends)
        apart = not self.indexed and not any(o.result in self.loop.targets for o in self.ends)
        if apart and work > WORTH * size * cores():
            return grain(work, self.length, multiple, cores())
        return self.length

    @cached_property
    def scratch(self):
        """[(reduction, memory for the partial results of all pieces but the first)]"""
        count = -(-self.length // self.piece)
        if count < 2 or not self.ends or self.cut == "inner":
            return []
        return [(o, Variable((count - 1, o.result.size), o.result.dtype)) for o in self.ends]

    def key(self):
        """What of this decides the loop's code; it depends on the threads."""
        return self.length, self.piece, tuple([v.shape for _, v in self.scratch])
