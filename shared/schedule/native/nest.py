"""The nest of a loop: which axes run one by one, which in vectors, and in which phase what is
there."""

import math

from ..graph import Variable
from .functions import TABLE


class Nest:
    """The axes of a loop, neighbours merged where every access allows it."""

    def __init__(self, loop):
        self.loop, self.accesses = loop, {}
        every = list(dict.fromkeys(self.strides_of_all()))
        axes = [[i] for i in range(len(loop.shape))]
        k = len(axes) - 2
        while k >= 0:
            if k + 1 != loop.rows and all(self.mergeable(s, axes[k], axes[k + 1]) for s in every):
                axes[k] += axes.pop(k + 1)
            k -= 1
        self.shape = tuple(math.prod(loop.shape[i] for i in group) for group in axes)
        self.last = [group[-1] for group in axes]
        self.outer = (
            len(axes) - 1
            if loop.rows is None
            else loop.rows and len([g for g in axes if g[0] < loop.rows])
        )
        self.outer = max(self.outer, 0)
        inner = self.shape[self.outer :]
        assert len(inner) <= 1, (loop.shape, loop.rows, axes)
        self.inner = inner[0] if inner else 1

    def strides_of_all(self):
        """The strides of everything that is read or written."""
        loop = self.loop
        yield from [a.strides for a in loop.reading()]
        for operation in loop.operations:
            if operation.level == "end":
                yield operation.strides
            elif operation.result in loop.stores:
                yield loop.target(operation.result, operation.level)[1]

    def mergeable(self, strides, first, second):
        """True where two neighbouring groups of axes are one for these strides."""
        length = math.prod(self.loop.shape[i] for i in second)
        return strides[first[-1]] == strides[second[-1]] * length

    def of(self, strides):
        """(strides over the outer axes, stride over the inner one)."""
        merged = [strides[i] for i in self.last]
        return merged[: self.outer], (merged[self.outer] if len(merged) > self.outer else 0)


def phases(loop):
    """{variable: when it is there}: how many times the row has been run over before."""
    found: dict = {}
    for operation in loop.operations:
        given = [found[a] for a in operation.operands if a in found]
        at = max(given, default=0)
        found[operation.result] = at + 1 if operation.reduces and operation.level == "row" else at
    return found


def lanes_for(loop, nest):
    """How many entries a vector has: two registers of the widest dtype, fewer for short rows.

    Four where one or two elementary functions make most of the work: their constants are read from
    memory for each vector, and serve twice as many entries then.
    """
    sizes = [
        a.dtype.itemsize
        for o in loop.operations
        for a in (*o.equation.inputs, *o.equation.outputs)
        if isinstance(a, Variable)
        and not (o.equation.primitive.name == "gather" and a.dtype.kind == "i")
    ]
    elementary = sum(o.equation.primitive.name in TABLE for o in loop.operations)
    lanes = 64 // max([4, *sizes])
    if elementary in (1, 2) and nest.inner >= 8 * lanes:
        return 2 * lanes
    while lanes > 4 and lanes >= 2 * nest.inner:
        lanes //= 2
    return lanes
