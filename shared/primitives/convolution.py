"""Convolution of images, as networks mean it (a correlation), and its two transposes.

N images, C channels of x, O of z, G groups; x is (N, C, H, W), w (O, C / G, k, l), z (N, O, h, w).

    conv2d            z[n, o, r, c] = sum over u, i, j of w[o, u, i, j] x[n, u, r s+i d, c s+j d]
    conv2d_transpose  its transpose in x: from the shape of z to that of x
    conv2d_weight     its transpose in w: from x and the shape of z to the shape of w

The three are <conv2d(x, w), y> with one of x, w and y left out, so that the derivatives of each are
the other two. Statics: stride (s, s) and dilation (d, d); padding ((top, bottom), (left, right)),
entries that count as zeros; groups, each of which has its own C / G channels of x and O / G of z.

Kernels are one matrix product over the patches of x under the pixels of z. Results lie in memory
with the channels last, where patches are copied in long runs and nothing has to be turned around
between one layer and the next; with few channels, where those runs would be short, the pixels lie
last.
"""

import numpy as np

from .contraction import matmul
from .indexing import getitem, place
from .joining import concatenate
from .primitive import bilinear
from .reduction import batch_size, with_batch
from .reduction import sum as reduce_sum
from .shape import reshape, swap_last, transpose, zeros
from .windows import (
    fitting_windows,
    framed,
    given_shapes,
    merged,
    output_size,
    overlap,
    parted,
    tap_keys,
    windows,
)

FEW = 8  # channels per group, below which runs along the pixels are longer


def _padded(x, padding, order):
    """x with its axes in `order`, the last one contiguous, and zeros around the image."""
    ((top, bottom), (left, right)), (n, c, height, width) = padding, x.shape
    if not (top or bottom or left or right):
        z = x.transpose(order)
        return z if z.strides[3] == z.itemsize else z.copy()
    shape = (n, c, height + top + bottom, width + left + right)
    z = np.zeros_like(x, shape=tuple([shape[a] for a in order]))
    back = [order.index(a) for a in range(4)]
    z.transpose(back)[:, :, top : top + height, left : left + width] = x
    return z


def _patches(x, kernel, stride, padding, dilation, groups):
    """(G, N h w, k l C / G): the patch of x under each pixel of z, as a row."""
    few = x.shape[1] < FEW * groups
    order = (0, 1, 2, 3) if few else (0, 2, 3, 1)
    reach = tuple([d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)])
    if min(reach) < 1:
        raise ValueError  # the shape rule says that there is no kernel
    x = _padded(x, padding, order)
    v = np.lib.stride_tricks.sliding_window_view(x, reach, axis=(2, 3) if few else (1, 2))
    v = v.transpose(0, 2, 3, 1, 4, 5) if few else v
    v = v[:, :: stride[0], :: stride[1], :, :: dilation[0], :: dilation[1]]
    n, height, width, c, k, l = v.shape  # noqa: E741
    v = v.reshape(n, height, width, groups, c // groups, k, l)
    rows, columns = n * height * width, k * l * (c // groups)
    if few:
        return v.transpose(3, 5, 6, 4, 0, 1, 2).reshape(groups, columns, rows).swapaxes(1, 2)
    return v.transpose(3, 0, 1, 2, 5, 6, 4).reshape(groups, rows, columns)


def _pixels(z, groups):
    """(G, N h w, O / G): the channels of each pixel of z, as a row."""
    n, c, height, width = z.shape
    rows = z.transpose(0, 2, 3, 1).reshape(n * height * width, groups, c // groups)
    return rows.transpose(1, 0, 2)


def _images(pixels, n, height, width):
    """(N, O, h, w): the inverse of _pixels, with the channels last in memory."""
    groups, _, c = pixels.shape
    z = pixels.transpose(1, 0, 2).reshape(n, height, width, groups * c)
    return z.transpose(0, 3, 1, 2)


def _in_single(kernel, x, y, **static):
    """Of halves: NumPy has no fast product of them, and long sums need more digits."""
    z = kernel(x.astype(np.float32), y.astype(np.float32), **static)
    return z.astype(np.float16)


def _require_fit(z, size, kernel, stride, padding, dilation):
    """A ValueError, to be explained by the shape rule, unless z has one pixel for each window."""
    fits = windows(kernel, stride, padding, dilation)
    if tuple(z.shape[2:]) != tuple(map(output_size, size, fits)):
        raise ValueError


def _conv2d(x, w, *, stride, padding, dilation, groups):
    if x.dtype.char == "e":
        return _in_single(
            _conv2d, x, w, stride=stride, padding=padding, dilation=dilation, groups=groups
        )
    o, c, k, l = w.shape  # noqa: E741
    fits = windows((k, l), stride, padding, dilation)
    height, width = map(output_size, x.shape[2:], fits)
    patches = _patches(x, (k, l), stride, padding, dilation, groups)
    weights = w.reshape(groups, o // groups, c, k, l).transpose(0, 3, 4, 2, 1)
    weights = weights.reshape(groups, k * l * c, o // groups)
    return _images(np.matmul(patches, weights), x.shape[0], height, width)


def _conv2d_weight(x, y, *, size, stride, padding, dilation, groups):
    if x.dtype.char == "e":
        return _in_single(
            _conv2d_weight, x, y,
            size=size, stride=stride, padding=padding, dilation=dilation, groups=groups,
        )  # fmt: skip
    _require_fit(y, x.shape[2:], size, stride, padding, dilation)
    o, c = y.shape[1], x.shape[1] // groups
    patches = _patches(x, size, stride, padding, dilation, groups)
    z = np.matmul(_pixels(y, groups).swapaxes(1, 2), patches)
    return z.reshape(o, *size, c).transpose(0, 3, 1, 2).copy()


def _conv2d_transpose(x, w, *, size, stride, padding, dilation, groups):
    if x.dtype.char == "e":
        return _in_single(
            _conv2d_transpose, x, w,
            size=size, stride=stride, padding=padding, dilation=dilation, groups=groups,
        )  # fmt: skip
    o, c, k, l = w.shape  # noqa: E741
    _require_fit(x, size, (k, l), stride, padding, dilation)
    n, _, height, width = x.shape
    pixels, weights = _pixels(x, groups), w.reshape(groups, o // groups, c, k, l)
    if k == l == 1 and stride == (1, 1) and size == (height, width):
        return _images(np.matmul(pixels, weights[..., 0, 0]), n, *size)
    shape = (groups, n, height, width, c)
    if c < FEW:
        z = np.zeros_like(x, shape=(groups, c, n, *size)).transpose(0, 2, 3, 4, 1)
        taps = _taps_of_few(pixels, weights, shape)
    else:
        z = np.zeros_like(x, shape=(n, *size, groups, c)).transpose(3, 0, 1, 2, 4)
        taps = _taps(pixels, weights, shape)
    (rows, columns) = windows((k, l), stride, padding, dilation)
    for i, j, tap in taps:
        (to_rows, of_rows), (to_columns, of_columns) = (
            overlap(i, size[0], rows), overlap(j, size[1], columns),
        )  # fmt: skip
        z[:, :, to_rows, to_columns] += tap[:, :, of_rows, of_columns]
    return z.transpose(1, 0, 4, 2, 3).reshape(n, groups * c, *size)


def _taps(pixels, weights, shape):
    """(i, j, what that entry of the kernel gives to x), one matrix product each.

    One at a time they stay in the cache until they are added up.
    """
    weights = weights.transpose(3, 4, 0, 1, 2).copy()
    for i in range(weights.shape[0]):
        for j in range(weights.shape[1]):
            yield i, j, np.matmul(pixels, weights[i, j]).reshape(shape)


def _taps_of_few(pixels, weights, shape):
    """As _taps, by one matrix product: with few channels each alone would be a thin one."""
    groups, o, c, k, l = weights.shape  # noqa: E741
    weights = weights.transpose(0, 3, 4, 2, 1).reshape(groups, k * l * c, o)
    together = np.matmul(weights, pixels.swapaxes(1, 2))
    together = together.reshape(groups, k, l, c, *shape[1:4])
    for i in range(k):
        for j in range(l):
            yield i, j, together[:, i, j].transpose(0, 2, 3, 4, 1)


def _fitting(name, x, w_shape, given, static):
    """The shape of conv2d(x, w), or the error that names what does not fit."""
    groups = static.pop("groups")
    if len(x) != 4 or len(w_shape) != 4:
        raise ValueError(
            f"{name}: images (N, C, H, W) and kernels (O, C / groups, k, l) have 4 axes {given}"
        )
    o, c, *kernel = w_shape
    if x[1] != c * groups:
        times = f" in each of {groups} groups" if groups > 1 else ""
        raise ValueError(f"{name}: x has {x[1]} channels but w takes {c}{times} {given}")
    if o % groups:
        raise ValueError(f"{name}: {groups} groups do not divide the {o} kernels of w {given}")
    sizes = []
    for axis, (n, window) in enumerate(zip(x[2:], windows(kernel, **static), strict=True), 2):
        sizes.append(fitting_windows(name, axis, n, window, given))
    return (x[0], o, *sizes)


def _conv2d_shape(x, w, **static):
    return _fitting("conv2d", tuple(x.shape), tuple(w.shape), given_shapes(x=x, w=w), static)


def _conv2d_transpose_shape(x, w, *, size, **static):
    given = given_shapes(x=x, w=w)
    if len(x.shape) != 4 or len(w.shape) != 4:
        raise ValueError(
            f"conv2d_transpose: images and kernels (x's channels, C / groups, k, l) have 4 axes "
            f"{given}"
        )
    shape = (x.shape[0], w.shape[1] * static["groups"], *size)
    wanted = _fitting("conv2d_transpose", shape, tuple(w.shape), given, static)
    if wanted != tuple(x.shape):
        raise ValueError(
            f"conv2d_transpose: conv2d takes {shape} to {wanted}, but that is not the shape of x "
            f"{given}"
        )
    return shape


def _conv2d_weight_shape(x, y, *, size, **static):
    given, groups = given_shapes(x=x, y=y), static["groups"]
    if len(x.shape) != 4 or len(y.shape) != 4:
        raise ValueError(f"conv2d_weight: images (N, C, H, W) have 4 axes {given}")
    if x.shape[1] % groups:
        raise ValueError(
            f"conv2d_weight: {groups} groups do not divide the {x.shape[1]} channels of x {given}"
        )
    shape = (y.shape[1], x.shape[1] // groups, *size)
    wanted = _fitting("conv2d_weight", tuple(x.shape), shape, given, static)
    if wanted != tuple(y.shape):
        raise ValueError(
            f"conv2d_weight: conv2d takes x to {wanted}, but that is not the shape of y {given}"
        )
    return shape


def _beside(x):
    """(B, N, C, H, W) as (N, B C, H, W): a batch of convolutions is more groups."""
    b, n, c, *size = x.shape
    return reshape(transpose(x, axes=(1, 0, 2, 3, 4)), shape=(n, b * c, *size))


def _apart(x, batch):
    """The inverse of _beside."""
    n, c, *size = x.shape
    x = reshape(x, shape=(n, batch, c // max(batch, 1), *size))
    return transpose(x, axes=(1, 0, 2, 3, 4))


def _empty(primitive, args, batched, static):
    """The result for a batch of no elements, which would be no groups."""
    one = [zeros(a, a.shape[1:]) if flag else a for a, flag in zip(args, batched, strict=True)]
    z = primitive(*one, **static)
    return zeros(z, (0, *z.shape))


def _images_batch(args, batched, static, primitive):
    """The batch rule of z = primitive(x, w), images from images."""
    (x, w), b = args, batch_size(args, batched)
    if not batched[1]:
        return parted(primitive(merged(x), w, **static), b, x.shape[1])
    if not b:
        return _empty(primitive, args, batched, static)
    static["groups"] *= b
    x = _beside(with_batch(x, batched[0], b))
    return _apart(primitive(x, merged(w), **static), b)


def _conv2d_batch(args, batched, **static):
    x, w = args
    if not batched[0] and static["groups"] == 1:  # more kernels for the same images
        return _apart(conv2d(x, merged(w), **static), w.shape[0])
    return _images_batch(args, batched, static, conv2d)


def _conv2d_weight_batch(args, batched, **static):
    b = batch_size(args, batched)
    if not b:
        return _empty(conv2d_weight, args, batched, static)
    static["groups"] *= b
    x, y = [with_batch(a, flag, b) for a, flag in zip(args, batched, strict=True)]
    z = conv2d_weight(_beside(x), _beside(y), **static)
    return parted(z, b, y.shape[2])


# z[n, o, r, c] = sum over u, i, j of w[o, u, i, j] x[n, u, r s + i d, c s + j d]
conv2d = bilinear(
    "conv2d",
    _conv2d,
    shape=_conv2d_shape,
    x=lambda gz, w, x_shape, stride, padding, dilation, groups: conv2d_transpose(
        gz, w,
        size=x_shape[2:], stride=stride, padding=padding, dilation=dilation, groups=groups,
    ),
    w=lambda gz, x, w_shape, stride, padding, dilation, groups: conv2d_weight(
        x, gz,
        size=w_shape[2:], stride=stride, padding=padding, dilation=dilation, groups=groups,
    ),
    batch=_conv2d_batch,
)  # fmt: skip

# the transpose of z = conv2d(x, w) in x, from the shape of z to x of the given size (H, W)
conv2d_transpose = bilinear(
    "conv2d_transpose",
    _conv2d_transpose,
    shape=_conv2d_transpose_shape,
    x=lambda gz, w, stride, padding, dilation, groups: conv2d(
        gz, w, stride=stride, padding=padding, dilation=dilation, groups=groups
    ),
    w=lambda gz, x, w_shape, stride, padding, dilation, groups: conv2d_weight(
        gz, x,
        size=w_shape[2:], stride=stride, padding=padding, dilation=dilation, groups=groups,
    ),
    batch=lambda args, batched, **static: _images_batch(args, batched, static, conv2d_transpose),
)  # fmt: skip

# the transpose of y = conv2d(x, w) in w, from x and the shape of y to w of the given size (k, l)
conv2d_weight = bilinear(
    "conv2d_weight",
    _conv2d_weight,
    shape=_conv2d_weight_shape,
    x=lambda gz, y, x_shape, stride, padding, dilation, groups: conv2d_transpose(
        y, gz,
        size=x_shape[2:], stride=stride, padding=padding, dilation=dilation, groups=groups,
    ),
    y=lambda gz, x, stride, padding, dilation, groups: conv2d(
        x, gz, stride=stride, padding=padding, dilation=dilation, groups=groups
    ),
    batch=_conv2d_weight_batch,
)  # fmt: skip


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


def _conv2d_decomposed(x, w, *, stride, padding, dilation, groups):
    columns, out = _columns(x, w.shape[2:], stride, padding, dilation, groups)
    o, rows = w.shape[0], columns.shape[2]
    z = matmul(reshape(w, shape=(1, groups, o // groups, rows)), columns)
    return reshape(z, shape=(x.shape[0], o, *out))


def _conv2d_weight_decomposed(x, y, *, size, stride, padding, dilation, groups):
    columns, out = _columns(x, size, stride, padding, dilation, groups)
    (n, o), c = y.shape[:2], x.shape[1] // groups
    y = reshape(y, shape=(n, groups, o // groups, out[0] * out[1]))
    z = reduce_sum(matmul(y, swap_last(columns)), axis=(0,), keepdims=False)
    return reshape(z, shape=(o, c, *size))


def _conv2d_transpose_decomposed(x, w, *, size, stride, padding, dilation, groups):
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


conv2d.decomposition = _conv2d_decomposed
conv2d_weight.decomposition = _conv2d_weight_decomposed
conv2d_transpose.decomposition = _conv2d_transpose_decomposed
