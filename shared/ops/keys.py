"""From an index as users write it to a key and arrays, as `primitives.indexing` takes them."""

import operator

import numpy as np

from ..backend import device_of
from ..batching import Batched
from ..dispatch import Value, bottom
from ..errors import describe
from ..primitives.device import transfer
from ..primitives.joining import stack
from ..primitives.keys import ARRAY, out_of_range
from ..primitives.reduction import broadcast_to
from ..primitives.shape import reshape
from .axes import beside
from .promotion import astype, with_rank


def normal_slice(s, n):
    """A slice of an axis of size n as (start, stop, step); stop None: to the very end.

    >>> normal_slice(slice(None, None, -1), 4)
    (3, None, -1)
    """
    start, stop, step = s.indices(n)
    if step < 0 and stop < 0:
        return (start, None, step) if start >= 0 else (0, 0, 1)
    return (start, max(start, stop), step) if step > 0 else (start, stop, step)


def normal_integer(index, axis, shape):
    """An integer index as a non-negative one; IndexError where it leaves its axis."""
    n = shape[axis]
    if not -n <= index < n:
        raise out_of_range(index, axis, shape)
    return index + n if index < 0 else index


def key_of(x, index):
    """(key, i): what `index` means for x; i are its index arrays, None where there are none.

    Raises IndexError for too many indices, one out of range or of a wrong type; TypeError for a
    boolean mask that carries a batch. Arrays on the host go to the device of x, once.
    """
    entries = [_entry(x, e) for e in (index if index.__class__ is tuple else (index,))]
    entries = _without_ellipsis(entries, x.shape)
    key, arrays, axis = [], [], 0
    for entry in entries:
        if entry is None or entry is Ellipsis:
            key.append(entry)
            continue
        if axis >= len(x.shape):
            raise IndexError(
                f"getitem: {_consumed(entries)} indices are too many for the {len(x.shape)} axes "
                f"of x: {tuple(x.shape)}"
            )
        if entry.__class__ is slice:
            key.append(normal_slice(entry, x.shape[axis]))
        elif entry.__class__ is int:
            key.append(normal_integer(entry, axis, x.shape))
        else:
            found = _arrays(entry, x.shape, axis)
            key += [ARRAY] * len(found)
            arrays += found
            axis += len(found) - 1
        axis += 1
    if not arrays:
        return tuple([k for k in key if k is not Ellipsis]), None
    return tuple(key), stacked([_beside(x, a) for a in arrays])


def _beside(x, i):
    """An index array on the device of x: one on the host is copied there, as torch does it.

    The other way round nothing is copied: the primitive refuses, as a copy to the host waits.
    """
    own = bottom(x)
    if own.__class__ is np.ndarray or device_of(bottom(i)) != "cpu":
        return i
    device = device_of(own)
    return i if device == "cpu" else transfer(i, device=device, source="cpu")


def _entry(x, entry):
    """One entry of an index: None, Ellipsis, a slice, an int, or an array or Value."""
    if entry is None or entry is Ellipsis or entry.__class__ in (slice, int):
        return entry
    if isinstance(entry, (bool, np.bool_)):
        raise IndexError("getitem: True and False are no indices; use a mask of x's shape")
    if isinstance(entry, (list, tuple, range)):
        array = np.asarray(entry)
        return beside(x, array.astype(np.intp) if not array.size else array)
    if isinstance(entry, Value) or hasattr(entry, "__cuda_array_interface__"):
        return entry
    if isinstance(entry, np.ndarray) and (entry.ndim or entry.dtype.kind == "b"):
        return entry
    try:
        return operator.index(entry)
    except TypeError:
        raise _wrong(entry) from None


def _wrong(entry):
    return IndexError(
        "getitem: an index is an integer, a slice, None, ..., or an array of integers or booleans, "
        f"not {describe(entry)}"
    )


def _consumed(entries):
    """How many axes the entries stand for."""
    axes = 0
    for entry in entries:
        if entry is not None and entry is not Ellipsis:
            kind = getattr(getattr(entry, "dtype", None), "kind", "")
            axes += len(entry.shape) if kind == "b" else 1
    return axes


def _without_ellipsis(entries, shape):
    """The entries with ... written out; one for no axis at all stays, as it parts index arrays."""
    places = [i for i, e in enumerate(entries) if e is Ellipsis]
    if not places:
        return entries
    if len(places) > 1:
        raise IndexError("getitem: an index has one ... at most")
    missing = len(shape) - _consumed(entries)
    if missing > 0:
        place = places[0]
        return [*entries[:place], *[slice(None)] * missing, *entries[place + 1 :]]
    return entries


def _arrays(entry, shape, axis):
    """The integer arrays that an array or mask stands for."""
    kind = entry.dtype.kind
    if kind in "iu":
        return [entry]
    if kind != "b":
        raise _wrong(entry)
    mask = concrete(entry, "getitem: a boolean mask")
    covered = tuple(shape[axis : axis + mask.ndim])
    if mask.shape != covered:
        raise IndexError(
            f"getitem: a mask of shape {mask.shape} does not fit the axes it is for, of sizes "
            f"{covered} (x: {tuple(shape)})"
        )
    if not mask.ndim:
        raise IndexError("getitem: True and False are no indices; use a mask of x's shape")
    return list(np.nonzero(mask))


def concrete(x, what):
    """The array under a Value; TypeError under vmap, where the result has no one shape."""
    while isinstance(x, Value):
        if x.__class__ is Batched:
            raise TypeError(
                f"{what} under vmap gives each element a result of its own length (from "
                f"{describe(x)} in each); keep the shape with where(mask, x, 0) instead"
            )
        if not isinstance(x.value, Value):
            return x.concrete(what)
        x = x.value
    return x


def stacked(arrays):
    """Index arrays broadcast to one shape, as one operand: (k, ...)."""
    if len(arrays) == 1:
        return reshape(arrays[0], shape=(1, *arrays[0].shape))
    if {a.__class__ for a in arrays} == {np.ndarray}:
        first = arrays[0]
        if all(a.shape == first.shape and a.dtype == first.dtype for a in arrays):
            return np.array(arrays)
    try:
        shape = np.broadcast_shapes(*[a.shape for a in arrays])
    except ValueError:
        given = ", ".join(str(tuple(a.shape)) for a in arrays)
        raise IndexError(f"getitem: the index arrays do not broadcast ({given})") from None
    dtypes = {a.dtype for a in arrays}
    wide = []
    for a in arrays:
        a = astype(a, np.int64) if len(dtypes) > 1 else a
        wide.append(a if a.shape == shape else broadcast_to(with_rank(a, len(shape)), shape=shape))
    return stack(*wide, axis=0)
