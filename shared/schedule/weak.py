"""Numbers of Python under a capture: their arithmetic is Python's, so that they stay weak.

What `jit` is given for a Python number has the dtype of its class, and is of no dtype among arrays.
Python's operators on such numbers alone give numbers again (3 / 2 is a float, True + True an int);
NumPy's functions of them give arrays, as they do in eager code.
"""

import operator

import numpy as np

from ..ops import protocol
from ..ops.promotion import SCALARS, astype
from .capture import Staged

ORDER = (bool, int, float, complex)


def number(x):
    """A Python number that behaves as x in Python's promotion; None where x stands for none."""
    if x.__class__ in SCALARS:
        return x
    return x.weak(1) if x.__class__ is Staged and x.weak else None


def as_kind(x, kind):
    """x in the dtype of a class of Python numbers."""
    return astype(x, np.dtype(kind)) if x.__class__ is Staged else x


def operation(name, function, reflected=False):
    """The method `name`: on numbers alone as in Python, else what all Values do."""
    general = getattr(protocol.Value, name)

    def method(x, *other):
        if x.weak is None:
            return general(x, *other)
        given = [number(a) for a in (x, *other)]
        if None in given:
            return general(x, *other)
        found = type(function(*given[::-1] if reflected else given))  # or Python's own TypeError
        kind = max(*map(type, given), found, key=ORDER.index)
        z = general(*[as_kind(a, kind) for a in (x, *other)])
        z.value.weak = z.weak = found
        return z

    method.__name__ = name
    return method


TWO_SIDED = "add sub mul truediv floordiv mod pow lshift rshift and or xor".split()
ONE_SIDED = "lt le gt ge eq ne neg pos abs invert".split()
for _name in TWO_SIDED + ONE_SIDED:
    _function = getattr(operator, f"__{_name}__")
    setattr(Staged, f"__{_name}__", operation(f"__{_name}__", _function))
    if _name in TWO_SIDED:
        setattr(Staged, f"__r{_name}__", operation(f"__r{_name}__", _function, True))
