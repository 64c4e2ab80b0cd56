"""Windows that slide: convolutions and reductions, under jax.lax's names."""

import math
import operator

from ...shared import ops
from ...shared.ops.axes import one_dtype
from ...shared.primitives.convolution import conv2d
from ...shared.primitives.indexing import place
from ...shared.primitives.pooling import max_pool2d, sum_pool2d
from ...shared.primitives.shape import inverse_permutation, reshape, transpose
from ...shared.primitives.windows import output_size

CONVOLVED = {3: ("NCH", "OIH", "NCH"), 4: ("NCHW", "OIHW", "NCHW")}


def _integers(name, setting, values, count):
    """A tuple of integers, 1 or more, one per axis; None is 1 for each."""
    values = (1,) * count if values is None else tuple([operator.index(n) for n in values])
    if len(values) != count or min(values, default=1) < 1:
        raise ValueError(
            f"{name}: {setting} is {values}, but {count} numbers, 1 or more each, are needed"
        )
    return values


def _pairs(name, padding, size, kernel, stride, dilation):
    """((before, behind), ...) from pairs, 'VALID', 'SAME' or 'SAME_LOWER'."""
    if not isinstance(padding, str):
        pairs = tuple([tuple([operator.index(n) for n in pair]) for pair in padding])
        if len(pairs) != len(size) or any(len(pair) != 2 or min(pair) < 0 for pair in pairs):
            raise ValueError(
                f"{name}: padding is {padding}, but {len(size)} pairs of numbers, 0 or more each, "
                "are needed"
            )
        return pairs
    word = padding.upper()
    if word not in ("VALID", "SAME", "SAME_LOWER"):
        raise ValueError(
            f"{name}: padding is {padding!r}, but 'SAME', 'SAME_LOWER', 'VALID' or pairs are known"
        )
    pairs = []
    for n, k, s, d in zip(size, kernel, stride, dilation, strict=True):
        total = max((math.ceil(n / s) - 1) * s + d * (k - 1) + 1 - n, 0) if word != "VALID" else 0
        half = total // 2
        pairs.append((half, total - half) if word == "SAME" else (total - half, half))
    return tuple(pairs)


def _orders(name, dimension_numbers, rank):
    """For x, kernels and result: the axes in the order N, C, H, W (for kernels O, I, H, W)."""
    given = CONVOLVED[rank] if dimension_numbers is None else tuple(dimension_numbers)
    orders = []
    for letters, text in zip(("NC", "OI", "NC"), given, strict=True):
        spatial = [c for c in given[1] if c not in "OI"]
        wanted = [*letters, *spatial]
        if sorted(text) != sorted(wanted):
            raise ValueError(
                f"{name}: dimension_numbers are {given}, but {text!r} does not name the axes "
                f"{''.join(wanted)}"
            )
        orders.append(tuple([text.index(c) for c in wanted]))
    return orders


def _dilated(x, dilation):
    """x with dilation - 1 zeros between its entries, along the last axes."""
    if set(dilation) == {1} or 0 in x.shape:
        return x
    steps = (1,) * (len(x.shape) - len(dilation)) + dilation
    shape = tuple([(n - 1) * d + 1 for n, d in zip(x.shape, steps, strict=True)])
    return place(x, key=tuple([(0, n, d) for n, d in zip(shape, steps, strict=True)]), shape=shape)


def conv_general_dilated(
    lhs, rhs, window_strides, padding, lhs_dilation=None, rhs_dilation=None,
    dimension_numbers=None, feature_group_count=1, batch_group_count=1, precision=None,
    preferred_element_type=None,
):  # fmt: skip
    """Convolution, as networks mean it, of signals or images with any order of axes.

    padding: 'SAME', 'SAME_LOWER', 'VALID' or pairs. lhs_dilation: d - 1 zeros between the entries
    of lhs. dimension_numbers: as ('NHWC', 'HWIO', 'NHWC'); by default ('NCHW', 'OIHW', 'NCHW').

    >>> import numpy as np
    >>> conv_general_dilated(np.ones((1, 1, 4, 4)), np.ones((1, 1, 3, 3)), (2, 2), "SAME").shape
    (1, 1, 2, 2)
    """
    name = "conv_general_dilated"
    x, w = one_dtype(name, lhs, rhs)
    rank = len(x.shape)
    if rank not in CONVOLVED or len(w.shape) != rank:
        raise ValueError(
            f"{name}: signals (3 axes) and images (4 axes) with kernels of as many axes are "
            f"supported (lhs: {tuple(x.shape)}, rhs: {tuple(w.shape)})"
        )
    if batch_group_count != 1:
        raise ValueError(f"{name}: batch_group_count is {batch_group_count}, but only 1 is there")
    of_x, of_w, of_z = _orders(name, dimension_numbers, rank)
    x, w = transpose(x, axes=of_x), transpose(w, axes=of_w)
    x = _dilated(x, _integers(name, "lhs_dilation", lhs_dilation, rank - 2))
    stride = _integers(name, "window_strides", window_strides, rank - 2)
    dilation = _integers(name, "rhs_dilation", rhs_dilation, rank - 2)
    pairs = _pairs(name, padding, x.shape[2:], w.shape[2:], stride, dilation)
    geometry = _of_image(stride, pairs, dilation)
    z = conv2d(_row(x), _row(w), **geometry, groups=operator.index(feature_group_count))
    z = z if rank == 4 else reshape(z, shape=(*z.shape[:2], z.shape[3]))
    return transpose(z, axes=inverse_permutation(of_z))


def _row(x):
    """A signal as an image of one row."""
    return x if len(x.shape) == 4 else reshape(x, shape=(*x.shape[:2], 1, x.shape[2]))


def _of_image(stride, padding, dilation):
    missing = 2 - len(stride)
    return {
        "stride": (1,) * missing + stride,
        "padding": ((0, 0),) * missing + padding,
        "dilation": (1,) * missing + dilation,
    }


REDUCTIONS = (
    ((ops.maximum, max), max_pool2d, ops.maximum, -math.inf),
    ((ops.add, operator.add), sum_pool2d, ops.add, 0),
)


def reduce_window(
    operand, init_value, computation, window_dimensions, window_strides, padding,
    base_dilation=None, window_dilation=None,
):  # fmt: skip
    """lax.max or lax.add over windows of at most two axes, beginning with init_value.

    >>> import numpy as np
    >>> x = np.arange(8.0).reshape(1, 2, 4, 1)
    >>> reduce_window(x, -np.inf, ops.maximum, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")[0, :, :, 0]
    array([[5., 7.]])
    """
    name, x = "reduce_window", operand
    rank = len(x.shape)
    known = [row for row in REDUCTIONS if computation in row[0]]
    if not known:
        raise ValueError(f"{name}: lax.max and lax.add are supported, not {computation!r}")
    if base_dilation is not None and set(base_dilation) != {1}:
        raise ValueError(f"{name}: base_dilation is {base_dilation}, but only 1 is supported")
    kernel = _integers(name, "window_dimensions", window_dimensions, rank)
    stride = _integers(name, "window_strides", window_strides, rank)
    dilation = _integers(name, "window_dilation", window_dilation, rank)
    pairs = _pairs(name, padding, x.shape, kernel, stride, dilation)
    axes = list(zip(kernel, stride, pairs, dilation, strict=True))
    slid = [i for i, (k, s, pair, _) in enumerate(axes) if (k, s, pair) != (1, 1, (0, 0))]
    if len(slid) > 2:
        raise ValueError(
            f"{name}: windows over {len(slid)} axes, {tuple(slid)}, but two at most are supported"
        )
    _, pool, combine, neutral = known[0]
    z = _over_two_axes(pool, x, slid, axes)
    return z if init_value == neutral else combine(z, init_value)


def _over_two_axes(pool, x, slid, axes):
    """The pool over the axes `slid`, which go last meanwhile; the others are channels."""
    rest = [i for i in range(len(axes)) if i not in slid]
    order = (*rest, *slid)
    lead, size = [x.shape[i] for i in rest], [x.shape[i] for i in slid]
    missing = 2 - len(slid)
    image = reshape(transpose(x, axes=order), shape=(1, math.prod(lead), *[1] * missing, *size))
    kernel, *geometry = [tuple(own) for own in zip(*[axes[i] for i in slid], strict=True)] or [
        ()
    ] * 4
    z = pool(image, kernel=(1,) * missing + kernel, **_of_image(*geometry))
    out = [output_size(n, axes[i]) for n, i in zip(size, slid, strict=True)]
    return transpose(reshape(z, shape=(*lead, *out)), axes=inverse_permutation(order))
