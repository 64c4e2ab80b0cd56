"""Convolution and its transposes: rows of samples, special points and the errors."""

import numpy as np

from wonderland.shared.primitives.convolution import conv2d, conv2d_transpose, conv2d_weight
from wonderland.shared.testing import Sample

RNG = np.random.default_rng(0)
PLAIN = {"stride": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1), "groups": 1}


def drawn(*shape):
    return RNG.normal(size=shape)


def exact(x, w, *, stride, padding, dilation, groups):
    """conv2d, pixel by pixel, from the definition."""
    x = np.pad(x, ((0, 0), (0, 0), *padding))
    (n, _, *size), (o, c, *kernel) = x.shape, w.shape
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    out = [(m - r) // s + 1 for m, r, s in zip(size, reach, stride, strict=True)]
    z = np.zeros((n, o, *out), np.result_type(x, w))
    for group in range(groups):
        of_x = x[:, group * c : (group + 1) * c]
        kernels = range(group * (o // groups), (group + 1) * (o // groups))
        for k, i, j in [(k, i, j) for k in kernels for i in range(out[0]) for j in range(out[1])]:
            r, s = i * stride[0], j * stride[1]
            patch = of_x[:, :, r : r + reach[0] : dilation[0], s : s + reach[1] : dilation[1]]
            z[:, k, i, j] = (patch * w[k]).sum((1, 2, 3))
    return z


def units(shape):
    """The unit arrays of a shape, in C order."""
    return np.eye(int(np.prod(shape))).reshape(-1, *shape)


def exact_transpose(x, w, *, size, **static):
    shape = (x.shape[0], w.shape[1] * static["groups"], *size)
    entries = [(exact(unit, w, **static) * x).sum() for unit in units(shape)]
    return np.array(entries, x.dtype).reshape(shape)


def exact_weight(x, y, *, size, **static):
    shape = (y.shape[1], x.shape[1] // static["groups"], *size)
    entries = [(exact(x, unit, **static) * y).sum() for unit in units(shape)]
    return np.array(entries, x.dtype).reshape(shape)


# label -> (shape of x, shape of w, statics)
CASES = {
    "plain": ((2, 2, 3, 3), (2, 2, 2, 2), {}),
    "many channels": ((1, 9, 2, 3), (2, 9, 1, 2), {}),
    "1x1": ((2, 9, 2, 2), (3, 9, 1, 1), {}),
    "stride": ((1, 2, 4, 5), (1, 2, 2, 1), {"stride": (2, 3)}),
    "padding": ((1, 1, 2, 3), (2, 1, 2, 3), {"padding": ((1, 0), (2, 1))}),
    "padding wider than the kernel": ((1, 1, 1, 1), (1, 1, 1, 2), {"padding": ((2, 0), (0, 3))}),
    "dilation": ((1, 1, 4, 3), (1, 1, 2, 2), {"dilation": (3, 2)}),
    "groups": ((2, 4, 2, 2), (6, 2, 1, 2), {"groups": 2}),
    "groups of many": ((1, 16, 2, 1), (4, 8, 2, 1), {"groups": 2, "padding": ((1, 1), (0, 0))}),
    "depthwise": ((1, 3, 3, 2), (3, 1, 2, 2), {"groups": 3, "stride": (1, 2)}),
    "all": ((1, 2, 5, 4), (2, 1, 2, 2),
            {"stride": (2, 1), "padding": ((1, 2), (0, 1)), "dilation": (2, 3), "groups": 2}),
}  # fmt: skip


def cases():
    """(label, x, w, y of conv2d's shape, statics) of each case."""
    for label, (x, w, static) in CASES.items():
        static = PLAIN | static
        x, w = drawn(*x), drawn(*w)
        yield label, x, w, drawn(*conv2d.abstract(x, w, **static)[0]), static


ROWS = [
    row
    for label, x, w, y, static in cases()
    for row in (
        Sample(conv2d, x, w, reference=exact, label=label, **static),
        Sample(conv2d_transpose, y, w,
               reference=exact_transpose, label=label, size=x.shape[2:], **static),
        Sample(conv2d_weight, x, y,
               reference=exact_weight, label=label, size=w.shape[2:], **static),
    )
]  # fmt: skip
