"""NumPy's joining and splitting."""

import numpy as np

from ..primitives import joining
from .axes import array, axis_of, beside, refuse
from .indexing import getitem
from .promotion import astype, result_type
from .shape import atleast_1d, atleast_2d, atleast_3d, ravel, transpose


def _joinable(operation, arrays, dtype=None):
    """The arrays with one dtype."""
    if not isinstance(arrays, (list, tuple)):
        return list(joining.unstack(array(arrays, operation), axis=0))
    if not arrays:
        raise ValueError(f"{operation}: there is nothing to join; give one array or more")
    xs = [array(x, operation) for x in arrays]
    placed = [x for x, given in zip(xs, arrays, strict=True) if hasattr(given, "dtype")]
    if 0 < len(placed) < len(xs):  # numbers and lists go to where the arrays are
        xs = [x if hasattr(a, "dtype") else beside(placed[0], x) for x, a in zip(xs, arrays)]  # noqa: B905
    dtype = result_type(*xs) if dtype is None else dtype
    return [x if x.dtype == dtype else astype(x, dtype) for x in xs]


def concatenate(arrays, /, axis=0, out=None, *, dtype=None, casting="same_kind"):
    """The arrays one after another along an axis (None: all their entries).

    >>> concatenate([np.ones((1, 2)), np.zeros((1, 2))]).shape
    (2, 2)
    """
    refuse("concatenate", out=out)
    xs = _joinable("concatenate", arrays, dtype)
    if axis is None:
        xs, axis = [ravel(x) for x in xs], 0
    return joining.concatenate(*xs, axis=axis_of("concatenate", axis, xs[0].shape))


concat = concatenate


def stack(arrays, axis=0, out=None, *, dtype=None, casting="same_kind"):
    """The arrays side by side along a new axis.

    >>> stack([np.ones(3), np.zeros(3)], axis=1).shape
    (3, 2)
    """
    refuse("stack", out=out)
    xs = _joinable("stack", arrays, dtype)
    return joining.stack(*xs, axis=axis_of("stack", axis, xs[0].shape, new=1))


def vstack(tup, *, dtype=None, casting="same_kind"):
    """The arrays one below another, vectors as rows.

    >>> vstack([np.ones(3), np.zeros(3)]).shape
    (2, 3)
    """
    return concatenate([atleast_2d(x) for x in _joinable("vstack", tup, dtype)])


def hstack(tup, *, dtype=None, casting="same_kind"):
    """The arrays one beside another: vectors end to end, others along axis 1.

    >>> hstack([np.ones(3), np.zeros(2)]).shape
    (5,)
    """
    xs = [atleast_1d(x) for x in _joinable("hstack", tup, dtype)]
    return concatenate(xs, axis=0 if len(xs[0].shape) == 1 else 1)


def dstack(tup):
    """The arrays one behind another, along axis 2.

    >>> dstack([np.ones((2, 3)), np.zeros((2, 3))]).shape
    (2, 3, 2)
    """
    return concatenate([atleast_3d(x) for x in _joinable("dstack", tup)], axis=2)


def column_stack(tup):
    """Vectors as the columns of a matrix.

    >>> column_stack([np.ones(3), np.zeros(3)]).shape
    (3, 2)
    """
    xs = [
        x if len(x.shape) > 1 else transpose(atleast_2d(x)) for x in _joinable("column_stack", tup)
    ]
    return concatenate(xs, axis=1)


def append(arr, values, axis=None):
    """values behind arr, along an axis or entry by entry.

    >>> append(np.ones(2), 5.0)
    array([1., 1., 5.])
    """
    return concatenate([arr, values], axis=axis)


def _at_places(x, axis, places):
    """The pieces of x cut at the places, as slices would cut; NumPy lets them overlap."""
    n = x.shape[axis]
    places = [slice(place).indices(n)[1] for place in places]
    starts, stops = [0, *places], [*places, n]
    if starts == sorted(starts):
        sizes = tuple([stop - start for start, stop in zip(starts, stops, strict=True)])
        return list(joining.split(x, axis=axis, sizes=sizes))
    before = (slice(None),) * axis
    return [getitem(x, (*before, slice(*pair))) for pair in zip(starts, stops, strict=True)]


def split(ary, indices_or_sections, axis=0):
    """Equal pieces, or the pieces between the given places; a list.

    >>> [x.tolist() for x in split(np.arange(4.0), 2)]
    [[0.0, 1.0], [2.0, 3.0]]
    """
    x = array(ary, "split")
    n = x.shape[axis_of("split", axis, x.shape)]
    if np.ndim(indices_or_sections) == 0 and n % indices_or_sections:
        raise ValueError(
            f"split: {indices_or_sections} equal pieces cannot be made of {n} along axis {axis} "
            f"(x: {x.shape}); array_split makes unequal ones"
        )
    return array_split(x, indices_or_sections, axis)


def array_split(ary, indices_or_sections, axis=0):
    """As split, but the pieces need not be equal: the first ones get one entry more.

    >>> [x.tolist() for x in array_split(np.arange(3.0), 2)]
    [[0.0, 1.0], [2.0]]
    """
    x = array(ary, "array_split")
    axis = axis_of("array_split", axis, x.shape)
    if np.ndim(indices_or_sections):
        return _at_places(x, axis, np.asarray(indices_or_sections).tolist())
    n, pieces = x.shape[axis], int(indices_or_sections)
    if pieces < 1:
        raise ValueError(f"array_split: {pieces} pieces cannot be made; ask for 1 or more")
    sizes = tuple([n // pieces + (i < n % pieces) for i in range(pieces)])
    return list(joining.split(x, axis=axis, sizes=sizes))


def hsplit(ary, indices_or_sections):
    """Split along axis 1, a vector along axis 0.

    >>> len(hsplit(np.ones((2, 4)), 2))
    2
    """
    x = array(ary, "hsplit")
    return split(x, indices_or_sections, 1 if len(x.shape) > 1 else 0)


def vsplit(ary, indices_or_sections):
    """Split along axis 0 of a matrix.

    >>> len(vsplit(np.ones((4, 2)), 2))
    2
    """
    return split(ary, indices_or_sections, 0)


def dsplit(ary, indices_or_sections):
    """Split along axis 2.

    >>> len(dsplit(np.ones((1, 1, 4)), 2))
    2
    """
    return split(ary, indices_or_sections, 2)


def unstack(x, /, *, axis=0):
    """The slices of x along an axis, which goes.

    >>> [row.tolist() for row in unstack(np.array([[1.0, 2.0], [3.0, 4.0]]))]
    [[1.0, 2.0], [3.0, 4.0]]
    """
    x = array(x, "unstack")
    return joining.unstack(x, axis=axis_of("unstack", axis, x.shape))
