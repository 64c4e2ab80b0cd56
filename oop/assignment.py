"""x[i] = v: the history is that of `at(x)[i].set(v)`, the value is written into the memory of x."""

import numpy as np

from ..shared.dispatch import Value
from ..shared.ops.axes import array
from ..shared.ops.keys import key_of
from ..shared.ops.promotion import astype, with_rank
from ..shared.primitives import indexing
from ..shared.primitives.indexing import getitem
from ..shared.primitives.keys import indexed_shape, native
from ..shared.primitives.reduction import broadcast_to
from ..shared.primitives.shape import reshape
from .grad_mode import recording
from .inplace import (
    become,
    check_writable,
    in_memory,
    is_recorded,
    new_histories,
    record_write,
    settle,
)
from .tensor import Tensor

NAME = "x[i] = v"


def setitem(x, index, v):
    """x[index] = v, in place; v broadcasts to the place and takes the dtype of x.

    Of several values for one entry the last stays, and takes the gradient.
    """
    key, i = key_of(x, index)
    if is_written_view(x, key, i, v):
        return
    check_writable(x, NAME)
    v = values_for(x, indexed_shape(x.shape, key, i), v)
    if in_memory(x.value) and plain(v, x.level) and (i is None or i.__class__ is np.ndarray):
        write(x, key, i, v)
    elif i is None:
        become(x, indexing.update(x, v, key=key), NAME)
    else:
        become(x, indexing.scatter_set(x, i, v, key=key), NAME)


def is_written_view(x, key, i, v):
    """True for the second half of `x[i] += y`: the view x[i] was written to, and so was x."""
    if i is not None or not isinstance(v, Tensor) or v.base is None:
        return False
    base = v.fresh().base
    return base.parent is x and base.primitive is getitem and base.static["key"] == key


def values_for(x, shape, v):
    """The values in the dtype of x and the shape of the place."""
    v = array(v, NAME)
    if v.dtype.kind == "c" and x.dtype.kind != "c":
        raise TypeError(
            f"{NAME}: the values are {v.dtype}, which does not fit into x of dtype {x.dtype}; "
            "take their real part"
        )
    v = astype(v, x.dtype)
    extra = len(v.shape) - len(shape)
    if extra > 0 and set(v.shape[:extra]) == {1}:
        v = reshape(v, shape=tuple(v.shape[extra:]))
    if tuple(v.shape) == shape:
        return v
    pairs = zip(v.shape[::-1], shape[::-1], strict=False)
    if len(v.shape) > len(shape) or any(n not in (1, m) for n, m in pairs):
        raise ValueError(
            f"{NAME}: the values have shape {tuple(v.shape)}, which does not broadcast to the place, "
            f"of shape {shape} (x: {tuple(x.shape)})"
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
