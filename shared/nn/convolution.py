"""Convolutions of images (N, C, H, W) and of signals (N, C, L), with torch's names and layouts.

A batch axis may be missing. Settings are one number for all axes, or one per axis.
"""

import operator

from ..primitives import convolution
from ..primitives.arithmetic import add
from ..primitives.shape import reshape
from ..primitives.windows import fitting_windows, given_shapes, windows


def per_axis(name, setting, value, count, least):
    """A setting as one integer per axis; ValueError or TypeError where it is none.

    >>> per_axis("conv2d", "stride", 2, 2, 1)
    (2, 2)
    """
    given = value if isinstance(value, (tuple, list)) else (value,)
    try:
        numbers = tuple([operator.index(n) for n in given])
    except TypeError:
        raise TypeError(f"{name}: {setting} is made of integers, but it is {value!r}") from None
    if len(numbers) not in (1, count):
        raise ValueError(
            f"{name}: {setting} has {len(numbers)} entries, but one for all axes or {count} are "
            f"needed ({setting}: {value!r})"
        )
    if min(numbers) < least:
        raise ValueError(f"{name}: {setting} is {value!r}, but {least} or more is needed")
    return numbers * count if len(numbers) == 1 else numbers


def check_setting(name, padding):
    """ValueError for a word that names no padding."""
    if padding not in ("same", "valid"):
        raise ValueError(
            f"{name}: padding is {padding!r}, but 'same', 'valid' or numbers are known"
        )


def paddings(name, padding, kernel, stride, dilation):
    """((before, behind), ...) for each axis: of numbers, or of 'same' or 'valid'.

    'same' keeps the size; where an odd number of entries is missing the larger half comes behind.

    >>> paddings("conv2d", "same", (3, 4), (1, 1), (1, 1))
    ((1, 1), (1, 2))
    """
    if not isinstance(padding, str):
        return tuple([(p, p) for p in per_axis(name, "padding", padding, len(kernel), 0)])
    check_setting(name, padding)
    if padding == "valid":
        return ((0, 0),) * len(kernel)
    if set(stride) != {1}:
        raise ValueError(f"{name}: padding='same' goes with stride 1 alone, but it is {stride}")
    totals = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    return tuple([(total // 2, total - total // 2) for total in totals])


def check_image(name, x, axes):
    """ValueError unless x is an image, or a batch of them."""
    if len(x.shape) not in (axes + 1, axes + 2):
        size = ("L", "H, W")[axes - 1]
        raise ValueError(
            f"{name}: x has {len(x.shape)} axes, but (N, C, {size}) or (C, {size}) is needed "
            f"(x: {tuple(x.shape)})"
        )


def as_images(x, axes):
    """x with the four axes (N, C, H, W): a signal is an image of one row."""
    n, c, *size = x.shape if len(x.shape) == axes + 2 else (1, *x.shape)
    shape = (n, c, *[1] * (2 - axes), *size)
    return x if shape == tuple(x.shape) else reshape(x, shape=shape)


def as_given(z, x, axes):
    """An image z with the axes that x has."""
    if len(x.shape) == 4:
        return z
    n, c, *size = z.shape
    lead = (n, c) if len(x.shape) == axes + 2 else (c,)
    return reshape(z, shape=(*lead, *size[2 - axes :]))


def check_windows(name, given, sizes, windows, rank):
    """ValueError for a window that is larger than the padded axis, in the axes of the user's x."""
    for axis, (size, window) in enumerate(zip(sizes, windows, strict=True), rank - len(sizes)):
        fitting_windows(name, axis, size, window, given)


def _check(name, axes, operands, groups, transposed):
    """What does not fit, in the words of the layer; returns the groups as an integer."""
    x, weight, bias = operands
    check_image(name, x, axes)
    (groups,) = per_axis(name, "groups", groups, 1, 1)
    shapes = f"(x: {tuple(x.shape)}, weight: {tuple(weight.shape)})"
    if len(weight.shape) != axes + 2:
        raise ValueError(f"{name}: weight has {len(weight.shape)} axes, not {axes + 2} {shapes}")
    channels, (first, second) = x.shape[-axes - 1], weight.shape[:2]
    if first % groups:
        raise ValueError(f"{name}: {groups} groups do not divide the {first} of weight {shapes}")
    takes, gives = (first, second * groups) if transposed else (second * groups, first)
    if channels != takes:
        of = f" in {groups} groups" if groups > 1 else ""
        raise ValueError(f"{name}: x has {channels} channels but weight takes {takes}{of} {shapes}")
    if bias is not None and tuple(bias.shape) != (gives,):
        raise ValueError(
            f"{name}: bias has shape {tuple(bias.shape)}, but one entry for each of the {gives} "
            "channels of the result is needed"
        )
    for label, w in (("weight", weight), ("bias", bias)):
        if w is not None and w.dtype != x.dtype:
            model = f" (the model: model.to({x.dtype}))" if x.dtype.kind in "fc" else ""
            raise TypeError(
                f"{name}: x is {x.dtype} but {label} is {w.dtype}; convert x with "
                f"astype({w.dtype}){model}"
            )
    return groups


def _as_kernels(weight, axes):
    return weight if axes == 2 else reshape(weight, shape=(*weight.shape[:2], 1, weight.shape[2]))


def _rowed(axes, *settings):
    """Settings of a signal, for an image of one row."""
    neutral = (1, (0, 0), 1)
    return settings if axes == 2 else [(n, *s) for n, s in zip(neutral, settings, strict=True)]


def _conv(name, axes, operands, stride, padding, dilation, groups):
    groups = _check(name, axes, operands, groups, transposed=False)
    x, weight, bias = operands
    stride = per_axis(name, "stride", stride, axes, 1)
    dilation = per_axis(name, "dilation", dilation, axes, 1)
    padding = paddings(name, padding, weight.shape[2:], stride, dilation)
    check_windows(name, given_shapes(x=x, weight=weight), x.shape[-axes:],
                  windows(weight.shape[2:], stride, padding, dilation), len(x.shape))  # fmt: skip
    stride, padding, dilation = _rowed(axes, stride, padding, dilation)
    operands = as_images(x, axes), _as_kernels(weight, axes)
    convolve = convolution.conv2d
    if bias is not None:
        operands, convolve = (*operands, bias), convolution.conv2d_affine
    z = convolve(*operands, stride=stride, padding=padding, dilation=dilation, groups=groups)
    return as_given(z, x, axes)


def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """z[n, o] = bias[o] + sum over u, i, j of weight[o, u, i, j] x[n, u, r s + i d, c s + j d].

    x: (N, C, H, W) or (C, H, W); weight: (O, C / groups, k, l); bias: (O,) or None. padding: zeros
    on each side, 'valid' (none) or 'same' (z as large as x; for stride 1).

    >>> import numpy as np
    >>> conv2d(np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2)))[0, 0]
    array([[4., 4.],
           [4., 4.]])
    """
    return _conv("conv2d", 2, (x, weight, bias), stride, padding, dilation, groups)


def conv1d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """As conv2d, of signals: x (N, C, L) or (C, L), weight (O, C / groups, k).

    >>> import numpy as np
    >>> conv1d(np.arange(4.0)[None], np.array([[[1.0, -1.0]]]))
    array([[-1., -1., -1.]])
    """
    return _conv("conv1d", 1, (x, weight, bias), stride, padding, dilation, groups)


def conv_transpose2d(
    x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1
):
    """The transpose of conv2d in its x, plus bias: from small images to large ones.

    x: (N, C, h, w) or (C, h, w); weight: (C, O / groups, k, l); the size of z is that from which
    conv2d of the same stride, padding and dilation gets the size of x, and output_padding more.

    >>> import numpy as np
    >>> conv_transpose2d(np.ones((1, 1, 2)), np.ones((1, 1, 1, 2)), stride=2).shape
    (1, 1, 4)
    """
    name = "conv_transpose2d"
    groups = _check(name, 2, (x, weight, bias), groups, transposed=True)
    stride = per_axis(name, "stride", stride, 2, 1)
    dilation = per_axis(name, "dilation", dilation, 2, 1)
    padding = per_axis(name, "padding", padding, 2, 0)
    extra = per_axis(name, "output_padding", output_padding, 2, 0)
    if any(e >= s for e, s in zip(extra, stride, strict=True)):
        raise ValueError(
            f"{name}: output_padding {output_padding!r} is not smaller than the stride {stride}: "
            "another input size would give that output"
        )
    images = as_images(x, 2)
    size = tuple(
        [
            (n - 1) * s - 2 * p + d * (k - 1) + e + 1
            for n, s, p, d, k, e in zip(
                images.shape[2:], stride, padding, dilation, weight.shape[2:], extra, strict=True
            )
        ]
    )
    if min(size) < 1:
        raise ValueError(
            f"{name}: padding {padding} leaves nothing of the result, whose size would be {size} "
            f"(x: {tuple(x.shape)}, weight: {tuple(weight.shape)})"
        )
    z = convolution.conv2d_transpose(
        images, weight,
        size=size, stride=stride, padding=tuple([(p, p) for p in padding]), dilation=dilation,
        groups=groups,
    )  # fmt: skip
    if bias is not None:
        z = add(z, reshape(bias, shape=(1, bias.shape[0], 1, 1)))
    return as_given(z, x, 2)
