"""Convolution of images, as networks mean it (a correlation), and its two transposes.

N images, C channels of x, O of z, G groups; x is (N, C, H, W), w (O, C / G, k, l), z (N, O, h, w).

    conv2d            z[n, o, r, c] = sum over u, i, j of w[o, u, i, j] x[n, u, r s+i d, c s+j d]
    conv2d_transpose  its transpose in x: from the shape of z to that of x
    conv2d_weight     its transpose in w: from x and the shape of z to the shape of w

The three are <conv2d(x, w), y> with one of x, w and y left out, so that the derivatives of each are
the other two. Statics: stride (s, s) and dilation (d, d); padding ((top, bottom), (left, right)),
entries that count as zeros; groups, each of which has its own C / G channels of x and O / G of z.
"""

from .arithmetic import add
from .convolution_kernels import convolve, convolve_affine, convolve_transpose, convolve_weight
from .primitive import Primitive, bilinear
from .reduction import batch_size, broadcast_to, with_batch
from .reduction import sum as reduce_sum
from .shape import reshape, transpose, zeros
from .unfolding import unfolded_conv2d, unfolded_conv2d_transpose, unfolded_conv2d_weight
from .windows import fitting_windows, given_shapes, merged, parted, windows


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


def _conv2d_affine_shape(x, w, b, **static):
    given = given_shapes(x=x, w=w, b=b)
    if tuple(b.shape) != tuple(w.shape[:1]):
        raise ValueError(f"conv2d_affine: w has {w.shape[0]} kernels but b is {b.shape} {given}")
    return _fitting("conv2d_affine", tuple(x.shape), tuple(w.shape), given, static)


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


def _conv2d_affine_batch(args, batched, **static):
    x, w, b = args
    if batched == [True, False, False]:
        return parted(conv2d_affine(merged(x), w, b, **static), x.shape[0], x.shape[1])
    if any(batched[:2]):
        z = _conv2d_batch(args[:2], batched[:2], **static)
    else:
        z = conv2d(x, w, **static)
        z = reshape(z, shape=(1, *z.shape))
    lead = b.shape[0] if batched[2] else 1
    return add(z, reshape(b, shape=(lead, 1, b.shape[-1], 1, 1)))


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
    convolve,
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


def _channels(b, shape):
    """b for each channel of an image of that shape."""
    return broadcast_to(reshape(b, shape=(1, shape[1], 1, 1)), shape=shape)


def _unfolded_affine(x, w, b, **static):
    z = unfolded_conv2d(x, w, **static)
    return z + _channels(b, z.shape)


# z = conv2d(x, w) + b, with one entry of b for each channel of z
conv2d_affine = Primitive(
    "conv2d_affine",
    convolve_affine,
    shape=_conv2d_affine_shape,
    jvp={
        "x": lambda dx, w, stride, padding, dilation, groups: conv2d(
            dx, w, stride=stride, padding=padding, dilation=dilation, groups=groups
        ),
        "w": lambda dw, x, stride, padding, dilation, groups: conv2d(
            x, dw, stride=stride, padding=padding, dilation=dilation, groups=groups
        ),
        "b": lambda db, z_shape: _channels(db, z_shape),
    },
    vjp={
        "x": lambda gz, w, x_shape, stride, padding, dilation, groups: conv2d_transpose(
            gz, w,
            size=x_shape[2:], stride=stride, padding=padding, dilation=dilation, groups=groups,
        ),
        "w": lambda gz, x, w_shape, stride, padding, dilation, groups: conv2d_weight(
            x, gz,
            size=w_shape[2:], stride=stride, padding=padding, dilation=dilation, groups=groups,
        ),
        "b": lambda gz: reduce_sum(gz, axis=(0, 2, 3), keepdims=False),
    },
    batch=_conv2d_affine_batch,
)  # fmt: skip

# the transpose of z = conv2d(x, w) in x, from the shape of z to x of the given size (H, W)
conv2d_transpose = bilinear(
    "conv2d_transpose",
    convolve_transpose,
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
    convolve_weight,
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


conv2d.decomposition = unfolded_conv2d
conv2d_affine.decomposition = _unfolded_affine
conv2d_weight.decomposition = unfolded_conv2d_weight
conv2d_transpose.decomposition = unfolded_conv2d_transpose
