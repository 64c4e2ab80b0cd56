"""Pooling of images (N, C, H, W) and signals (N, C, L), with torch's names and defaults.

A batch axis may be missing. Settings are one number for all axes, or one per axis.
"""

import numpy as np

from ..ops.axes import beside
from ..primitives import pooling
from ..primitives.arithmetic import div
from ..primitives.contraction import matmul
from ..primitives.shape import reshape
from ..primitives.windows import given_shapes, windows
from .convolution import as_given, as_images, check_image, check_windows, per_axis


def _settings(name, axes, kernel_size, stride, padding, dilation):
    """(kernel, stride, padding, dilation) of an image; of a signal, that of one row."""
    kernel = per_axis(name, "kernel_size", kernel_size, axes, 1)
    stride = kernel if stride is None else per_axis(name, "stride", stride, axes, 1)
    padding = per_axis(name, "padding", padding, axes, 0)
    dilation = per_axis(name, "dilation", dilation, axes, 1)
    for p, k, d in zip(padding, kernel, dilation, strict=True):
        if p > (d * (k - 1) + 1) // 2:
            raise ValueError(
                f"{name}: padding {padding} is more than half of the kernel {kernel}, so that "
                "windows could lie outside of the image altogether"
            )
    settings = kernel, stride, padding, dilation
    if axes == 2:
        return settings
    return tuple([(n, *own) for n, own in zip((1, 1, 0, 1), settings, strict=True)])


def _both_sides(size, kernel, stride, padding, dilation, ceil_mode):
    """(before, behind) of one axis: with ceil_mode what the last window lacks is added behind."""
    reach = dilation * (kernel - 1) + 1
    free = size + 2 * padding - reach
    if not ceil_mode or free < 0:
        return padding, padding
    steps = -(-free // stride)
    if steps * stride >= size + padding:  # it would begin behind the image
        steps -= 1
    return padding, padding + max(0, steps * stride - free)


def _paddings(name, x, images, settings, ceil_mode):
    kernel, stride, _, dilation = settings
    of_axes = zip(images.shape[2:], *settings, strict=True)
    padding = tuple([_both_sides(*axis, ceil_mode) for axis in of_axes])
    fitted = windows(kernel, stride, padding, dilation)
    check_windows(name, given_shapes(x=x), images.shape[2:], fitted, len(x.shape))
    return padding


def _max_pool(name, axes, x, settings, ceil_mode):
    check_image(name, x, axes)
    kernel, stride, padding, dilation = _settings(name, axes, *settings)
    images = as_images(x, axes)
    padding = _paddings(name, x, images, (kernel, stride, padding, dilation), ceil_mode)
    z = pooling.max_pool2d(images, kernel=kernel, stride=stride, padding=padding, dilation=dilation)
    return as_given(z, x, axes)


def max_pool2d(x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
    """The largest entry of each window; stride: by default kernel_size.

    Of several largest ones the first takes the derivative. ceil_mode: a last window that is partly
    outside of the image counts too.

    >>> import numpy as np
    >>> max_pool2d(np.arange(8.0).reshape(1, 2, 4), 2)
    array([[[5., 7.]]])
    """
    return _max_pool("max_pool2d", 2, x, (kernel_size, stride, padding, dilation), ceil_mode)


def max_pool1d(x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
    """As max_pool2d, of signals (N, C, L) or (C, L).

    >>> import numpy as np
    >>> max_pool1d(np.array([[1.0, 3.0, 2.0, 0.0]]), 2)
    array([[3., 2.]])
    """
    return _max_pool("max_pool1d", 1, x, (kernel_size, stride, padding, dilation), ceil_mode)


def _counts(size, kernel, stride, padding, count_include_pad):
    """How many entries the mean of each window along one axis is over."""
    before, behind = padding
    starts = np.arange((size + before + behind - kernel) // stride + 1) * stride - before
    low, high = (-before, size + before) if count_include_pad else (0, size)
    return np.minimum(starts + kernel, high) - np.maximum(starts, low)


def _avg_pool(name, axes, x, settings, ceil_mode, count_include_pad, divisor_override):
    check_image(name, x, axes)
    if divisor_override == 0:
        raise ValueError(f"{name}: divisor_override is 0; a mean divides by another number")
    kernel, stride, padding, dilation = _settings(name, axes, *settings, 1)
    images = as_images(x, axes)
    padding = _paddings(name, x, images, (kernel, stride, padding, dilation), ceil_mode)
    z = pooling.sum_pool2d(images, kernel=kernel, stride=stride, padding=padding, dilation=dilation)
    if divisor_override is None:
        of_axes = zip(images.shape[2:], kernel, stride, padding, strict=True)
        rows, columns = [_counts(*axis, count_include_pad) for axis in of_axes]
        counts = np.outer(rows, columns)
        same = counts.min() == counts.max()
        divisor_override = int(counts[0, 0]) if same else _like(z, counts[None, None])
    return as_given(div(z, divisor_override), x, axes)


def _like(x, values):
    """Constants in the dtype of x, where x is."""
    return beside(x, values.astype(x.dtype))


def avg_pool2d(
    x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True,
    divisor_override=None,
):  # fmt: skip
    """The mean of each window; stride: by default kernel_size.

    count_include_pad: zeros of the padding count as entries. divisor_override: what to divide by.

    >>> import numpy as np
    >>> avg_pool2d(np.arange(8.0).reshape(1, 2, 4), 2)
    array([[[2.5, 4.5]]])
    """
    settings = (kernel_size, stride, padding)
    return _avg_pool("avg_pool2d", 2, x, settings, ceil_mode, count_include_pad, divisor_override)


def avg_pool1d(x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
    """As avg_pool2d, of signals (N, C, L) or (C, L).

    >>> import numpy as np
    >>> avg_pool1d(np.array([[1.0, 3.0, 2.0, 0.0]]), 2)
    array([[2., 1.]])
    """
    settings = (kernel_size, stride, padding)
    return _avg_pool("avg_pool1d", 1, x, settings, ceil_mode, count_include_pad, None)


def _shares(size, out):
    """(out, size): the weights of the mean over floor(i n / m) to ceil((i + 1) n / m), by rows."""
    i = np.arange(out)[:, None]
    j = np.arange(size)
    inside = (j >= i * size // out) & (j < -(-(i + 1) * size // out))
    return inside / inside.sum(1, keepdims=True)


def adaptive_avg_pool2d(x, output_size):
    """The mean of output_size windows per axis, as equal as can be; None keeps an axis.

    Window i of m along an axis of n entries is floor(i n / m) to ceil((i + 1) n / m).

    >>> import numpy as np
    >>> adaptive_avg_pool2d(np.arange(9.0).reshape(1, 3, 3), 1)
    array([[[4.]]])
    """
    name = "adaptive_avg_pool2d"
    check_image(name, x, 2)
    images = as_images(x, 2)
    size = images.shape[2:]
    wanted = output_size if isinstance(output_size, (tuple, list)) else (output_size,) * 2
    kept = [n if w is None else w for w, n in zip(wanted, size, strict=False)]
    wanted = per_axis(name, "output_size", kept if len(wanted) == 2 else wanted, 2, 1)
    if 0 in size:
        raise ValueError(f"{name}: x has no entries to take the mean of (x: {tuple(x.shape)})")
    if all(n % w == 0 for n, w in zip(size, wanted, strict=True)):
        return avg_pool2d(x, tuple([n // w for n, w in zip(size, wanted, strict=True)]))
    rows, columns = [_like(x, _shares(n, w)) for n, w in zip(size, wanted, strict=True)]
    columns = columns.T
    z = matmul(images, reshape(columns, shape=(1, 1, *columns.shape)))
    return as_given(matmul(reshape(rows, shape=(1, 1, *rows.shape)), z), x, 2)
