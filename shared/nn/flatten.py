"""Axes joined into one, and one taken apart."""

import math

from ..primitives.shape import reshape


def flatten(x, start=0, end=-1):
    """The axes from start to end, both included, as one.

    >>> import numpy as np
    >>> flatten(np.ones((2, 3, 4)), 1).shape
    (2, 12)
    """
    shape, rank = tuple(x.shape), max(len(x.shape), 1)
    for a in (start, end):
        if not -rank <= a < rank:
            raise ValueError(f"flatten: x has no axis {a} (x: {shape})")
    start, end = start % rank, end % rank
    if start > end:
        raise ValueError(f"flatten: start {start} is behind end {end} (x: {shape})")
    joined = math.prod(shape[start : end + 1])
    return reshape(x, shape=(*shape[:start], joined, *shape[end + 1 :]))


def unflatten(x, axis, sizes):
    """One axis as several of the given sizes, one of which may be -1: what is left.

    >>> import numpy as np
    >>> unflatten(np.ones((2, 12)), 1, (3, -1)).shape
    (2, 3, 4)
    """
    shape, sizes = tuple(x.shape), list(sizes)
    if not -len(shape) <= axis < len(shape):
        raise ValueError(f"unflatten: x has no axis {axis} (x: {shape})")
    axis %= len(shape)
    known = math.prod([n for n in sizes if n != -1])
    if sizes.count(-1) == 1 and known and shape[axis] % known == 0:
        sizes[sizes.index(-1)] = shape[axis] // known
    if math.prod(sizes) != shape[axis] or -1 in sizes:
        raise ValueError(
            f"unflatten: sizes {tuple(sizes)} do not fill axis {axis} of x, which has "
            f"{shape[axis]} entries (x: {shape})"
        )
    return reshape(x, shape=(*shape[:axis], *sizes, *shape[axis + 1 :]))
