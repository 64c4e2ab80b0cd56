"""NumPy's ways to arrange the same entries anew: reshape, move axes, flip, roll, tile."""

import math

import numpy as np

from ..dispatch import Value
from ..primitives import reduction
from ..primitives import shape as arrange
from ..primitives.joining import concatenate, split
from .axes import array, axes_of, axis_of
from .promotion import with_rank


def shape_tuple(operation, shape):
    """A shape as a tuple of ints."""
    if shape.__class__ is int:
        return (shape,)
    try:
        return tuple([n.__index__() for n in shape])
    except (TypeError, AttributeError):
        for n in shape if isinstance(shape, (tuple, list)) else ():
            if isinstance(n, Value):  # says what to do where its number is not known
                n.concrete("shape")
        try:
            return (shape.__index__(),)
        except AttributeError:
            raise TypeError(
                f"{operation}: a shape is an integer or a sequence of them, not {shape!r}"
            ) from None


def reshape(a, /, shape, order="C", *, copy=None):
    """The entries of a, in C order, in another shape; one size may be -1, for what is left.

    >>> reshape(np.arange(6.0), (2, -1)).shape
    (2, 3)
    """
    x = array(a, "reshape")
    shape = shape_tuple("reshape", shape)
    if order != "C":
        return _reshape_fortran(x, shape, order)
    if -1 in shape:
        shape = _with_rest(x.shape, shape)
    return arrange.reshape(x, shape=shape)


def _reshape_fortran(x, shape, order):
    if order != "F":
        raise ValueError(f"reshape: order {order!r} is neither 'C' nor 'F'")
    return transpose(reshape(transpose(x), tuple(reversed(shape))))


def _with_rest(old, new):
    known = -math.prod(new)
    if new.count(-1) > 1 or not known or math.prod(old) % known:
        raise ValueError(f"reshape: {math.prod(old)} entries do not fill shape {new} (x: {old})")
    return tuple([math.prod(old) // known if n == -1 else n for n in new])


def ravel(a, order="C"):
    """The entries of a as a vector, in C order.

    >>> ravel(np.ones((2, 3))).shape
    (6,)
    """
    return reshape(a, (-1,) if math.prod(np.shape(a)) else (0,), order)


def transpose(a, axes=None):
    """The axes of a in another order, by default the opposite one.

    >>> transpose(np.ones((2, 3, 4))).shape
    (4, 3, 2)
    """
    x = array(a, "transpose")
    if axes is None:
        axes = range(len(x.shape) - 1, -1, -1)
        return arrange.transpose(x, axes=tuple(axes))
    axes = axes_of("transpose", tuple(axes), x.shape)
    return arrange.transpose(x, axes=axes)


permute_dims = transpose


def matrix_transpose(x, /):
    """The last two axes exchanged.

    >>> matrix_transpose(np.ones((2, 3, 4))).shape
    (2, 4, 3)
    """
    x = array(x, "matrix_transpose")
    if len(x.shape) < 2:
        raise ValueError(f"matrix_transpose: x is no matrix (x: {x.shape})")
    return arrange.swap_last(x)


def swapaxes(a, axis1, axis2):
    """Two axes exchanged.

    >>> swapaxes(np.ones((2, 3, 4)), 0, 2).shape
    (4, 3, 2)
    """
    x = array(a, "swapaxes")
    axes = list(range(len(x.shape)))
    i, j = axis_of("swapaxes", axis1, x.shape), axis_of("swapaxes", axis2, x.shape)
    axes[i], axes[j] = j, i
    return arrange.transpose(x, axes=tuple(axes))


def moveaxis(a, source, destination):
    """Axes moved to new places, the others in their order.

    >>> moveaxis(np.ones((2, 3, 4)), 0, -1).shape
    (3, 4, 2)
    """
    x = array(a, "moveaxis")
    source = axes_of("moveaxis", source, x.shape)
    destination = axes_of("moveaxis", destination, x.shape)
    if len(source) != len(destination):
        raise ValueError(
            f"moveaxis: {len(source)} axes cannot go to {len(destination)} places "
            f"(source: {source}, destination: {destination})"
        )
    axes = [a for a in range(len(x.shape)) if a not in source]
    for place, axis in sorted(zip(destination, source, strict=True)):
        axes.insert(place, axis)
    return arrange.transpose(x, axes=tuple(axes))


def rollaxis(a, axis, start=0):
    """One axis moved back until it stands before `start`.

    >>> rollaxis(np.ones((2, 3, 4)), 2).shape
    (4, 2, 3)
    """
    x = array(a, "rollaxis")
    axis = axis_of("rollaxis", axis, x.shape)
    start = axis_of("rollaxis", start, x.shape, new=1) if start >= 0 else start + len(x.shape)
    return moveaxis(x, axis, start - (axis < start))


def squeeze(a, axis=None):
    """Axes of size 1 removed: all of them, or those named.

    >>> squeeze(np.ones((1, 2, 1))).shape
    (2,)
    """
    x = array(a, "squeeze")
    if axis is None:
        axis = [i for i, n in enumerate(x.shape) if n == 1]
    axes = axes_of("squeeze", axis, x.shape)
    for i in axes:
        if x.shape[i] != 1:
            raise ValueError(f"squeeze: axis {i} has size {x.shape[i]}, not 1 (x: {x.shape})")
    return arrange.reshape(x, shape=tuple([n for i, n in enumerate(x.shape) if i not in axes]))


def expand_dims(a, axis):
    """New axes of size 1, at these places of the result.

    >>> expand_dims(np.ones(3), (0, 2)).shape
    (1, 3, 1)
    """
    x = array(a, "expand_dims")
    count = len(axis) if isinstance(axis, (tuple, list)) else 1
    axes = axes_of("expand_dims", axis, x.shape, new=count)
    sizes = iter(x.shape)
    shape = [1 if i in axes else next(sizes) for i in range(len(x.shape) + count)]
    return arrange.reshape(x, shape=tuple(shape))


def broadcast_to(array_, /, shape, subok=False):
    """x repeated along new leading axes and along axes of size 1.

    >>> broadcast_to(np.ones(3), (2, 3)).shape
    (2, 3)
    """
    x, shape = array(array_, "broadcast_to"), shape_tuple("broadcast_to", shape)
    return reduction.broadcast_to(with_rank(x, len(shape)), shape=shape)


def broadcast_arrays(*args, subok=False):
    """The arrays, each in the shape that all of them broadcast to.

    >>> [x.shape for x in broadcast_arrays(np.ones(3), np.ones((2, 1)))]
    [(2, 3), (2, 3)]
    """
    xs = [array(x, "broadcast_arrays") for x in args]
    try:
        shape = np.broadcast_shapes(*[x.shape for x in xs])
    except ValueError:
        given = ", ".join(str(x.shape) for x in xs)
        raise ValueError(f"broadcast_arrays: shapes do not broadcast ({given})") from None
    return tuple([x if x.shape == shape else broadcast_to(x, shape) for x in xs])


def meshgrid(*xi, copy=True, sparse=False, indexing="xy"):
    """The coordinates of a grid, one array per axis; 'xy': the first runs along the columns.

    sparse: of size 1 along the other axes.

    >>> [x.tolist() for x in meshgrid(np.arange(2), np.arange(3))]
    [[[0, 1], [0, 1], [0, 1]], [[0, 0], [1, 1], [2, 2]]]
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid: indexing is 'xy' or 'ij', not {indexing!r}")
    rank, grid = len(xi), []
    for i, x in enumerate(xi):
        place = 1 - i if indexing == "xy" and rank > 1 and i < 2 else i
        grid.append(reshape(array(x, "meshgrid"), (-1, *(1,) * (rank - place - 1))))
    if sparse:
        return tuple([with_rank(x, rank) for x in grid])
    return broadcast_arrays(*grid)


def flip(m, axis=None):
    """The order of entries reversed along the axes.

    >>> flip(np.array([1.0, 2.0, 3.0]))
    array([3., 2., 1.])
    """
    x = array(m, "flip")
    return arrange.flip(x, axes=axes_of("flip", axis, x.shape))


def fliplr(m):
    """The columns in reversed order.

    >>> fliplr(np.array([[1.0, 2.0]]))
    array([[2., 1.]])
    """
    return flip(m, 1)


def flipud(m):
    """The rows in reversed order.

    >>> flipud(np.array([1.0, 2.0]))
    array([2., 1.])
    """
    return flip(m, 0)


def rot90(m, k=1, axes=(0, 1)):
    """The plane of two axes turned by k quarters, from the first axis towards the second.

    >>> rot90(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([[2., 4.],
           [1., 3.]])
    """
    x = array(m, "rot90")
    first, second = axes_of("rot90", tuple(axes), x.shape)
    k %= 4
    if k == 2:
        return flip(x, (first, second))
    if k == 1:
        return swapaxes(flip(x, second), first, second)
    return flip(swapaxes(x, first, second), second) if k else flip(x, ())


def roll(a, shift, axis=None):
    """The entries moved on by `shift` places, those that leave at the end coming in at the front.

    >>> roll(np.array([1.0, 2.0, 3.0]), 1)
    array([3., 1., 2.])
    """
    x = array(a, "roll")
    if axis is None:
        return reshape(roll(ravel(x), shift, 0), x.shape)
    shifts, axes = np.broadcast_arrays(shift, axis)
    for steps, one in zip(shifts.ravel().tolist(), axes.ravel().tolist(), strict=True):
        x = _roll_axis(x, steps, axis_of("roll", one, x.shape))
    return x


def _roll_axis(x, steps, axis):
    n = x.shape[axis]
    steps = steps % n if n else 0
    if not steps:
        return x
    front, back = split(x, axis=axis, sizes=(n - steps, steps))
    return concatenate(back, front, axis=axis)


def tile(A, reps):
    """A repeated reps[i] times along axis i, as a whole.

    >>> tile(np.array([1.0, 2.0]), 2)
    array([1., 2., 1., 2.])
    """
    x, reps = array(A, "tile"), shape_tuple("tile", reps)
    x = with_rank(x, len(reps))
    reps = (1,) * (len(x.shape) - len(reps)) + reps
    pairs = tuple([m for n in x.shape for m in (1, n)])
    wide = tuple([m for pair in zip(reps, x.shape, strict=True) for m in pair])
    x_wide = reduction.broadcast_to(arrange.reshape(x, shape=pairs), shape=wide)
    shape = tuple([r * n for r, n in zip(reps, x.shape, strict=True)])
    return arrange.reshape(x_wide, shape=shape)


def atleast_1d(*arys):
    """Each array with one axis at least.

    >>> atleast_1d(2.0).shape
    (1,)
    """
    return _each([x if x.shape else reshape(x, (1,)) for x in _arrays("atleast_1d", arys)])


def atleast_2d(*arys):
    """Each array with two axes at least, new ones in front.

    >>> atleast_2d(np.ones(3)).shape
    (1, 3)
    """
    return _each([with_rank(x, 2) for x in _arrays("atleast_2d", arys)])


def atleast_3d(*arys):
    """Each array with three axes at least: a vector in the middle, a matrix in front.

    >>> atleast_3d(np.ones(3)).shape, atleast_3d(np.ones((2, 3))).shape
    ((1, 3, 1), (2, 3, 1))
    """
    xs = [with_rank(x, 2) for x in _arrays("atleast_3d", arys)]
    return _each([x if len(x.shape) > 2 else expand_dims(x, 2) for x in xs])


def _arrays(operation, xs):
    return [array(x, operation) for x in xs]


def _each(xs):
    return xs[0] if len(xs) == 1 else tuple(xs)


def tril(m, k=0):
    """What is on and below the k-th diagonal; zeros above.

    >>> tril(np.ones((2, 2)))
    array([[1., 0.],
           [1., 1.]])
    """
    return arrange.tril(array(m, "tril"), k=int(k))


def triu(m, k=0):
    """What is on and above the k-th diagonal; zeros below.

    >>> triu(np.ones((2, 2)))
    array([[1., 1.],
           [0., 1.]])
    """
    return arrange.triu(array(m, "triu"), k=int(k))
