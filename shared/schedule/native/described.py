"""Keys as text that is the same in every process: the name under which compiled code is kept.

Writing a program's IR takes longer than all else that a start on a warm cache does. So its code is
found by the keys of its loops and products, and by the sources that turn those into IR.
"""

import hashlib
from functools import cache
from pathlib import Path

import numpy as np

PLAIN = frozenset((bool, int, float, complex, str, type(None)))
SOURCES = ("*.py", "functions/*.py", "../loop.py", "../views.py")


def described(key):
    """A key as text; None where a part of it has no name that another process would know.

    >>> described((1, 1.0, ("x", -0.0, None)))
    "(1,1.0,('x',-0.0,None,),)"
    """
    try:
        return _text(key)
    except TypeError:
        return None


def _text(a):
    if a.__class__ in PLAIN:
        return repr(a)
    if a.__class__ is tuple:
        return f"({''.join([_text(x) + ',' for x in a])})"
    if isinstance(a, np.dtype):
        return a.str
    if isinstance(a, np.generic):
        return f"{a.dtype.str}:{a!r}"
    if isinstance(a, type):
        return f"{a.__module__}.{a.__qualname__}"
    if hasattr(a, "operands") and hasattr(a, "statics"):  # a primitive: IR goes by its name
        return f"<{a.name}>"
    raise TypeError(f"described: {type(a)}")


@cache
def sources():
    """A digest of what writes IR for a key; None where the sources are not there to be read."""
    here, digest = Path(__file__).parent, hashlib.sha256()
    files = sorted(path for pattern in SOURCES for path in here.glob(pattern))
    for path in files:
        digest.update(b"%s %d\n" % (path.name.encode(), path.stat().st_size))
        digest.update(path.read_bytes())
    return digest.hexdigest() if files else None
