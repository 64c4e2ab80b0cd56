"""Memory that is freed stays with the process, for the next arrays.

Every step of a program frees arrays of a few megabytes and asks for as many again. glibc gives
freed memory back to the system once 128 KB of it lie at the end of the heap, and gets it anew a
page fault for every 4 KB: a tenth of an eager training step. See mallopt(3).
"""

import ctypes
import os

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # glibc's numbers for the parameters
KEPT = 256 << 20  # bytes at the end of the heap that are not given back
LARGE = 32 << 20  # bytes: what is larger is mapped by itself, and given back at once


def keep_freed_memory():
    """Ask glibc to keep up to KEPT bytes; whether it does.

    It is left as it is where WONDERLAND_KEEP_MEMORY=0 says so, where the surroundings set malloc
    otherwise, and where there is no glibc.
    """
    names = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES", "LD_PRELOAD")
    if os.environ.get("WONDERLAND_KEEP_MEMORY") == "0" or any(n in os.environ for n in names):
        return False
    try:
        library = ctypes.CDLL(None)
        library.gnu_get_libc_version  # noqa: B018  others have a mallopt too, with other numbers
        mallopt = library.mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(mallopt(MMAP_THRESHOLD, LARGE) and mallopt(TRIM_THRESHOLD, KEPT))
