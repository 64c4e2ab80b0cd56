"""Where a value leaves the traced world: bool, float, print, NumPy's asarray.

A truth value may be had wherever there is one: the derivative of `x > 0` is zero, so that control
flow loses nothing. A number may not: its derivative would be lost in silence.
"""

import numpy as np

from ..batching import Batched
from ..dispatch import Value
from ..errors import describe

ADVICE = {
    "float": "compute with NumPy's functions (np.sin, not math.sin), write it into an array y by "
    "y = wf.at(y)[i].set(x)",
    "complex": "compute with NumPy's functions (np.exp, not cmath.exp)",
    "item": "compute with the value itself",
    "tolist": "iterate over the value itself",
    "np.asarray": "compute with the value itself, join a list of values with np.stack, write it "
    "into an array y by y = wf.at(y)[i].set(x)",
}


def concrete(x, operation):
    """The array under x, for `operation`, which has no derivative to lose."""
    inner = x.value
    return inner.concrete(operation) if isinstance(inner, Value) else inner


def batched_concrete(x, operation):
    """A batched value has no single array to decide by."""
    size = x.value.shape[0]
    raise TypeError(
        f"{operation}: a traced {describe(x)} under `vmap` has {size} values, one per element of "
        "the batch, and Python can go only one way; choose by where(condition, x, y)"
    )


def truth(x):
    """bool(x), where x has one entry."""
    found = x.concrete("bool")
    if getattr(found, "size", 1) != 1:
        raise ValueError(
            f"bool: a traced {describe(x)} has {found.size} truth values and Python can go only "
            "one way; reduce it with any() or all(), or choose by where(condition, x, y)"
        )
    return bool(found)


def number(x, operation):
    """The array under x, where it is of integers or booleans: those have no derivative to lose."""
    if x.dtype.kind in "biu":
        return x.concrete(operation)
    raise TypeError(
        f"{operation}: a traced {describe(x)} cannot become a plain number or array, as its "
        f"derivative would be lost; {ADVICE[operation]}, or give the derivative up: "
        "stop_gradient(x), or return x as auxiliary output (has_aux=True)"
    )


def to_array(x, dtype=None, copy=None):
    """The array of integers or booleans under x; else the error that teaches."""
    return np.asarray(number(x, "np.asarray"), dtype=dtype)


def index(x):
    """x as an index: an integer, known."""
    if x.dtype.kind not in "iu" or x.ndim:
        raise TypeError(
            f"index: an index is an integer, but it is a traced {describe(x)}; "
            "convert it: x.astype(int)"
        )
    return x.concrete("index").__index__()


def show(x):
    """What x is, and its value."""
    trace = getattr(x, "trace", None)
    return f"<traced {describe(x)} under {trace.name if trace else type(x).__name__}: {x.value!r}>"


def show_formatted(x, form):
    """format() of the number under x; of a batched value its repr."""
    inner = x.value
    while form and isinstance(inner, Value) and not isinstance(inner, Batched):
        inner = inner.value
    if not form or isinstance(x, Batched) or isinstance(inner, Batched):
        return repr(x)
    return format(inner[()], form)


def refuse_assignment(x, place, value):
    """x[i] = v is no operation on traced values."""
    raise TypeError(
        f"x[i] = v: a traced {describe(x)} is not changed in place; "
        "make a changed copy: x = wf.at(x)[i].set(v)"
    )


METHODS = {
    "concrete": concrete,
    "__bool__": truth,
    "__int__": lambda x: int(x.concrete("int")),
    "__index__": index,
    "__float__": lambda x: float(number(x, "float")),
    "__complex__": lambda x: complex(number(x, "complex")),
    "__array__": to_array,
    "__repr__": show,
    "__format__": show_formatted,
    "__setitem__": refuse_assignment,
    "item": lambda x, *place: number(x, "item").item(*place),
    "tolist": lambda x: number(x, "tolist").tolist(),
}


def attach():
    """Give the conversions to Value."""
    for name, method in METHODS.items():
        setattr(Value, name, method)
    Batched.concrete = batched_concrete
