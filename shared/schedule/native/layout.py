"""How CPython and NumPy lay out their objects, as far as machine code reads them.

A call hands over one list. The driver finds in it where each array's entries begin, for which
Python would take a microsecond an array. `fits` checks all of it against the running interpreter.
"""

import ctypes
from functools import cache

import numpy as np

LIST_ITEMS, ARRAY_DATA, OBJECT_TYPE, ARRAY_FLAGS = 24, 16, 8, 64
USABLE = 0x0001 | 0x0100  # C-contiguous and aligned


def peek(address, type_=ctypes.c_void_p):
    """What lies at an address."""
    return type_.from_address(address).value


@cache
def fits():
    """True where lists, arrays and numbers are laid out as the driver assumes."""
    array, single, double = np.arange(3.0), np.float32(1.5), 2.5
    items = [array, array]
    flags = peek(id(array) + ARRAY_FLAGS, ctypes.c_int)
    strided = peek(id(array[::2]) + ARRAY_FLAGS, ctypes.c_int)
    return (
        peek(id(array) + OBJECT_TYPE) == id(np.ndarray)
        and peek(id(array) + ARRAY_DATA) == array.ctypes.data
        and peek(peek(id(items) + LIST_ITEMS) + 8) == id(array)
        and peek(id(single) + ARRAY_DATA, ctypes.c_float) == 1.5
        and peek(id(double) + ARRAY_DATA, ctypes.c_double) == 2.5
        and flags & USABLE == USABLE
        and strided & USABLE != USABLE
    )
