"""Convolution by simpler primitives, for the compiler: patches as columns, and matrix products.

The shapes and statics are those of the primitives in convolution.py.
"""

from .contraction import matmul
from .indexing import getitem, place
from .joining import concatenate
from .reduction import sum as reduce_sum
from .shape import reshape, swap_last
from .windows import framed, output_size, tap_keys, windows


def _columns(x, kernel, stride, padding, dilation, groups):
    """(N, G, C / G k l, h w) by primitives: one column for each pixel of z."""
    n, c, *size = x.shape
    out = tuple(map(output_size, size, windows(kernel, stride, padding, dilation)))
    lead = ((0, n, 1), (0, c, 1))
    frame, inside = framed(size, padding)
    if frame != tuple(size):
        x = place(x, key=lead + inside, shape=(n, c, *frame))
    taps = [getitem(x, key=lead + key) for key in tap_keys(kernel, out, stride, dilation)]
    taps = concatenate(*[reshape(tap, shape=(n, c, 1, *out)) for tap in taps], axis=2)
    rows = (c // groups) * kernel[0] * kernel[1]
    return reshape(taps, shape=(n, groups, rows, out[0] * out[1])), out


def unfolded_conv2d(x, w, *, stride, padding, dilation, groups):
    """conv2d: the kernels times the columns."""
    columns, out = _columns(x, w.shape[2:], stride, padding, dilation, groups)
    o, rows = w.shape[0], columns.shape[2]
    z = matmul(reshape(w, shape=(1, groups, o // groups, rows)), columns)
    return reshape(z, shape=(x.shape[0], o, *out))


def unfolded_conv2d_weight(x, y, *, size, stride, padding, dilation, groups):
    """conv2d_weight: y times the columns, over all images and pixels."""
    columns, out = _columns(x, size, stride, padding, dilation, groups)
    (n, o), c = y.shape[:2], x.shape[1] // groups
    y = reshape(y, shape=(n, groups, o // groups, out[0] * out[1]))
    z = reduce_sum(matmul(y, swap_last(columns)), axis=(0,), keepdims=False)
    return reshape(z, shape=(o, c, *size))


def unfolded_conv2d_transpose(x, w, *, size, stride, padding, dilation, groups):
    """conv2d_transpose: the kernels times x, each entry of a column put where it came from."""
    (n, o, *out), (_, c, *kernel) = x.shape, w.shape
    w = reshape(w, shape=(1, groups, o // groups, c * kernel[0] * kernel[1]))
    x = reshape(x, shape=(n, groups, o // groups, out[0] * out[1]))
    taps = reshape(matmul(swap_last(w), x), shape=(n, groups * c, kernel[0] * kernel[1], *out))
    frame, inside = framed(size, padding)
    lead, z = ((0, n, 1), (0, groups * c, 1)), None
    for i, key in enumerate(tap_keys(kernel, out, stride, dilation)):
        tap = getitem(taps, key=(*lead, i, *[(0, m, 1) for m in out]))
        tap = place(tap, key=lead + key, shape=(n, groups * c, *frame))
        z = tap if z is None else z + tap
    return z if frame == tuple(size) else getitem(z, key=lead + inside)
