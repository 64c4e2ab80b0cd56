"""A strict stand-in for CuPy: NumPy inside, and no GPU needed.

    with installed() as cupy:                  # `import cupy` finds it too; installed(devices=2)
        x = cupy.asarray(np.ones(3))           # a copy to the device, counted
        np.sum(x * 2)                          # a 0-d cupy.ndarray
        x + np.ones(3)                         # TypeError: Unsupported type <class 'numpy.ndarray'>
        np.asarray(x)                          # TypeError: Implicit conversion to a NumPy array ...
        np.sum(x, where=True)                  # TypeError: cupy.sum has no such keyword
        np.spacing(x)                          # TypeError: CuPy has no such function
        with transfers.exactly(to_host=1):     # AssertionError that names the lines, where not
            float(x[0])

It has exactly the names, parameters and ufunc loops of the CuPy that cupy_names.json was read from
(read_names.py); a name that CuPy has and no one needed so far raises NotImplementedError. Where
CuPy lets something pass that one should not rely on, the stand-in is stricter: an index out of
bounds raises, so do two values assigned to one place, and no NumPy array is ever an operand.

Tests may look behind the curtain, uncounted: `peek(x)` is the NumPy array inside, `lift(array)`
puts one on the device without a copy.
"""

from .device_array import Device, lift, ndarray, peek
from .library import CUDARuntimeError, cupy, installed
from .names import CLASSES, MODULES, VERSION
from .transfers import transfers

__all__ = [
    "CLASSES",
    "MODULES",
    "VERSION",
    "CUDARuntimeError",
    "Device",
    "cupy",
    "installed",
    "lift",
    "ndarray",
    "peek",
    "transfers",
]
