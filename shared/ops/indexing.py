"""Reading and writing by index: x[i], take, and `at(x)[i].set(v)`, which leaves x as it was."""

import math

import numpy as np

from ..dispatch import Value, bottom
from ..errors import describe
from ..primitives import indexing, sorting
from ..primitives.comparison import equal, less
from ..primitives.joining import concatenate, stack, unstack
from ..primitives.keys import ARRAY, array_sizes, consuming, indexed_shape, whole
from ..primitives.reduction import broadcast_to
from ..primitives.selection import where as select
from ..primitives.shape import ones, reshape
from .axes import array, axis_of, beside, refuse
from .elementwise import divide as divided
from .elementwise import multiply as multiplied
from .elementwise import power as powered
from .keys import concrete, key_of, normal_integer, normal_slice
from .promotion import SCALARS, astype, with_rank
from .selection import maximum, minimum

ONE_ARRAY = (ARRAY,)


def getitem(x, index):
    """x[index], by NumPy's rules: integers, slices, None, ..., integer arrays and boolean masks.

    >>> getitem(np.array([1.0, 2.0, 3.0]), slice(None, None, -1))
    array([3., 2., 1.])
    """
    if index.__class__ is int and x.shape:
        return indexing.getitem(x, key=(normal_integer(index, 0, x.shape),))
    if index.__class__ is slice and x.shape:
        return indexing.getitem(x, key=(normal_slice(index, x.shape[0]),))
    if index.__class__ is np.ndarray and index.ndim and index.dtype.kind == "i" and x.shape:
        return indexing.gather(x, beside(x, index[None]), key=ONE_ARRAY)
    x = array(x, "getitem")
    key, i = key_of(x, index)
    return indexing.getitem(x, key=key) if i is None else indexing.gather(x, i, key=key)


def take(a, indices, axis=None, out=None, mode="raise"):
    """The entries, or the slices along an axis, that the indices name.

    mode: 'raise' for IndexError outside, 'wrap' or 'clip' to fold indices into the axis.

    >>> take(np.array([1.0, 2.0, 3.0]), [2, 0])
    array([3., 1.])
    """
    refuse("take", out=out)
    x = array(a, "take")
    if axis is None:
        x, axis = reshape(x, shape=(math.prod(x.shape),)), 0
    axis = axis_of("take", axis, x.shape)
    i = indices if hasattr(indices, "dtype") else beside(x, np.asarray(indices))
    i = _folded(i, x.shape[axis], mode)
    return getitem(x, (slice(None),) * axis + (i,))


def _folded(i, n, mode):
    if i.dtype.kind == "b" or (i.dtype.kind == "f" and not math.prod(i.shape)):
        i = astype(i, np.int64)
    if mode == "raise":
        return i
    if mode == "wrap":
        return i % n
    if mode == "clip":
        return minimum(maximum(i, 0), n - 1)
    raise ValueError(f"take: mode {mode!r} is none of 'raise', 'wrap', 'clip'")


def _aligned(operation, x, i, axis):
    """x and i with equal sizes beside the axis, as take_along_axis pairs them."""
    i = array(i, operation)
    if i.dtype.kind not in "iu":
        raise IndexError(f"{operation}: indices are integers, not {describe(i)}")
    if len(i.shape) != len(x.shape):
        raise ValueError(
            f"{operation}: x and the indices differ in rank (x: {x.shape}, indices: {i.shape})"
        )
    wide = []
    for a, (n, m) in enumerate(zip(x.shape, i.shape, strict=True)):
        if a != axis and n != m and 1 not in (n, m):
            raise ValueError(
                f"{operation}: x and the indices do not broadcast on axis {a} "
                f"(x: {x.shape}, indices: {i.shape})"
            )
        wide.append(max(n, m) if 0 not in (n, m) else 0)
    fit = [broadcast_to(y, shape=(*wide[:axis], y.shape[axis], *wide[axis + 1 :])) for y in (x, i)]
    return [y if y.shape == w.shape else w for y, w in zip((x, i), fit, strict=True)]


def take_along_axis(arr, indices, axis=-1):
    """z[..., j, ...] = x[..., i[..., j, ...], ...]: what argsort and argmax point to.

    >>> x = np.array([[3.0, 1.0, 2.0]])
    >>> take_along_axis(x, np.argsort(x, axis=1), axis=1)
    array([[1., 2., 3.]])
    """
    x = array(arr, "take_along_axis")
    if axis is None:
        x, axis = reshape(x, shape=(math.prod(x.shape),)), 0
    axis = axis_of("take_along_axis", axis, x.shape)
    x, i = _aligned("take_along_axis", x, indices, axis)
    return sorting.take_along_axis(x, i, axis=axis)


def put_along_axis(arr, indices, values, axis):
    """arr with values at the places take_along_axis reads: a new array, unlike NumPy's.

    >>> put_along_axis(np.zeros((1, 3)), np.array([[2]]), 5.0, axis=1)
    array([[0., 0., 5.]])
    """
    x = array(arr, "put_along_axis")
    axis = axis_of("put_along_axis", axis, x.shape)
    x, i = _aligned("put_along_axis", x, indices, axis)
    mesh = [
        i if a == axis else beside(x, np.arange(n).reshape((-1,) + (1,) * (len(i.shape) - a - 1)))
        for a, n in enumerate(i.shape)
    ]
    return at(x)[tuple(mesh)].set(values)


def nonzero(a):
    """The indices of the entries that are not 0, one array per axis; not under vmap.

    >>> nonzero(np.array([0.0, 3.0, 5.0]))
    (array([1, 2]),)
    """
    return np.nonzero(concrete(array(a, "nonzero"), "nonzero: indices"))


def flatnonzero(a):
    """The places of the entries that are not 0, in C order; not under vmap.

    >>> flatnonzero(np.array([[0.0, 3.0], [5.0, 0.0]]))
    array([1, 2])
    """
    return np.flatnonzero(concrete(array(a, "flatnonzero"), "flatnonzero: indices"))


def argwhere(a):
    """The indices of the entries that are not 0, one row per entry; not under vmap.

    >>> argwhere(np.array([[0.0, 3.0]]))
    array([[0, 1]])
    """
    return np.argwhere(concrete(array(a, "argwhere"), "argwhere: indices"))


def compress(condition, a, axis=None, out=None):
    """The slices along an axis where the condition, a vector, holds; not under vmap.

    >>> compress([True, False, True], np.array([1.0, 2.0, 3.0]))
    array([1., 3.])
    """
    return take(a, flatnonzero(condition), axis, out)


def extract(condition, arr):
    """The entries where the condition holds, in C order; not under vmap.

    >>> extract(np.array([True, False]), np.array([1.0, 2.0]))
    array([1.])
    """
    return take(arr, flatnonzero(condition))


def repeat(a, repeats, axis=None):
    """Each entry, or each slice along an axis, `repeats` times: a number, or one number for each.

    >>> repeat(np.array([1.0, 2.0]), 2)
    array([1., 1., 2., 2.])
    """
    x = array(a, "repeat")
    if axis is None:
        x, axis = reshape(x, shape=(math.prod(x.shape),)), 0
    axis = axis_of("repeat", axis, x.shape)
    n = x.shape[axis]
    counts = np.asarray(repeats)
    if counts.size > 1:
        return take(x, beside(x, np.repeat(np.arange(n), counts)), axis)
    lead, times, rest = x.shape[:axis], int(counts.reshape(-1)[0]), x.shape[axis + 1 :]
    x = broadcast_to(reshape(x, shape=(*lead, n, 1, *rest)), shape=(*lead, n, times, *rest))
    return reshape(x, shape=(*lead, n * times, *rest))


def delete(arr, obj, axis=None):
    """arr without the slices that obj (integers, a slice or a mask) names along an axis.

    >>> delete(np.array([1.0, 2.0, 3.0]), 1)
    array([1., 3.])
    """
    x = array(arr, "delete")
    if axis is None:
        x, axis = reshape(x, shape=(math.prod(x.shape),)), 0
    axis = axis_of("delete", axis, x.shape)
    obj = concrete(obj, "delete: what to leave out") if isinstance(obj, Value) else obj
    return take(x, beside(x, np.delete(np.arange(x.shape[axis]), obj)), axis)


WEAK = {"i": np.dtype(np.int8), "f": np.dtype(np.float16), "c": np.dtype(np.complex64)}


class At:
    """The way to changed copies: `at(x)[i].set(v)` is what x would be after `x[i] = v`.

    `at(x)[i]` is a Place, with get set add subtract multiply divide power min max apply.
    """

    __slots__ = ("x",)

    def __init__(self, x):
        self.x = array(x, "at")

    def __getitem__(self, index):
        return Place(self.x, *key_of(self.x, index))


at = At


class Place:
    """Some entries of x, by index: each method returns a copy of x in which they are changed.

    The values broadcast to the place and take the dtype of x. Of several values for one entry `set`
    keeps the last, which also takes the derivative; the others all apply, one after another.
    """

    __slots__ = ("i", "key", "x")

    def __init__(self, x, key, i):
        self.x, self.key, self.i = x, key, i

    def get(self):
        """The entries themselves, x[i]."""
        if self.i is None:
            return indexing.getitem(self.x, key=self.key)
        return indexing.gather(self.x, self.i, key=self.key)

    def set(self, values):
        """x with the values in the place.

        >>> at(np.zeros(3))[1].set(5.0)
        array([0., 5., 0.])
        """
        return self._write(self._fitted(values, "set"))

    def add(self, values):
        """x with the values added in the place.

        >>> at(np.zeros(3))[[1, 1]].add(5.0)
        array([ 0., 10.,  0.])
        """
        values = self._fitted(values, "add")
        if self.i is None:
            return self._write(self.get() + values)
        return indexing.scatter_add(self.x, self.i, values, key=self.key)

    def subtract(self, values):
        """x with the values subtracted in the place."""
        return self.add(-self._fitted(values, "subtract"))

    def multiply(self, values):
        """x with the place multiplied by the values."""
        return self._changed(multiplied, values, "multiply")

    mul = multiply

    def divide(self, values):
        """x with the place divided by the values."""
        return self._changed(divided, values, "divide")

    def power(self, values):
        """x with the place raised to the power of the values."""
        return self._changed(powered, values, "power")

    def min(self, values):
        """x with the smaller of the place and the values in the place."""
        return self._changed(minimum, values, "min")

    def max(self, values):
        """x with the larger of the place and the values in the place."""
        return self._changed(maximum, values, "max")

    def apply(self, f):
        """x with f(the place) in the place; once per entry, however often it is named.

        >>> at(np.array([1.0, 4.0]))[1].apply(np.sqrt)
        array([1., 2.])
        """
        return self._write(self._fitted(f(self.get()), "apply"))

    def _write(self, values):
        if self.i is None:
            return indexing.update(self.x, values, key=self.key)
        return indexing.scatter_set(self.x, self.i, values, key=self.key)

    def _fitted(self, values, method):
        """The values in the dtype of x and the shape of the place."""
        v = array(values, "at")
        weak = values.__class__ in SCALARS  # a Python number is of a kind, not of a dtype
        given = WEAK.get(v.dtype.kind, v.dtype) if weak else v.dtype
        if not np.can_cast(given, self.x.dtype, "same_kind"):
            raise TypeError(
                f"at.{method}: values of {v.dtype} do not fit into x of {self.x.dtype}; "
                f"widen x first: astype(x, {str(np.result_type(v.dtype, self.x.dtype))!r})"
            )
        if weak:
            v = np.full_like(bottom(self.x), values, shape=())
        return self._widened(astype(v, self.x.dtype), method)

    def _widened(self, v, method):
        shape = indexed_shape(self.x.shape, self.key, self.i)
        extra = len(v.shape) - len(shape)
        if extra > 0 and set(v.shape[:extra]) == {1}:
            v = reshape(v, shape=v.shape[extra:])
        pairs = zip(v.shape[::-1], shape[::-1], strict=False)
        if len(v.shape) > len(shape) or [n for n, m in pairs if n not in (1, m)]:
            raise ValueError(
                f"at.{method}: values of shape {tuple(v.shape)} do not broadcast to the place, of "
                f"shape {shape} (x: {tuple(self.x.shape)})"
            )
        v = with_rank(v, len(shape))
        return v if v.shape == shape else broadcast_to(v, shape=shape)

    def _changed(self, f, values, method):
        values = self._fitted(values, method)
        if self.i is None:
            return self._write(f(self.get(), values))
        rank = indexing.occurrence(self.i, sizes=array_sizes(self.x.shape, self.key))
        rounds = int(bottom(rank).max()) + 1 if math.prod(bottom(rank).shape) else 0
        if rounds < 2:
            return self._write(f(self.get(), values))
        return self._one_after_another(f, values, rank, rounds)

    def _one_after_another(self, f, values, rank, rounds):
        """f applied in rounds, in each at most once per entry; the rest goes to a spare slice."""
        axis = consuming(self.key).index(ARRAY)
        shape = self.x.shape
        n = shape[axis]
        x = concatenate(self.x, ones(self.x, (*shape[:axis], 1, *shape[axis + 1 :])), axis=axis)
        first, *others = unstack(self.i, axis=0)
        first = select(less(first, 0), first + n, first)
        for number in range(rounds):
            own = select(equal(rank, number), first, n)
            place = Place(x, self.key, stack(own, *others, axis=0))
            x = place._write(f(place.get(), values))
        return indexing.getitem(x, key=(*map(whole, shape[:axis]), whole(n)))
