"""Cotangents that are no arrays yet: the tape holds them until somebody needs the array.

`plus` adds to what arrived at a node before, `dense` makes the array. They stand below the
primitives, whose rules return them.
"""

from typing import Any

import numpy as np

from .dispatch import Value, bottom


def unit(x):
    """1 in the dtype of x and where x lives: the cotangent that a backward pass starts from."""
    return x.dtype.type(1) if isinstance(x, (np.ndarray, np.generic)) else np.ones_like(x, shape=())


class Slots:
    """Cotangents of some outputs of a primitive with several; the others are zero."""

    __slots__ = ("filled", "like")
    shape = dtype = None  # as the node they go to has it

    def __init__(self, filled, like):
        self.filled, self.like = filled, like

    def plus(self, total, owned):
        """`total` with these slots filled too: no output arrives twice."""
        total.filled.update(self.filled)
        return total

    def dense(self):
        """All cotangents; where none arrived zeros like `like`, or None where that is None."""
        some = bottom(next(iter(self.filled.values())))
        found = []
        for i, like in enumerate(self.like):
            if like is not None and i not in self.filled:
                shape, dtype = like
                found.append(np.zeros_like(some, shape=shape, dtype=dtype))
            else:
                found.append(self.filled.get(i))
        return tuple(found)


class Indexed:
    """A sparse cotangent: `values` somewhere in an array that is zero elsewhere.

    Indexing gives one, so that a loop over x[i] costs the entries it touches, not n arrays of n.
    add_to(total, values) scatters in place; scatter(total) gives a new value: entries that meet in
    one place round otherwise where they are added up by themselves first.
    placed(): the full array where no entries meet; written, not added to 0.0, a -0.0 stays one.
    """

    __slots__ = ("add_to", "dtype", "placed", "scatter", "shape", "values")

    def __init__(self, values, shape, add_to, scatter, placed=None):
        self.values, self.shape, self.add_to = values, shape, add_to
        self.dtype, self.scatter, self.placed = values.dtype, scatter, placed

    def plus(self, total, owned):
        """`total` with the values scattered into it, in place where it is owned."""
        if total.__class__ in SPARSE:
            total, owned = total.dense(), True
        if isinstance(total, Value):  # forward over reverse: another path carries a tangent
            return self.scatter(total)
        if not owned:
            total = np.copy(total)
        self.add_to(total, self.values)
        return total

    def dense(self):
        """The full array."""
        if self.placed is not None:
            return self.placed()
        total = np.zeros_like(self.values, shape=self.shape)
        self.add_to(total, self.values)
        return total


class Scattered:
    """An `Indexed` where the backward pass is itself recorded, which adds in the same order.

    scatter(total) gives `total` with the values added to it, dense() the full array.
    """

    __slots__ = ("dense", "dtype", "scatter", "shape")

    def __init__(self, values, shape, scatter, dense):
        self.shape, self.dtype = shape, values.dtype
        self.scatter, self.dense = scatter, dense

    def plus(self, total, owned):
        """`total` with the values scattered into it."""
        return self.scatter(dense(total))


class Terms:
    """A sum of products that nobody has computed yet: [a, b, c, d] stands for a b + c d.

    Made where the backward pass is itself recorded, so that it is recorded as one operation. The
    products are computed and added in the order in which they arrive, as they would be one by one.
    """

    __slots__ = ("factors",)
    compute: Any = None  # multiply_add, which stands above this file

    def __init__(self, factors):
        self.factors = factors

    @property
    def shape(self):
        """The shape of the first factor, which is a cotangent of full shape."""
        return self.factors[0].shape

    @property
    def dtype(self):
        """The dtype of the first factor."""
        return self.factors[0].dtype

    def dense(self):
        """The sum."""
        factors = self.factors
        if len(factors) > 2:
            return self.compute(*factors)
        one, other = factors
        if other.__class__ is int and other in (1, -1):
            return one if other == 1 else -one
        return one * other


def added(total, g):
    """total + g, of which at least one is a Terms."""
    one = total.factors if total.__class__ is Terms else [total, 1]
    return Terms(one + (g.factors if g.__class__ is Terms else [g, 1]))


SPARSE = frozenset((Indexed, Scattered))
LAZY = SPARSE | {Slots, Terms}


def dense(g):
    """A cotangent as an array."""
    return g.dense() if g.__class__ in LAZY else g
