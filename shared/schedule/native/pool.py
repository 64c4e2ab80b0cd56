"""Arrays that were handed out, and are taken again once nobody holds them."""

import math
from sys import getrefcount

import numpy as np

from .steps import PASSING

MOST = 3


class Pool:
    """Arrays of one shape and dtype.

    Memory fresh from the system costs a page fault for every 4 KB at first touch.
    """

    def __init__(self, shape, dtype):
        self.shape, self.dtype, self.arrays = shape, dtype, []

    def taken(self):
        """An array that nobody else holds; its entries are whatever they are."""
        for x in self.arrays:
            if getrefcount(x) == 3:  # held by the pool, by x and by the question itself
                return x
        return self.fresh()

    def fresh(self):
        """A new array, which is kept where there is room."""
        size = math.prod(self.shape) * self.dtype.itemsize
        if size < PASSING:
            array = np.empty(self.shape, self.dtype)
        else:
            array = np.ndarray(self.shape, self.dtype, aligned(size, Memory))
        if len(self.arrays) < MOST:
            self.arrays.append(array)
        return array


class Memory(np.ndarray):
    """What pooled arrays lie in.

    A view holds the last array beneath it that is of its own class: of an array that lies in this
    one that array itself, by whose holders the pool knows whether it may be taken again.
    """


def aligned(size, cls=np.ndarray):
    """`size` bytes from a multiple of 64 on."""
    raw = cls(size + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + size]
