"""torch's picking and scattering by index."""

import numpy as np

from ...shared import ops
from ...shared.dispatch import Value, bottom
from ...shared.ops.indexing import at
from .arguments import axis_of, value


def _at(dim, index):
    """The index that applies `index` to one axis."""
    return (slice(None),) * dim + (index,)


def index_select(input, dim, index):
    """The slices along a dim that the indices name."""
    x = value(input)
    return x[_at(axis_of("index_select", dim, len(x.shape)), _vector(index))]


def _vector(index):
    """An index of one axis, from a Tensor, an array or a list."""
    return index if isinstance(index, Value) else np.asarray(index).reshape(-1)


def index_add(input, dim, index, source, *, alpha=1):
    """input with alpha source added to the slices that the indices name, once for each time."""
    x = value(input)
    place = _at(axis_of("index_add", dim, len(x.shape)), _vector(index))
    return at(x)[place].add(source if alpha == 1 else source * alpha)


def index_copy(input, dim, index, source):
    """input with the slices of source in place of those that the indices name."""
    x = value(input)
    return at(x)[_at(axis_of("index_copy", dim, len(x.shape)), _vector(index))].set(source)


def index_fill(input, dim, index, value):
    """input with a number in the slices that the indices name."""
    return at(input)[_at(axis_of("index_fill", dim, len(input.shape)), _vector(index))].set(value)


def gather(input, dim, index):
    """z[i, j] = x[index[i, j], j] for dim 0, x[i, index[i, j]] for dim 1, and so on.

    index has as many axes as input, and is nowhere larger but along the dim.
    """
    x, index = value(input), value(index)
    axis = _check("gather", x, dim, index)
    within = [slice(None) if a == axis else slice(n) for a, n in enumerate(index.shape)]
    return ops.take_along_axis(x[tuple(within)], index, axis)


def take_along_dim(input, indices, dim=None):
    """As gather, with the other axes broadcast; without a dim, of the flattened input."""
    x = value(input)
    if dim is None:
        return ops.ravel(x)[ops.ravel(value(indices))]
    return ops.take_along_axis(x, value(indices), dim)


def _check(operation, x, dim, index):
    axis = axis_of(operation, dim, len(x.shape) or 1)
    sizes = list(zip(index.shape, x.shape, strict=False))
    fits = len(index.shape) == len(x.shape) and not [
        a for a, (n, m) in enumerate(sizes) if n > m and a != axis
    ]
    if not fits:
        raise ValueError(
            f"{operation}: the index must have the axes of the input and be nowhere larger, but "
            f"along dim {dim} (index: {tuple(index.shape)}, input: {tuple(x.shape)})"
        )
    return axis


def _scattered(operation, input, dim, index, src):
    """(the place in input, the values for it)."""
    x, index = value(input), value(index)
    axis = _check(operation, x, dim, index)
    mesh = [
        index if a == axis else np.arange(n).reshape((-1,) + (1,) * (len(index.shape) - a - 1))
        for a, n in enumerate(index.shape)
    ]
    if hasattr(src, "shape") and len(src.shape):
        if any(n > m for n, m in zip(index.shape, src.shape, strict=False)):
            raise ValueError(
                f"{operation}: the index is larger than the values "
                f"(index: {tuple(index.shape)}, src: {tuple(src.shape)})"
            )
        src = src[tuple([slice(n) for n in index.shape])]
    return at(x)[tuple(mesh)], src


def scatter(input, dim, index, src=None, *, value=None, reduce=None):
    """input with src[i, j] at z[index[i, j], j] for dim 0, and so on; the last of several stays.

    reduce: 'add' or 'multiply' to combine with what is there instead.
    """
    src = value if src is None else src
    place, src = _scattered("scatter", input, dim, index, src)
    if reduce is None:
        return place.set(src)
    if reduce not in ("add", "multiply"):
        raise ValueError(f"scatter: reduce {reduce!r} is neither 'add' nor 'multiply'")
    return place.add(src) if reduce == "add" else place.multiply(src)


def scatter_add(input, dim, index, src):
    """input with src[i, j] added to z[index[i, j], j] for dim 0, and so on."""
    place, src = _scattered("scatter_add", input, dim, index, src)
    return place.add(src)


def take(input, index):
    """The entries of the flattened input that the indices name, in their shape."""
    return ops.take(value(input), index)


def masked_select(input, mask):
    """The entries where the mask holds, as a vector."""
    x = value(input)
    if tuple(mask.shape) != tuple(x.shape):
        x, mask = ops.broadcast_arrays(x, mask)
    return x[mask]


def nonzero(input, *, as_tuple=False):
    """The indices of the entries that are not 0: a row each; as_tuple: one Tensor per axis."""
    found = ops.nonzero(value(input))
    if as_tuple:
        return tuple([value(i) for i in found])
    return value(np.stack(found, axis=-1) if found else np.zeros((0, 0), np.int64))


argwhere = nonzero


def repeat_interleave(input, repeats, dim=None):
    """Each entry, or slice along a dim, repeated so often: one number, or one for each."""
    x = value(input)
    if dim is None:
        x, dim = ops.ravel(x), 0
    axis = axis_of("repeat_interleave", dim, len(x.shape))
    counts = bottom(repeats) if isinstance(repeats, Value) else repeats
    return x[_at(axis, np.repeat(np.arange(x.shape[axis]), counts))]


def searchsorted(sorted_sequence, values, *, right=False, side=None):
    """Where to insert the values so that the order stays; side 'left' or 'right' of equal ones."""
    side = side or ("right" if right else "left")
    return value(ops.searchsorted(value(sorted_sequence), values, side))


def bucketize(input, boundaries, *, right=False):
    """The number of the bucket between the boundaries that each entry falls into."""
    return searchsorted(boundaries, input, right=right)


def bincount(input, weights=None, minlength=0):
    """How often each of 0, 1, 2 ... occurs, or the sum of its weights."""
    x = value(input)
    found = np.asarray(bottom(x))
    n = max(int(found.max(initial=-1)) + 1, minlength)
    if weights is None:
        return value(np.bincount(found, minlength=n))
    weights = value(weights)
    return at(value(np.zeros(n, weights.dtype)))[x].add(weights)
