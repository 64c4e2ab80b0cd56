"""The kernels of convolution.py, whose letters stand here too.

Kernels are matrix products over the patches of x under the pixels of z, of as many images at a time
as fit into a cache with them. Results lie in memory with the channels last, where patches are
copied in long runs and nothing has to be turned around between one layer and the next; with few
channels, where those runs would be short, the pixels lie last.
"""

import math

import numpy as np

from .windows import output_size, overlap, windows

FEW = 8  # channels per group, below which runs along the pixels are longer
BLOCK = 1 << 21  # bytes of patches at a time


def _padded(x, padding, order):
    """x with its axes in `order`, the last one contiguous, and zeros around the image."""
    ((top, bottom), (left, right)), (n, c, height, width) = padding, x.shape
    if not (top or bottom or left or right):
        z = x.transpose(order)
        return z if z.strides[3] == z.itemsize else z.copy()
    shape = (n, c, height + top + bottom, width + left + right)
    z = np.zeros_like(x, order="C", shape=tuple([shape[a] for a in order]))
    back = [order.index(a) for a in range(4)]
    z.transpose(back)[:, :, top : top + height, left : left + width] = x
    return z


def patches_of(x, kernel, stride, padding, dilation, groups):
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


def _images(like, shape):
    """Room for (N, O, h, w) with the channels last in memory."""
    n, c, height, width = shape
    return np.empty_like(like, order="C", shape=(n, height, width, c)).transpose(0, 3, 1, 2)


def _blocks(x, entries):
    """(images, how many pixels lie before them) by blocks; entries: what each needs at a time."""
    n = x.shape[0]
    step = n if x.__class__ is not np.ndarray else BLOCK // max(entries * x.itemsize, 1)
    step = max(step, 1)
    return [slice(i, min(i + step, n)) for i in range(0, n, step)]


def _in_single(kernel, x, y, **static):
    """Of halves: NumPy has no fast product of them, and long sums need more digits."""
    z = kernel(x.astype(np.float32), y.astype(np.float32), **static)
    return z.astype(np.float16)


def _require_fit(z, size, kernel, stride, padding, dilation):
    """A ValueError, to be explained by the shape rule, unless z has one pixel for each window."""
    fits = windows(kernel, stride, padding, dilation)
    if tuple(z.shape[2:]) != tuple(map(output_size, size, fits)):
        raise ValueError


def convolve(x, w, *, stride, padding, dilation, groups):
    """conv2d: the patches times the kernels."""
    return _convolved(x, w, None, stride, padding, dilation, groups)


def convolve_affine(x, w, b, *, stride, padding, dilation, groups):
    """conv2d_affine: the patches times the kernels, plus b."""
    if b.shape != w.shape[:1]:
        raise ValueError  # the shape rule says so
    return _convolved(x, w, b, stride, padding, dilation, groups)


def _convolved(x, w, b, stride, padding, dilation, groups):
    """conv2d(x, w), and b added to each block of pixels while it is in the cache."""
    if x.dtype.char == "e":
        x, w, b = [a if a is None else a.astype(np.float32) for a in (x, w, b)]
        return _convolved(x, w, b, stride, padding, dilation, groups).astype(np.float16)
    o, c, k, l = w.shape  # noqa: E741
    height, width = map(output_size, x.shape[2:], windows((k, l), stride, padding, dilation))
    weights = w.reshape(groups, o // groups, c, k, l).transpose(0, 3, 4, 2, 1)
    weights = weights.reshape(groups, k * l * c, o // groups)
    z = _images(x, (x.shape[0], o, height, width))
    for images in _blocks(x, height * width * k * l * c * groups):
        patches = patches_of(x[images], (k, l), stride, padding, dilation, groups)
        pixels = _pixels(z[images], groups)
        np.matmul(patches, weights, out=pixels)
        if b is not None:
            pixels += b.reshape(groups, 1, o // groups)
    return z


def convolve_weight(x, y, *, size, stride, padding, dilation, groups):
    """conv2d_weight: the pixels of y times the patches."""
    if x.dtype.char == "e":
        return _in_single(
            convolve_weight, x, y,
            size=size, stride=stride, padding=padding, dilation=dilation, groups=groups,
        )  # fmt: skip
    _require_fit(y, x.shape[2:], size, stride, padding, dilation)
    o, c = y.shape[1], x.shape[1] // groups
    z = np.zeros_like(x, shape=(groups, o // groups, size[0] * size[1] * c))
    for images in _blocks(x, math.prod(y.shape[2:]) * math.prod(size) * c * groups):
        patches = patches_of(x[images], size, stride, padding, dilation, groups)
        z += np.matmul(_pixels(y[images], groups).swapaxes(1, 2), patches)
    return z.reshape(o, *size, c).transpose(0, 3, 1, 2).copy()


def convolve_transpose(x, w, *, size, stride, padding, dilation, groups):
    """conv2d_transpose: the pixels of x times each entry of the kernels, put where it came from."""
    if x.dtype.char == "e":
        return _in_single(
            convolve_transpose, x, w,
            size=size, stride=stride, padding=padding, dilation=dilation, groups=groups,
        )  # fmt: skip
    o, c, k, l = w.shape  # noqa: E741
    _require_fit(x, size, (k, l), stride, padding, dilation)
    n, weights = x.shape[0], w.reshape(groups, o // groups, c, k, l)
    if k == l == 1 and stride == (1, 1) and size == x.shape[2:]:
        z = _images(x, (n, groups * c, *size))
        np.matmul(_pixels(x, groups), weights[..., 0, 0], out=_pixels(z, groups))
        return z
    fits = windows((k, l), stride, padding, dilation)
    if c < FEW:
        z = np.zeros_like(x, shape=(groups, c, n, *size)).transpose(0, 2, 3, 4, 1)
        taps, weights, room = _taps_of_few, weights.transpose(0, 3, 4, 2, 1).copy(), k * l
    else:
        z = np.zeros_like(x, shape=(n, *size, groups, c)).transpose(3, 0, 1, 2, 4)
        taps, weights, room = _taps, weights.transpose(3, 4, 0, 1, 2).copy(), 1
    for images in _blocks(x, math.prod(x.shape[2:]) * c * groups * room):
        _add_taps(z[:, images], taps(_pixels(x[images], groups), weights), x.shape[2:], fits)
    return z.transpose(1, 0, 4, 2, 3).reshape(n, groups * c, *size)


def _taps(pixels, weights):
    """(i, j, what that entry of the kernel gives to x), one matrix product each.

    One at a time they stay in the cache until they are added up.
    """
    for i in range(weights.shape[0]):
        for j in range(weights.shape[1]):
            yield i, j, np.matmul(pixels, weights[i, j])


def _taps_of_few(pixels, weights):
    """As _taps, by one matrix product: with few channels each alone would be a thin one."""
    groups, k, l, c, o = weights.shape  # noqa: E741
    together = np.matmul(weights.reshape(groups, k * l * c, o), pixels.swapaxes(1, 2))
    together = together.reshape(groups, k, l, c, pixels.shape[1])
    for i in range(k):
        for j in range(l):
            yield i, j, together[:, i, j].swapaxes(1, 2)


def _add_taps(z, taps, out, fits):
    """Add to z, (G, N, H, W, C / G), what each entry of the kernel gives to it."""
    shape = (*z.shape[:2], *out, z.shape[4])
    for i, j, tap in taps:
        (rows, of_rows), (columns, of_columns) = [
            overlap(t, size, fit) for t, size, fit in zip((i, j), z.shape[2:4], fits, strict=True)
        ]
        z[:, :, rows, columns] += tap.reshape(shape)[:, :, of_rows, of_columns]
