"""torch's joining and taking apart. The pieces are views."""

from ...shared import ops
from .arguments import axis_of, value


def _joined(function, tensors, *args):
    return function([value(x) for x in tensors], *args)


def cat(tensors, dim=0, *, axis=None):
    """The Tensors one after another along an axis.

    >>> import wonderland.oop as oop
    >>> oop.cat([oop.ones(1, 2), oop.zeros(1, 2)]).shape
    (2, 2)
    """
    xs = [value(x) for x in tensors]
    # torch lets an empty vector stand for nothing at all
    some = [x for x in xs if tuple(x.shape) != (0,)] or xs
    return ops.concatenate(some, dim if axis is None else axis)


def stack(tensors, dim=0, *, axis=None):
    """The Tensors side by side along a new axis."""
    return _joined(ops.stack, tensors, dim if axis is None else axis)


def hstack(tensors):
    """The Tensors one beside another: vectors end to end, others along axis 1."""
    return _joined(ops.hstack, tensors)


def vstack(tensors):
    """The Tensors one below another, vectors as rows."""
    return _joined(ops.vstack, tensors)


def dstack(tensors):
    """The Tensors one behind another, along axis 2."""
    return _joined(ops.dstack, tensors)


def column_stack(tensors):
    """Vectors as the columns of a matrix."""
    return _joined(ops.column_stack, tensors)


def narrow(input, dim, start, length):
    """The entries from start to start + length along an axis."""
    x = value(input)
    axis = axis_of("narrow", dim, len(x.shape))
    n = x.shape[axis]
    start = start + n if start < 0 else start
    if length < 0 or not 0 <= start <= start + length <= n:
        raise ValueError(
            f"narrow: {start} to {start + length} does not lie within dim {dim} of size {n} "
            f"(input: {tuple(x.shape)})"
        )
    return _cut(x, axis, start, start + length)


def _cut(x, axis, start, stop):
    return x[(slice(None),) * axis + (slice(start, stop),)]


def select(input, dim, index):
    """The slice at one index of an axis, which goes."""
    x = value(input)
    return x[(slice(None),) * axis_of("select", dim, len(x.shape)) + (index,)]


def unbind(input, dim=0):
    """The slices along an axis, which goes: a tuple."""
    x = value(input)
    axis = axis_of("unbind", dim, len(x.shape))
    return tuple([select(x, axis, i) for i in range(x.shape[axis])])


def split(input, split_size_or_sections, dim=0):
    """Pieces of one size, the last perhaps smaller, or of the listed sizes: a tuple."""
    x = value(input)
    axis = axis_of("split", dim, len(x.shape))
    n, sizes = x.shape[axis], split_size_or_sections
    if isinstance(sizes, int):
        if sizes < 1:
            raise ValueError(f"split: pieces of size {sizes} cannot be made; ask for 1 or more")
        sizes = [min(sizes, n - i) for i in range(0, n, sizes)] or [0]
    if sum(sizes) != n:
        raise ValueError(
            f"split: sizes {list(sizes)} do not add up to {n} along dim {dim} "
            f"(input: {tuple(x.shape)})"
        )
    return _pieces(x, axis, sizes)


def _pieces(x, axis, sizes):
    pieces, start = [], 0
    for n in sizes:
        pieces.append(_cut(x, axis, start, start + n))
        start += n
    return tuple(pieces)


def chunk(input, chunks, dim=0):
    """At most so many pieces of one size, the last perhaps smaller: a tuple."""
    x = value(input)
    n = x.shape[axis_of("chunk", dim, len(x.shape))]
    if chunks < 1:
        raise ValueError(f"chunk: {chunks} pieces cannot be made; ask for 1 or more")
    return split(x, max(-(-n // chunks), 1), dim)


def tensor_split(input, indices_or_sections, dim=0):
    """So many pieces of nearly one size, or the pieces between the given places: a tuple."""
    x = value(input)
    axis = axis_of("tensor_split", dim, len(x.shape))
    n, places = x.shape[axis], indices_or_sections
    if isinstance(places, int):
        sizes = [n // places + (i < n % places) for i in range(places)]
        return _pieces(x, axis, sizes)
    cuts = [slice(p).indices(n)[1] for p in places]
    return tuple([_cut(x, axis, a, max(a, b)) for a, b in zip([0, *cuts], [*cuts, n], strict=True)])


concat = concatenate = cat
row_stack = vstack
