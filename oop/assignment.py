"""x[i] and x[i] = v, by torch's rules.

They are NumPy's but for two: integers beside index arrays only choose a slice, which leaves the
axes of the arrays where they are; and True is an axis of size 1. Of an assignment the history is
that of `at(x)[i].set(v)`, and the value is written into the memory of x.
"""

import numpy as np

from ..shared import ops
from ..shared.backend import same_device
from ..shared.dispatch import Value, bottom
from ..shared.ops.axes import array
from ..shared.ops.keys import key_of, normal_integer
from ..shared.ops.promotion import REALS, SCALARS, astype, with_rank
from ..shared.primitives import indexing
from ..shared.primitives.indexing import getitem
from ..shared.primitives.keys import indexed_shape, native
from ..shared.primitives.reduction import broadcast_to
from ..shared.primitives.shape import reshape
from .grad_mode import recording
from .inplace import (
    become,
    check_writable,
    is_recorded,
    new_histories,
    record_write,
    settle,
)
from .tensor import Tensor
from .views import ancestors, in_memory

NAME = "x[i] = v"
BASIC = frozenset((int, slice, type(None), type(Ellipsis)))


def indexed(x, index):
    """x[index]: a view where the index has no arrays."""
    if index.__class__ is int and x.shape:
        return x.interpret(getitem, (x,), {"key": (normal_integer(index, 0, x.shape),)})
    basic, index = in_two_steps(index)
    return ops.getitem(x if basic is None else ops.getitem(x, basic), index)


def in_two_steps(index):
    """(basic, index) with x[basic][index] for torch's x[index]; basic None if one step will do."""
    entries = list(index) if index.__class__ is tuple else [index]
    if all([e.__class__ in BASIC for e in entries]):
        return None, index
    entries = [index_array(e) if isinstance(e, list) else e for e in entries]
    kinds = [kind_of(e) for e in entries]
    entries = [int(e) if kind == "integer" else e for e, kind in zip(entries, kinds, strict=True)]
    if "flag" not in kinds and not ("integer" in kinds and "array" in kinds):
        return None, tuple(entries)
    basic, rest = [], []
    for entry, kind in zip(entries, kinds, strict=True):
        if kind == "array":
            axes = len(entry.shape) if entry.dtype.kind == "b" else 1
            basic += [slice(None)] * axes
            rest.append(entry)
        elif kind == "flag":
            basic.append(None)
            rest.append(slice(None) if bool(entry) else np.zeros(0, np.int64))
        else:
            basic.append(entry)
            if kind != "integer":
                rest.append(Ellipsis if entry is Ellipsis else slice(None))
    return tuple(basic), tuple(rest)


def index_array(entries):
    """A list as an index array; an empty one holds integers."""
    return np.asarray(entries, None if entries else np.int64)


def kind_of(entry):
    """What one entry of an index is: 'flag', 'integer', 'array' or 'slice' (also None and ...)."""
    if isinstance(entry, (bool, np.bool_)) or is_truth(entry):
        return "flag"
    if entry is None or entry is Ellipsis or isinstance(entry, slice):
        return "slice"
    if isinstance(entry, (int, np.integer)):
        return "integer"
    if isinstance(entry, Value) and not entry.shape and entry.dtype.kind in "iu":
        return "integer" if isinstance(entry, Tensor) and plain(entry, entry.level) else "array"
    return "array" if hasattr(entry, "shape") else "slice"


def is_truth(entry):
    """True for an array or Tensor that holds one boolean and has no axes."""
    return hasattr(entry, "shape") and not entry.shape and entry.dtype.kind == "b"


def setitem(x, index, v):
    """x[index] = v, in place; v broadcasts to the place and takes the dtype of x.

    Of several values for one entry the last stays, and takes the gradient.
    """
    basic, index = in_two_steps(index)
    if basic is not None:
        check_writable(x, NAME)
        x = ops.getitem(x, basic)
    key, i = key_of(x, index)
    if is_written_view(x, key, i, v):
        return
    check_writable(x, NAME)
    if isinstance(i, Tensor) and plain(i, x.level):
        i = i.fresh().value.copy()  # the tape does not watch what it keeps as an index
    if v.__class__ in REALS and i is None and in_memory(x) and not has_history(x):
        x.value[native(key)] = v
        settle(x, ())
        return
    v = values_for(x, indexed_shape(x.shape, key, i), v)
    if in_memory(x) and plain(v, x.level) and (i is None or i.__class__ is np.ndarray):
        write(x, key, i, v)
    elif i is None:
        become(x, indexing.update(x, v, key=key), NAME)
    else:
        become(x, indexing.scatter_set(x, i, v, key=key), NAME)


def has_history(x):
    """True where a write to x is recorded, even that of a constant."""
    if not recording.get():
        return False
    return x.node is not None or any(a.node is not None for a in ancestors(x))


def is_written_view(x, key, i, v):
    """True for the second half of `x[i] += y`: the view x[i] was written to, and so was x."""
    if i is not None or not isinstance(v, Tensor) or v.base is None:
        return False
    base = v.fresh().base
    return base.parent is x and base.primitive is getitem and base.static["key"] == key


def values_for(x, shape, v):
    """The values in the dtype of x and the shape of the place."""
    number = v if v.__class__ in SCALARS else None
    v = array(v, NAME)
    if v.dtype.kind == "c" and x.dtype.kind != "c":
        raise TypeError(
            f"{NAME}: the values are {v.dtype}, which does not fit into x of dtype {x.dtype}; "
            "take their real part"
        )
    if number is not None:
        v = np.full_like(bottom(x), number, shape=())  # on the device of x
    same_device(NAME, bottom(x), bottom(v), names=("x", "the values"))
    v = astype(v, x.dtype)
    extra = len(v.shape) - len(shape)
    if extra > 0 and set(v.shape[:extra]) == {1}:
        v = reshape(v, shape=tuple(v.shape[extra:]))
    if tuple(v.shape) == shape:
        return v
    pairs = zip(v.shape[::-1], shape[::-1], strict=False)
    if len(v.shape) > len(shape) or any(n not in (1, m) for n, m in pairs):
        raise ValueError(
            f"{NAME}: the values have shape {tuple(v.shape)}, which does not broadcast to the "
            f"place, of shape {shape} (x: {tuple(x.shape)})"
        )
    return broadcast_to(with_rank(v, len(shape)), shape=shape)


def plain(v, level):
    """True for an array, and for a Tensor of this level that holds one."""
    return not isinstance(v.value if isinstance(v, Tensor) and v.level == level else v, Value)


def write(x, key, i, v):
    """Write arrays into memory, and record it."""
    v = v if isinstance(v, Tensor) else x.like(v)
    primitive, args = (indexing.update, (v,)) if i is None else (indexing.scatter_set, (i, v))
    histories = []
    if recording.get() and is_recorded(x, v, NAME):
        histories = list(new_histories(x, record_write(primitive, x, *args, key=key)))
    x.value[native(key, () if i is None else i)] = v.value
    settle(x, histories)
