"""The BLAS that NumPy has brought along, as addresses that machine code can call.

NumPy's wheels carry OpenBLAS under names of their own (scipy_cblas_sgemm64_: a prefix, and a suffix
for 64-bit integers); other builds link a system's OpenBLAS, BLIS, MKL or Accelerate. The library is
looked for among those already loaded, NumPy's own first, and believed once a product comes out
right.
"""

import ctypes
import os
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

# How a CBLAS function is spelt (before and after its name), and the bits of its integers.
SPELLINGS = [
    ("scipy_", "64_", 64),  # NumPy's wheels
    ("", "64_", 64),  # OpenBLAS built with a suffix
    ("", "_64", 64),  # MKL, BLIS
    ("scipy_", "", 32),
    ("", "$NEWLAPACK$ILP64", 64),  # Accelerate
    ("", "$NEWLAPACK", 32),
    ("", "", 32),
]
NAMES = ("gemm", "gemv", "ger", "dot", "axpy", "syrk")
OPTIONAL_NAMES = ("gemm_batch", "gemm_batch_strided")
LIKELY = ("blas", "mkl_rt", "blis", "accelerate", "veclib")
ROW_MAJOR, PLAIN = 101, 111


@dataclass(frozen=True)
class Blas:
    """A BLAS: where it is, how wide its integers are, and the address of each function it has."""

    path: str
    integer_bits: int
    addresses: dict = field(repr=False)  # {"sgemm": address, ...}
    set_num_threads: int | None = None  # void (int)
    get_num_threads: int | None = None  # int (void)

    def threads(self):
        """How many threads a product may use; None where the library does not say."""
        if self.get_num_threads is None:
            return None
        return ctypes.CFUNCTYPE(ctypes.c_int)(self.get_num_threads)()

    def limit_threads(self, count):
        """Let products use `count` threads, in the whole process; True where the library can."""
        if self.set_num_threads is not None:
            ctypes.CFUNCTYPE(None, ctypes.c_int)(self.set_num_threads)(count)
        return self.set_num_threads is not None


def loaded_libraries(maps="/proc/self/maps"):
    """Paths of what this process has loaded, as far as the system tells."""
    try:
        lines = Path(maps).read_text().splitlines()
    except OSError:
        return []
    return list(dict.fromkeys(line.split(maxsplit=5)[5] for line in lines if line.count("/")))


def candidates():
    """Paths of libraries that may be NumPy's BLAS, the most likely first."""
    package = Path(np.__file__).parent
    beside = [package.parent / "numpy.libs", package / ".dylibs"]
    bundled = [str(path) for folder in beside if folder.is_dir() for path in folder.iterdir()]
    if sys.platform == "darwin":
        bundled.append("/System/Library/Frameworks/Accelerate.framework/Accelerate")
    likely = [
        path
        for path in [*bundled, *loaded_libraries()]
        if any(part in os.path.basename(path).lower() for part in LIKELY)
    ]
    return sorted(dict.fromkeys(likely), key=lambda path: path not in bundled)


def address(library, name):
    """The address of a function, or None."""
    try:
        return ctypes.cast(library[name], ctypes.c_void_p).value
    except AttributeError:
        return None


def thread_functions(library, before, after):
    """The addresses (set_num_threads, get_num_threads), or None for each that is not there."""
    names = [f"{before}openblas_{{}}_num_threads{after}", "bli_thread_{}_num_threads"]
    names += ["MKL_{}_Num_Threads" if "mkl" in str(library) else "openblas_{}_num_threads"]
    for name in names:
        found = [address(library, name.format(verb)) for verb in ("set", "get")]
        if found[0]:
            return found
    return None, None


def opened(path):
    """The BLAS in a library, checked; None where there is none that can be called."""
    try:
        library = ctypes.CDLL(path)
    except OSError:
        return None
    for before, after, bits in SPELLINGS:
        found = {
            letter + name: address(library, f"{before}cblas_{letter}{name}{after}")
            for letter in "sd"
            for name in (*NAMES, *OPTIONAL_NAMES)
        }
        if all(found[letter + name] for letter in "sd" for name in NAMES):
            present = {name: place for name, place in found.items() if place}
            blas = Blas(path, bits, present, *thread_functions(library, before, after))
            return blas if multiplies(blas) else None
    return None


def multiplies(blas):
    """Whether its products are those of NumPy: the names could deceive."""
    integer = {32: ctypes.c_int32, 64: ctypes.c_int64}[blas.integer_bits]
    flag, pointer = ctypes.c_int32, ctypes.c_void_p
    for letter, real, dtype in (
        ("s", ctypes.c_float, np.float32),
        ("d", ctypes.c_double, np.float64),
    ):
        x, y = np.arange(15, dtype=dtype).reshape(3, 5), np.arange(20, dtype=dtype).reshape(5, 4)
        z = np.full((3, 4), np.nan, dtype)
        kinds = (
            [flag] * 3 + [integer] * 3 + [real, pointer, integer, pointer, integer, real, pointer]
        )
        gemm = ctypes.CFUNCTYPE(None, *kinds, integer)(blas.addresses[f"{letter}gemm"])
        places = [array.ctypes.data for array in (x, y, z)]
        gemm(ROW_MAJOR, PLAIN, PLAIN, 3, 4, 5, 1.0, places[0], 5, places[1], 4, 0.0, places[2], 4)
        if not np.array_equal(z, x @ y):
            return False
    return True


@cache
def find():
    """NumPy's BLAS, or None: then a product is a call of `np.matmul(..., out=)`."""
    return next((blas for path in candidates() if (blas := opened(path))), None)
