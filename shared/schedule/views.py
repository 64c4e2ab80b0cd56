"""Views: how an arrangement of entries lies in memory, as strides counted in entries.

What NumPy does to an array's strides happens here to a variable's: reshape, transpose, broadcast_to
and slices cost nothing at run time, and reach loops and matrix products as strides.
"""

import math
from typing import NamedTuple


def contiguous(shape):
    """The strides of C order.

    >>> contiguous((2, 3, 4))
    (12, 4, 1)
    """
    strides, step = [], 1
    for n in reversed(shape):
        strides.append(step)
        step *= n
    return tuple(reversed(strides))


class View(NamedTuple):
    """Entry (i, j, ...) lies at offset + i strides[0] + j strides[1] + ..."""

    shape: tuple
    strides: tuple
    offset: int = 0

    @classmethod
    def of(cls, shape):
        """All of a buffer in C order."""
        return cls(tuple(shape), contiguous(shape))

    def transpose(self, axes):
        """The axes in another order."""
        shape = tuple(self.shape[a] for a in axes)
        return View(shape, tuple(self.strides[a] for a in axes), self.offset)

    def broadcast_to(self, shape):
        """Axes of size 1 (and new ones in front) repeated by a stride of zero."""
        lead = len(shape) - len(self.shape)
        strides = [0 if n == 1 else step for n, step in zip(self.shape, self.strides, strict=True)]
        return View(tuple(shape), (0,) * lead + tuple(strides), self.offset)

    def reshape(self, shape):
        """The entries in C order in another shape; None where no strides can say so.

        >>> View.of((4, 6)).transpose((1, 0)).reshape((24,)) is None
        True
        """
        strides = _restrided(self.squeezed(), shape)
        return None if strides is None else View(tuple(shape), strides, self.offset)

    def squeezed(self):
        """[(size, stride)] of the axes that have more than one entry, neighbours merged."""
        found: list = []
        for n, step in zip(self.shape, self.strides, strict=True):
            if n == 1:
                continue
            if found and found[-1][1] == step * n:
                found[-1] = (found[-1][0] * n, step)
            else:
                found.append((n, step))
        return found

    def item(self, key):
        """The part that a basic index selects: integers, (start, stop, step) slices and None."""
        shape, strides, offset, axis = [], [], self.offset, 0
        for entry in key:
            if entry is None:
                shape.append(1)
                strides.append(0)
                continue
            n, step = self.shape[axis], self.strides[axis]
            axis += 1
            if isinstance(entry, tuple):
                picked = range(n)[slice(*entry)]
                offset += picked.start * step if picked else 0
                shape.append(len(picked))
                strides.append(step * picked.step)
            else:
                offset += entry * step
        return View((*shape, *self.shape[axis:]), (*strides, *self.strides[axis:]), offset)

    def flip(self, axes):
        """The order of entries reversed along axes."""
        offset = self.offset + sum((self.shape[a] - 1) * self.strides[a] for a in axes)
        strides = [-s if a in axes else s for a, s in enumerate(self.strides)]
        return View(self.shape, tuple(strides), offset)

    @property
    def is_in_order(self):
        """True for C order, axes of size 1 aside."""
        merged = self.squeezed()
        return not merged or merged == [(math.prod(self.shape), 1)]

    @property
    def is_whole(self):
        """True for C order from the start of the buffer."""
        return not self.offset and self.is_in_order


def _restrided(pieces, shape):
    """Strides over `shape` for entries in C order over merged (size, stride) pieces, or None."""
    strides, pieces = [], list(pieces)
    n, step = pieces.pop() if pieces else (1, 0)
    for size in reversed(shape):
        if size == 1:
            strides.append(0)
            continue
        if n == 1 and pieces:
            n, step = pieces.pop()
        if n % size:
            return None
        strides.append(step)
        n, step = n // size, step * size
    return tuple(reversed(strides)) if n == 1 and not pieces else None


def same_place(view, other):
    """True where two views of one shape pick the same entries in the same order."""
    return view.offset == other.offset and view.squeezed() == other.squeezed()
