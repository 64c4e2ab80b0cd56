"""Convolution and its transposes: rows of samples, special points and the errors."""

import numpy as np
import pytest

from wonderland.shared.primitives.convolution import (
    conv2d,
    conv2d_affine,
    conv2d_transpose,
    conv2d_weight,
)
from wonderland.shared.primitives.convolution_kernels import patches_of
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


def exact_affine(x, w, b, **static):
    return exact(x, w, **static) + b[:, None, None]


def units(shape):
    """The unit arrays of a shape, in C order."""
    size = int(np.prod(shape))
    return np.eye(size).reshape(size, *shape)


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
    "no images": ((0, 1, 3, 3), (2, 1, 2, 2), {}),
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
        Sample(conv2d_affine, x, w, drawn(w.shape[0]),
               reference=exact_affine, label=label, **static),
        Sample(conv2d_transpose, y, w,
               reference=exact_transpose, label=label, size=x.shape[2:], **static),
        Sample(conv2d_weight, x, y,
               reference=exact_weight, label=label, size=w.shape[2:], **static),
    )
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.label)
def test_the_decomposition_is_the_same(row):
    z = row.primitive.decomposition(*row.args, **row.static)
    wanted = row.primitive(*row.args, **row.static)
    assert z.shape == wanted.shape and np.allclose(z, wanted)


def test_images_lie_with_the_channels_last_from_layer_to_layer():
    x, w = drawn(2, 9, 5, 4), drawn(10, 9, 3, 2)
    z = conv2d(x, w, **PLAIN)
    assert z.transpose(0, 2, 3, 1).flags.c_contiguous
    back = conv2d_transpose(z, w, size=(5, 4), **PLAIN)
    assert back.transpose(0, 2, 3, 1).flags.c_contiguous
    last = np.copy(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    assert conv2d(last, w, **PLAIN).tobytes() == z.tobytes()


def test_a_weight_keeps_its_own_layout():
    z = conv2d_weight(drawn(2, 9, 5, 4), drawn(2, 10, 3, 3), size=(3, 2), **PLAIN)
    assert z.flags.c_contiguous


def test_a_kernel_of_one_pixel_copies_nothing():
    x = np.copy(drawn(2, 3, 4, 9)).transpose(0, 3, 1, 2)
    patches = patches_of(x, (1, 1), (1, 1), ((0, 0), (0, 0)), (1, 1), 1)
    assert np.shares_memory(patches, x)


def test_long_sums_of_halves():
    x, w = np.ones((1, 4096, 1, 1), np.float16), np.ones((1, 4096, 1, 1), np.float16)
    z = conv2d(x, w, **PLAIN)
    assert z.item() == 4096 and z.dtype == np.float16


def call(primitive, *shapes, **static):
    return lambda: primitive(*[np.ones(shape) for shape in shapes], **PLAIN | static)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (call(conv2d, (3, 4, 4), (1, 3, 2, 2)),
         r"conv2d: images .* and kernels .* have 4 axes \(x: \(3, 4, 4\), w: \(1, 3, 2, 2\)\)"),
        (call(conv2d, (2, 3, 4, 4), (1, 4, 2, 2)),
         r"conv2d: x has 3 channels but w takes 4 \(x: \(2, 3, 4, 4\), w: \(1, 4, 2, 2\)\)"),
        (call(conv2d, (2, 3, 4, 4), (2, 2, 1, 1), groups=2),
         "conv2d: x has 3 channels but w takes 2 in each of 2 groups"),
        (call(conv2d, (2, 4, 4, 4), (3, 2, 1, 1), groups=2),
         "conv2d: 2 groups do not divide the 3 kernels of w"),
        (call(conv2d, (2, 3, 4, 4), (1, 3, 2, 5)),
         "conv2d: the kernel of 5 is larger than the padded input of 4 along axis 3 .*; pad more"),
        (call(conv2d, (2, 3, 4, 4), (1, 3, 3, 1), dilation=(2, 1)),
         "conv2d: the kernel of 3, 5 wide by its dilation, is larger than the padded input of 4 "),
        (call(conv2d, (2, 3, 4, 4), (1, 3, 0, 1)),
         "conv2d: the kernel has no entries along axis 2"),
        (call(conv2d_affine, (2, 3, 4, 4), (2, 3, 1, 1), (3,)),
         r"conv2d_affine: w has 2 kernels but b is \(3,\)"),
        (call(conv2d_affine, (2, 3, 4, 4), (2, 3, 1, 5), (2,)),
         "conv2d_affine: the kernel of 5 is larger than the padded input of 4"),
        (call(conv2d_transpose, (2, 4, 4), (2, 1, 1, 1), size=(4, 4)),
         "conv2d_transpose: images and kernels .* have 4 axes"),
        (call(conv2d_transpose, (1, 2, 4, 4), (2, 1, 2, 2), size=(4, 4)),
         r"conv2d_transpose: conv2d takes \(1, 1, 4, 4\) to \(1, 2, 3, 3\), but that is not the "),
        (call(conv2d_transpose, (1, 3, 3, 3), (2, 1, 2, 2), size=(4, 4)),
         r"conv2d_transpose: conv2d takes .* to \(1, 2, 3, 3\), but that is not the shape of x"),
        (call(conv2d_weight, (2, 3, 4), (2, 1, 3, 3), size=(2, 2)),
         r"conv2d_weight: images \(N, C, H, W\) have 4 axes"),
        (call(conv2d_weight, (2, 3, 4, 4), (2, 2, 3, 3), size=(2, 2), groups=2),
         "conv2d_weight: 2 groups do not divide the 3 channels of x"),
        (call(conv2d_weight, (2, 3, 4, 4), (2, 1, 4, 3), size=(2, 2)),
         r"conv2d_weight: conv2d takes x to \(2, 1, 3, 3\), but that is not the shape of y"),
    ],
)  # fmt: skip
def test_errors_teach(call, text):
    with pytest.raises(ValueError, match=text):
        call()
