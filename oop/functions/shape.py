"""torch's functions of shape: the same entries, arranged anew. Most results are views."""

import math

from ...shared import ops
from ...shared.backend import is_array
from ...shared.dispatch import bottom
from ...shared.primitives import copying
from ..tensor import Tensor
from .arguments import axis_of, sizes, value


def reshape(input, *shape):
    """The entries in C order in another shape; one size may be -1. A view where that can be."""
    return ops.reshape(value(input), sizes(shape))


def view(input, *shape):
    """As reshape, but never a copy: RuntimeError where the memory does not allow it.

    With a dtype, the same values converted.
    """
    x = value(input)
    if len(shape) == 1 and not isinstance(shape[0], (int, tuple, list)):
        raise TypeError(
            f"view: a shape is needed, but it is {shape[0]!r}; to convert use x.to(dtype)"
        )
    if channels_last(x):
        x.value = x.value.copy()
    z = reshape(x, *shape)
    if isinstance(z, Tensor) and is_array(z.value) and z.base is None and math.prod(z.shape):
        raise RuntimeError(
            f"view: memory of shape {tuple(x.shape)} in another order of axes cannot be seen as "
            f"{tuple(z.shape)} without a copy; use x.reshape(...), or x.contiguous().view(...)"
        )
    return z


def channels_last(x):
    """True for images that are no view, laid out as convolution and pooling do.

    In torch theirs are in C order, and scripts count on it: x.view(x.size(0), -1). So such a Tensor
    moves into C order, and leaves behind what was made to look into it before.
    """
    array = x.value
    if x.base is not None or not is_array(array) or array.ndim != 4:
        return False
    return not array.flags.c_contiguous and array.transpose(0, 2, 3, 1).flags.c_contiguous


def view_as(input, other):
    """input.view(other.shape)."""
    return view(input, tuple(other.shape))


def reshape_as(input, other):
    """input.reshape(other.shape)."""
    return reshape(input, tuple(other.shape))


def flatten(input, start_dim=0, end_dim=-1):
    """The axes from start_dim to end_dim as one."""
    x = value(input)
    shape = tuple(x.shape) or (1,)
    first = axis_of("flatten", start_dim, len(shape))
    last = axis_of("flatten", end_dim, len(shape))
    if first > last:
        raise ValueError(f"flatten: start_dim {start_dim} comes after end_dim {end_dim} ({shape})")
    middle = math.prod(shape[first : last + 1])
    return ops.reshape(x, (*shape[:first], middle, *shape[last + 1 :]))


def unflatten(input, dim, sizes):
    """One axis as several, of the given sizes; one may be -1."""
    x = value(input)
    axis = axis_of("unflatten", dim, len(x.shape))
    sizes = tuple(sizes)
    if -1 in sizes:
        known = -math.prod(sizes)
        sizes = tuple([x.shape[axis] // known if n == -1 else n for n in sizes])
    return ops.reshape(x, (*x.shape[:axis], *sizes, *x.shape[axis + 1 :]))


def ravel(input):
    """All entries as a vector."""
    return ops.ravel(value(input))


def permute(input, *dims):
    """The axes in another order."""
    return ops.transpose(value(input), sizes(dims))


def transpose(input, dim0, dim1):
    """Two axes exchanged."""
    return ops.swapaxes(value(input), dim0, dim1)


def t(input):
    """The transpose of a matrix; vectors and numbers stay."""
    x = value(input)
    if len(x.shape) > 2:
        raise ValueError(
            f"t: a matrix is needed, but the input has {len(x.shape)} axes: {tuple(x.shape)}; "
            "exchange two of them: x.transpose(-2, -1)"
        )
    return ops.transpose(x) if len(x.shape) == 2 else x


def movedim(input, source, destination):
    """Axes moved to new places, the others in their order."""
    return ops.moveaxis(value(input), source, destination)


def squeeze(input, dim=None):
    """Axes of size 1 removed: all, or those of `dim` that have this size."""
    x = value(input)
    dims = range(len(x.shape)) if dim is None else dim if isinstance(dim, (tuple, list)) else (dim,)
    if not x.shape:
        return ops.reshape(x, ())
    gone = {axis_of("squeeze", d, len(x.shape)) for d in dims}
    return ops.reshape(x, tuple([n for i, n in enumerate(x.shape) if n != 1 or i not in gone]))


def unsqueeze(input, dim):
    """A new axis of size 1."""
    x = value(input)
    axis = axis_of("unsqueeze", dim, len(x.shape) + 1)
    return ops.reshape(x, (*x.shape[:axis], 1, *x.shape[axis:]))


def expand(input, *shape):
    """Axes of size 1, and new leading ones, repeated without a copy; -1 leaves a size as it is."""
    x, shape = value(input), sizes(shape)
    lead = len(shape) - len(x.shape)
    if lead < 0 or -1 in shape[:lead]:
        raise ValueError(
            f"expand: {tuple(x.shape)} cannot become {shape}: every axis needs a size, and -1 only "
            "stands for one that is there"
        )
    shape = shape[:lead] + tuple(
        [m if n == -1 else n for n, m in zip(shape[lead:], x.shape, strict=True)]
    )
    if shape == tuple(x.shape):
        return ops.reshape(x, shape)
    return ops.broadcast_to(x, shape)


def expand_as(input, other):
    """input.expand(other.shape)."""
    return expand(input, tuple(other.shape))


def broadcast_to(input, shape):
    """input.expand(shape)."""
    return expand(input, shape)


def broadcast_tensors(*tensors):
    """The Tensors, each in the shape that all of them broadcast to."""
    return ops.broadcast_arrays(*map(value, tensors))


def repeat(input, *repeats):
    """The whole Tensor, repeated so often along each axis; a copy."""
    x, repeats = value(input), sizes(repeats)
    if len(repeats) < len(x.shape):
        raise ValueError(
            f"repeat: {len(repeats)} numbers for {len(x.shape)} axes (input: {tuple(x.shape)}); "
            "give one per axis, 1 to leave it"
        )
    return apart(ops.tile(x, repeats), input)


def tile(input, *dims):
    """The whole Tensor, repeated along its last axes; a copy."""
    return apart(ops.tile(value(input), sizes(dims)), input)


def apart(z, x):
    """z in memory of its own, where it is x or a view of it: in torch these functions copy."""
    return copying.clone(z) if z is x or getattr(z, "base", None) is not None else z


def flip(input, *dims):
    """The order of entries reversed along the axes; a copy."""
    return apart(ops.flip(value(input), sizes(dims)), input)


def fliplr(input):
    """The columns in reversed order."""
    return apart(ops.fliplr(value(input)), input)


def flipud(input):
    """The rows in reversed order."""
    return apart(ops.flipud(value(input)), input)


def roll(input, shifts, dims=None):
    """The entries moved on, those that leave at the end coming in at the front."""
    return apart(ops.roll(value(input), shifts, dims), input)


def rot90(input, k=1, dims=(0, 1)):
    """A plane turned by k quarters, from the first axis towards the second."""
    return apart(ops.rot90(value(input), k, dims), input)


def tril(input, diagonal=0):
    """What is on and below a diagonal; zeros above."""
    return ops.tril(value(input), diagonal)


def triu(input, diagonal=0):
    """What is on and above a diagonal; zeros below."""
    return ops.triu(value(input), diagonal)


def diagonal(input, offset=0, dim1=0, dim2=1):
    """The diagonal of two axes, as the last axis of the result."""
    return ops.diagonal(value(input), offset, dim1, dim2)


def diag(input, diagonal=0):
    """The diagonal of a matrix, or the matrix with a vector as its diagonal."""
    return apart(ops.diag(value(input), diagonal), input)


def atleast_1d(*tensors):
    """Each Tensor with one axis at least."""
    return ops.atleast_1d(*_each(tensors))


def atleast_2d(*tensors):
    """Each Tensor with two axes at least."""
    return ops.atleast_2d(*_each(tensors))


def atleast_3d(*tensors):
    """Each Tensor with three axes at least."""
    return ops.atleast_3d(*_each(tensors))


def _each(tensors):
    if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
        tensors = tensors[0]
    return [value(x) for x in tensors]


def meshgrid(*tensors, indexing="ij"):
    """The coordinates of a grid, one Tensor per axis; indexing 'ij' or 'xy'."""
    return ops.meshgrid(*_each(tensors), indexing=indexing)


def numel(input):
    """The number of entries."""
    return math.prod(value(input).shape)


def is_tensor(obj):
    """True for a Tensor."""
    return isinstance(obj, Tensor)


def is_floating_point(input):
    """True for a real float dtype."""
    return input.dtype.kind == "f"


def is_complex(input):
    """True for a complex dtype."""
    return input.dtype.kind == "c"


def clone(input):
    """A contiguous copy in memory of its own; the gradient passes."""
    return copying.clone(value(input))


def contiguous(input):
    """The input itself where its memory is in C order, else a copy that is."""
    x = value(input)
    return x if is_contiguous(x) else copying.clone(x)


def is_contiguous(input):
    """True where the memory is in C order."""
    array = bottom(input)
    return not is_array(array) or bool(array.flags.c_contiguous)


swapaxes = swapdims = transpose
moveaxis = movedim
