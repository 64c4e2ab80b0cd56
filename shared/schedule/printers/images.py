"""Convolution and pooling in plain NumPy, as `Graph.source()` writes them.

N images, C channels of x, O of z, G groups. A kernel of the library says the same faster.
"""

# ruff: noqa: E741  k, l are the sizes of a kernel

import numpy as np


def windows_of(x, kernel, stride, dilation):
    """(N, C, h, w, k, l): the window of x (N, C, H, W) under each pixel of the result."""
    (s, t), (d, e) = stride, dilation
    reach = d * (kernel[0] - 1) + 1, e * (kernel[1] - 1) + 1
    return np.lib.stride_tricks.sliding_window_view(x, reach, (2, 3))[:, :, ::s, ::t, ::d, ::e]


def padded(x, padding, value=0):
    """Images with a border."""
    return np.pad(x, ((0, 0), (0, 0), *padding), constant_values=value)


def cut(x, padding, size):
    """Images without their border."""
    (top, _), (left, _) = padding
    return x[:, :, top : top + size[0], left : left + size[1]]


def taps(kernel, stride, dilation, height, width):
    """(i, j, rows, columns): the pixels under entry i, j of all windows."""
    (s, t), (d, e) = stride, dilation
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            rows = slice(i * d, i * d + s * (height - 1) + 1, s)
            yield i, j, rows, slice(j * e, j * e + t * (width - 1) + 1, t)


def bordered(like, channels, size, padding):
    """Zeros for images of `size` with their border."""
    height, width = (n + sum(p) for n, p in zip(size, padding))  # noqa: B905
    return np.zeros((like.shape[0], channels, height, width), like.dtype)


def conv2d(x, w, *, stride, padding, dilation, groups):
    """z[n, o, r, c] = sum over u, i, j of w[o, u, i, j] x[n, u, r s + i d, c s + j d]"""
    v = windows_of(padded(x, padding), w.shape[2:], stride, dilation)
    n, c, height, width, k, l = v.shape
    v = v.reshape(n, groups, c // groups, height, width, k, l)
    o, w = w.shape[0], w.reshape(groups, w.shape[0] // groups, *w.shape[1:])
    z = np.einsum("nguhwkl,goukl->ngohw", v, w, optimize=True)
    return z.reshape(n, o, height, width)


def conv2d_affine(x, w, b, *, stride, padding, dilation, groups):
    """conv2d, and b added to each channel."""
    z = conv2d(x, w, stride=stride, padding=padding, dilation=dilation, groups=groups)
    return z + b[:, None, None]


def conv2d_transpose(x, w, *, size, stride, padding, dilation, groups):
    """The transpose of conv2d in x: each pixel spreads the kernel over its window."""
    n, o, height, width = x.shape
    x = x.reshape(n, groups, o // groups, height, width)
    w = w.reshape(groups, o // groups, *w.shape[1:])
    c = groups * w.shape[2]
    z = bordered(x, c, size, padding)
    for i, j, rows, columns in taps(w.shape[3:], stride, dilation, height, width):
        part = np.einsum("ngohw,gou->nguhw", x, w[..., i, j], optimize=True)
        z[:, :, rows, columns] += part.reshape(n, c, height, width)
    return cut(z, padding, size)


def conv2d_weight(x, y, *, size, stride, padding, dilation, groups):
    """The transpose of conv2d in w."""
    v = windows_of(padded(x, padding), size, stride, dilation)
    n, c, height, width, k, l = v.shape
    v = v.reshape(n, groups, c // groups, height, width, k, l)
    y = y.reshape(n, groups, y.shape[1] // groups, height, width)
    z = np.einsum("nguhwkl,ngohw->goukl", v, y, optimize=True)
    return z.reshape(z.shape[0] * z.shape[1], *z.shape[2:])


def max_pool2d(x, *, kernel, stride, padding, dilation):
    """The largest entry of each window."""
    return windows_of(padded(x, padding, -np.inf), kernel, stride, dilation).max((4, 5))


def sum_pool2d(x, *, kernel, stride, padding, dilation):
    """The sum of each window."""
    v = windows_of(padded(x, padding), kernel, stride, dilation)
    return v.sum((4, 5), dtype=x.dtype)


def spread2d(x, *, size, kernel, stride, padding, dilation):
    """The transpose of sum_pool2d: each pixel is added to its whole window."""
    z = bordered(x, x.shape[1], size, padding)
    for _, _, rows, columns in taps(kernel, stride, dilation, *x.shape[2:]):
        z[:, :, rows, columns] += x
    return cut(z, padding, size)


def first_maxima(image, maximum, kernel, stride, padding, dilation):
    """(N, C, h, w, k, l): True at the first entry of each window that is its maximum."""
    inside = padded(np.ones(image.shape, bool), padding)
    v = windows_of(padded(image, padding), kernel, stride, dilation)
    ties = (v == maximum[..., None, None]) & windows_of(inside, kernel, stride, dilation)
    ties = ties.reshape(*maximum.shape, kernel[0] * kernel[1])
    return (ties & (ties.cumsum(-1) == 1)).reshape(v.shape)


def pick_max(x, image, maximum, *, kernel, stride, padding, dilation):
    """The entry of x where the image has the maximum of each window."""
    wins = first_maxima(image, maximum, kernel, stride, padding, dilation)
    v = windows_of(padded(x, padding), kernel, stride, dilation)
    return np.where(wins, v, 0).sum((4, 5), dtype=x.dtype)


def place_max(x, image, maximum, *, kernel, stride, padding, dilation):
    """The transpose of pick_max: each pixel goes to where the image has its maximum."""
    wins = first_maxima(image, maximum, kernel, stride, padding, dilation)
    z = bordered(x, x.shape[1], image.shape[2:], padding)
    for i, j, rows, columns in taps(kernel, stride, dilation, *x.shape[2:]):
        z[:, :, rows, columns] += np.where(wins[..., i, j], x, 0)
    return cut(z, padding, image.shape[2:])
