"""Pooling: the maximum, or the sum, of each window of an image.

x is (N, C, H, W), z (N, C, h, w). Statics: kernel (k, l), stride, padding ((top, bottom), (left,
right)) and dilation, as of a convolution. Outside of x there is -inf for a maximum and 0 for a sum;
a maximum over nothing else is -inf and has the derivative zero.

Of several entries that attain the maximum of a window the first, in the order of its rows, takes
the derivative, as in torch; where the maximum is NaN, none does.
"""

import math

import numpy as np

from .arithmetic import add
from .comparison import equal, logical_and, logical_not
from .indexing import getitem, place, update
from .masking import masked
from .primitive import Primitive, linear
from .reduction import batch_size, with_batch
from .selection import maximum as larger
from .selection import where
from .shape import ones, zeros
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


def _along(axis, entries):
    """The key of some entries along one axis."""
    return (*[slice(None)] * axis, entries)


def _resized(shape, axis, size):
    return (*shape[:axis], size, *shape[axis + 1 :])


def _pooled(combine, x, axis, window, nothing):
    """Windows along one axis, combined."""
    taps = [overlap(i, x.shape[axis], window) for i in range(window[0])]
    size = output_size(x.shape[axis], window)
    if size < 1:
        raise ValueError  # the shape rule says which kernel is too large
    pairs = [(x[_along(axis, of_x)], _along(axis, of_z)) for of_x, of_z in taps]
    if len(taps) > 1 and all(of_z == slice(0, size) for _, of_z in taps):
        z, pairs = combine(pairs[0][0], pairs[1][0]), pairs[2:]
    else:
        z = np.full_like(x, nothing, shape=_resized(x.shape, axis, size))
    for tap, key in pairs:
        combine(z[key], tap, out=z[key])
    return z


def _pool(combine, x, fits, nothing):
    """A window of an image is one of its rows, then one of the columns of these."""
    rows, columns = fits
    return _pooled(combine, _pooled(combine, x, 2, rows, nothing), 3, columns, nothing)


def _max_pool2d(x, *, kernel, stride, padding, dilation):
    if x.dtype.kind != "f":
        raise TypeError  # the shape rule says why
    return _pool(np.maximum, x, windows(kernel, stride, padding, dilation), -math.inf)


def _pool_shape(name, x, fits):
    given = given_shapes(x=x)
    if len(x.shape) != 4:
        raise ValueError(f"{name}: images (N, C, H, W) have 4 axes {given}")
    sizes = enumerate(zip(x.shape[2:], fits, strict=True), 2)
    return (*x.shape[:2], *[fitting_windows(name, i, n, window, given) for i, (n, window) in sizes])


def _max_pool2d_shape(x, *, kernel, stride, padding, dilation):
    if np.dtype(x.dtype).kind != "f":
        raise TypeError(f"max_pool2d: x is {x.dtype}, but of real floats alone it is defined")
    return _pool_shape("max_pool2d", x, windows(kernel, stride, padding, dilation))


def _image_batch(primitive):
    """The batch rule of a primitive that takes each image by itself: more images."""

    def batch(args, batched, **static):
        b = batch_size(args, batched)
        args = [with_batch(a, flag, b) for a, flag in zip(args, batched, strict=True)]
        z = primitive()(*[merged(a) for a in args], **static)
        return parted(z, b, args[0].shape[1])

    return batch


# z = the largest entry of each window of x
max_pool2d = Primitive(
    "max_pool2d",
    _max_pool2d,
    shape=_max_pool2d_shape,
    jvp={
        "x": lambda dx, x, z, kernel, stride, padding, dilation: pick_max(
            dx, x, z, kernel=kernel, stride=stride, padding=padding, dilation=dilation
        )
    },
    vjp={
        "x": lambda gz, x, z, kernel, stride, padding, dilation: place_max(
            gz, x, z, kernel=kernel, stride=stride, padding=padding, dilation=dilation
        )
    },
    batch=_image_batch(lambda: max_pool2d),
)


def _winners(image, maximum, fits):
    """(entries of the image, windows, in which of these the entry is the first maximum), by tap."""
    rows, columns = fits
    free = np.ones_like(maximum, dtype=bool)
    for i in range(rows[0]):
        of_rows, to_rows = overlap(i, image.shape[2], rows)
        for j in range(columns[0]):
            of_columns, to_columns = overlap(j, image.shape[3], columns)
            entries, places = (..., of_rows, of_columns), (..., to_rows, to_columns)
            wins, left = image[entries] == maximum[places], free[places]
            wins &= left
            left ^= wins
            yield entries, places, wins


def _require_maxima(maximum, image, fits):
    """A ValueError, to be explained by the shape rule, unless there is one maximum per window."""
    sizes = map(output_size, image.shape[2:], fits)
    if tuple(maximum.shape) != (*image.shape[:2], *sizes):
        raise ValueError


def _pick_max(x, image, maximum, *, kernel, stride, padding, dilation):
    fits = windows(kernel, stride, padding, dilation)
    _require_maxima(maximum, image, fits)
    if x.shape != image.shape:
        raise ValueError
    z = np.zeros_like(maximum, dtype=x.dtype)
    for entries, places, wins in _winners(image, maximum, fits):
        z[places] += masked(x[entries], wins)
    return z


def _pick_max_shape(x, image, maximum, **geometry):
    given = given_shapes(x=x, image=image, maximum=maximum)
    shape = _pool_shape("pick_max", image, windows(**geometry))
    if tuple(x.shape) != tuple(image.shape) or tuple(maximum.shape) != shape:
        raise ValueError(
            f"pick_max: x has the shape of the image, and maximum that of its windows, {shape} "
            f"{given}"
        )
    return shape


# z = the entry of x where the image has the first maximum of each window
pick_max = linear(
    "pick_max",
    _pick_max,
    shape=_pick_max_shape,
    dtype=lambda x, image, maximum, **static: x.dtype,
    transpose={
        "x": lambda gz, image, maximum, kernel, stride, padding, dilation: place_max(
            gz, image, maximum,
            kernel=kernel, stride=stride, padding=padding, dilation=dilation,
        )
    },
    batch=_image_batch(lambda: pick_max),
)  # fmt: skip


def _place_max(x, image, maximum, *, kernel, stride, padding, dilation):
    fits = windows(kernel, stride, padding, dilation)
    _require_maxima(maximum, image, fits)
    if x.shape != maximum.shape:
        raise ValueError
    if x.strides != maximum.strides:  # one order of memory for all that follows
        x, given = np.empty_like(maximum, dtype=x.dtype), x
        x[...] = given
    z = np.zeros_like(image, dtype=x.dtype)
    apart = all(d * (k - 1) < s for k, s, d in zip(kernel, stride, dilation, strict=True))
    for entries, places, wins in _winners(image, maximum, fits):
        if apart:  # no entry is in two windows
            masked(x[places], wins, out=z[entries])
        else:
            z[entries] += masked(x[places], wins)
    return z


def _place_max_shape(x, image, maximum, **geometry):
    given = given_shapes(x=x, image=image, maximum=maximum)
    shape = _pool_shape("place_max", image, windows(**geometry))
    if tuple(x.shape) != shape or tuple(maximum.shape) != shape:
        raise ValueError(
            f"place_max: x and maximum have the shape of the image's windows, {shape} {given}"
        )
    return image.shape


# z = a 0 for each entry of the image, but x at the first maximum of its window
place_max = linear(
    "place_max",
    _place_max,
    shape=_place_max_shape,
    dtype=lambda x, image, maximum, **static: x.dtype,
    transpose={
        "x": lambda gz, image, maximum, kernel, stride, padding, dilation: pick_max(
            gz, image, maximum,
            kernel=kernel, stride=stride, padding=padding, dilation=dilation,
        )
    },
    batch=_image_batch(lambda: place_max),
)  # fmt: skip


def _sum_pool2d(x, *, kernel, stride, padding, dilation):
    if x.dtype.char == "e":  # sums of many halves need more digits
        x = x.astype(np.float32)
        z = _sum_pool2d(x, kernel=kernel, stride=stride, padding=padding, dilation=dilation)
        return z.astype(np.float16)
    return _pool(np.add, x, windows(kernel, stride, padding, dilation), 0)


# z = the sum of each window of x
sum_pool2d = linear(
    "sum_pool2d",
    _sum_pool2d,
    shape=lambda x, **geometry: _pool_shape("sum_pool2d", x, windows(**geometry)),
    transpose=lambda gz, x_shape, kernel, stride, padding, dilation: spread2d(
        gz,
        size=x_shape[2:], kernel=kernel, stride=stride, padding=padding, dilation=dilation,
    ),
    batch=_image_batch(lambda: sum_pool2d),
)  # fmt: skip


def _spread(x, axis, window, size):
    """The transpose of a sum of windows along one axis."""
    z = np.zeros_like(x, shape=_resized(x.shape, axis, size))
    for i in range(window[0]):
        of_z, of_x = overlap(i, size, window)
        z[_along(axis, of_z)] += x[_along(axis, of_x)]
    return z


def _spread2d(x, *, size, kernel, stride, padding, dilation):
    if x.dtype.char == "e":
        x = x.astype(np.float32)
        z = _spread2d(
            x, size=size, kernel=kernel, stride=stride, padding=padding, dilation=dilation
        )
        return z.astype(np.float16)
    rows, columns = windows(kernel, stride, padding, dilation)
    if x.shape[2:] != (output_size(size[0], rows), output_size(size[1], columns)):
        raise ValueError
    return _spread(_spread(x, 3, columns, size[1]), 2, rows, size[0])


class _Outline:
    """A shape, for a shape rule."""

    def __init__(self, shape):
        self.shape = shape


def _spread2d_shape(x, *, size, **geometry):
    if len(x.shape) != 4:
        raise ValueError(f"spread2d: images (N, C, H, W) have 4 axes {given_shapes(x=x)}")
    image = (*x.shape[:2], *size)
    wanted = _pool_shape("spread2d", _Outline(image), windows(**geometry))
    if wanted != tuple(x.shape):
        raise ValueError(
            f"spread2d: an image {image} has the windows {wanted}, but that is not the shape of x "
            f"{given_shapes(x=x)}"
        )
    return image


# z = for each entry of an image of the given size the sum of x over the windows that it is in
spread2d = linear(
    "spread2d",
    _spread2d,
    shape=_spread2d_shape,
    transpose=lambda gz, kernel, stride, padding, dilation: sum_pool2d(
        gz, kernel=kernel, stride=stride, padding=padding, dilation=dilation
    ),
    batch=_image_batch(lambda: spread2d),
)


def _taps(x, kernel, stride, padding, dilation, nothing):
    """The entry of each window of x under one tap after the other, by primitives."""
    n, c, *size = x.shape
    out = list(map(output_size, size, windows(kernel, stride, padding, dilation)))
    lead, (frame, inside) = ((0, n, 1), (0, c, 1)), framed(size, padding)
    if frame != tuple(size):
        outside = ones(x, (n, c, *frame)) * nothing if nothing else zeros(x, (n, c, *frame))
        x = update(outside, x, key=lead + inside)
    return [getitem(x, key=lead + key) for key in tap_keys(kernel, out, stride, dilation)]


def _folded(combine, nothing):
    """The decomposition of a pool."""

    def decomposed(x, **geometry):
        z, *taps = _taps(x, **geometry, nothing=nothing)
        for tap in taps:
            z = combine(z, tap)
        return z

    return decomposed


def _winning(image, maximum, geometry):
    """Where each tap is the first maximum, by primitives."""
    free = None
    for tap in _taps(image, **geometry, nothing=-math.inf):
        wins = equal(tap, maximum)
        yield wins if free is None else logical_and(wins, free)
        free = logical_not(wins) if free is None else logical_and(free, logical_not(wins))


def _pick_max_decomposed(x, image, maximum, **geometry):
    pairs = zip(_winning(image, maximum, geometry), _taps(x, **geometry, nothing=0), strict=True)
    terms = [where(wins, tap, 0) for wins, tap in pairs]
    return _total(terms)


def _total(terms):
    z = terms[0]
    for term in terms[1:]:
        z = add(z, term)
    return z


def _put(x, terms, size, kernel, stride, padding, dilation):
    """The sum of the terms, each at its tap's entries of an image of the given size."""
    (n, c, *out), (frame, inside) = x.shape, framed(size, padding)
    lead = ((0, n, 1), (0, c, 1))
    keys = tap_keys(kernel, out, stride, dilation)
    z = _total(
        [
            place(term, key=lead + key, shape=(n, c, *frame))
            for term, key in zip(terms, keys, strict=True)
        ]
    )
    return z if frame == tuple(size) else getitem(z, key=lead + inside)


def _place_max_decomposed(x, image, maximum, **geometry):
    terms = [where(wins, x, 0) for wins in _winning(image, maximum, geometry)]
    return _put(x, terms, image.shape[2:], **geometry)


def _spread2d_decomposed(x, *, size, **geometry):
    return _put(x, [x] * math.prod(geometry["kernel"]), size, **geometry)


max_pool2d.decomposition = _folded(larger, -math.inf)
sum_pool2d.decomposition = _folded(add, 0)
pick_max.decomposition = _pick_max_decomposed
place_max.decomposition = _place_max_decomposed
spread2d.decomposition = _spread2d_decomposed
