"""Values as Python text: what a reader would type."""

import keyword
import math

import numpy as np

SMALL = 16  # entries: larger constants are given from outside
RESERVED = {*keyword.kwlist, "np", "math", "constants", "bool", "int", "float"}


def literal(x):
    """x as text that evaluates to it; TypeError where there is none.

    >>> literal((1, None, np.dtype("float32"), float("inf")))
    "(1, None, np.dtype('float32'), np.inf)"
    """
    if isinstance(x, np.dtype):
        return f"np.dtype({x.name!r})"
    if isinstance(x, type) and getattr(np, x.__name__, None) is x:
        return f"np.{x.__name__}"
    if isinstance(x, np.generic):
        return f"np.{type(x).__name__}({literal(x.item())})"
    if isinstance(x, np.ndarray):
        return f"np.array({x.tolist()!r}, {type_name(x.dtype)})"
    if isinstance(x, (set, frozenset)):
        return "{" + ", ".join(sorted(map(literal, x))) + "}"
    if isinstance(x, (tuple, list)):
        inside = ", ".join(map(literal, x))
        if isinstance(x, list):
            return f"[{inside}]"
        return f"({inside},)" if len(x) == 1 else f"({inside})"
    if isinstance(x, dict):
        return "{" + ", ".join(f"{literal(k)}: {literal(v)}" for k, v in x.items()) + "}"
    if x.__class__ is float:
        return number(x)
    if x is None or x is Ellipsis or x.__class__ in (bool, int, complex, str, slice):
        return "..." if x is Ellipsis else repr(x)
    raise TypeError(f"source: there is no text for {x!r}")


def type_name(dtype):
    """A dtype as NumPy's class.

    >>> type_name(np.dtype("bool"))
    'np.bool_'
    """
    name = np.dtype(dtype).name
    return "np.bool_" if name == "bool" else f"np.{name}"


def number(x):
    """A float; those that are not finite by NumPy's names."""
    if math.isfinite(x):
        return repr(x)
    return "np.nan" if math.isnan(x) else "np.inf" if x > 0 else "-np.inf"


def constant(a):
    """The text of a constant array that is small, or that repeats one entry; None for others."""
    x = np.asarray(a.value)
    if not x.size:
        return f"np.zeros({literal(x.shape)}, {type_name(x.dtype)})"
    first = x[(0,) * x.ndim]
    if x.ndim and is_repeated(x, first):
        return f"np.full({literal(x.shape)}, {literal(first.item())}, {type_name(x.dtype)})"
    if x.size <= SMALL and (not x.ndim or np.isfinite(x).all()):
        return literal(x if x.ndim else first)
    return None


def is_repeated(x, first):
    """True where all entries have the bits of the first."""
    if not any(x.strides):
        return True
    return x.size > 1 and x.tobytes() == first.tobytes() * x.size


def index(key, arrays=""):
    """A key of `primitives.keys` as it is written between brackets.

    >>> index(((0, None, 1), 3, (1, 5, 2), None))
    ':, 3, 1:5:2, None'
    """
    found, count = [], 0
    for k in key:
        if isinstance(k, tuple):
            start, stop, step = ["" if x is None else str(x) for x in k]
            start, step = ("" if start == "0" and step in ("", "1") else start), step
            found.append(f"{start}:{stop}" + (f":{step}" if step not in ("", "1") else ""))
        elif isinstance(k, str):
            found.append(f"{arrays}[{count}]")
            count += 1
        else:
            found.append("..." if k is Ellipsis else str(k))
    return ", ".join(found) or "()"
