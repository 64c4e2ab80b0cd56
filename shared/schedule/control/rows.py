"""Elements of a batch that go different ways: each way runs on the rows of those that go it.

An element that goes another way would bring values that the function is not made for, and a NaN
from there would reach shared operands as 0 · NaN. So its place is filled with the row of the first
element that does go this way.
"""

from ...primitives.barrier import stop_gradient
from ...primitives.indexing import gather
from ...primitives.keys import ARRAY
from ...primitives.reduction import argmax
from ...primitives.selection import where
from ...primitives.shape import reshape


def chosen_rows(chosen, values, batched, size):
    """The values, whose rows outside of `chosen` are those of the first chosen element."""
    if not size:
        return list(values)
    first = reshape(argmax(chosen, axis=0), shape=(1,))
    found = []
    for x, flag in zip(values, batched, strict=True):
        if flag:
            row = stop_gradient(gather(x, first, key=(ARRAY,)))
            x = rows_that(chosen, x, reshape(row, shape=(1, *row.shape)))
        found.append(x)
    return found


def rows_that(chosen, x, y):
    """The rows of x where chosen, those of y elsewhere."""
    return where(reshape(chosen, shape=(*chosen.shape, *(1,) * (len(x.shape) - 1))), x, y)
