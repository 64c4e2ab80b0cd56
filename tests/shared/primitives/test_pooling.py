"""Pooling: rows of samples, ties and padding, and the errors."""

import numpy as np

from wonderland.shared.primitives.pooling import (
    max_pool2d,
    pick_max,
    place_max,
    spread2d,
    sum_pool2d,
)
from wonderland.shared.testing import Sample

RNG = np.random.default_rng(1)
PLAIN = {"stride": (2, 2), "padding": ((0, 0), (0, 0)), "dilation": (1, 1)}


def patches(x, outside, *, kernel, stride, padding, dilation):
    """(N, C, h, w, k l): the entries of each window."""
    x = np.pad(x, ((0, 0), (0, 0), *padding), constant_values=outside)
    v = np.lib.stride_tricks.sliding_window_view(
        x, [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)], (2, 3)
    )
    v = v[:, :, :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]]
    return v.reshape(*v.shape[:4], -1)


def exact_max(x, **geometry):
    return patches(x, -np.inf, **geometry).max(-1)


def exact_sum(x, **geometry):
    return patches(x, 0, **geometry).sum(-1)


def exact_pick(x, image, maximum, **geometry):
    first = patches(image, -np.inf, **geometry).argmax(-1)
    return np.take_along_axis(patches(x, 0, **geometry), first[..., None], -1)[..., 0]


def exact_transpose(exact, x, shape):
    """<exact(unit), x> for each unit array of a shape."""
    units = np.eye(int(np.prod(shape))).reshape(-1, *shape)
    return np.array([(exact(unit) * x).sum() for unit in units], x.dtype).reshape(shape)


def exact_place(x, image, maximum, **geometry):
    pick = lambda unit: exact_pick(unit, image, maximum, **geometry)  # noqa: E731
    return exact_transpose(pick, x, image.shape)


def exact_spread(x, *, size, **geometry):
    return exact_transpose(lambda unit: exact_sum(unit, **geometry), x, (*x.shape[:2], *size))


TIED = "the maximum is that of the image, and cannot be moved alone"
FIXED = {"jvp": TIED, "second_order": TIED}

# label -> (shape of x, statics)
CASES = {
    "plain": ((2, 2, 4, 2), {"kernel": (2, 2)}),
    "rest": ((1, 2, 3, 5), {"kernel": (2, 2)}),
    "overlapping": ((1, 1, 4, 3), {"kernel": (3, 2), "stride": (1, 1)}),
    "gaps": ((1, 1, 5, 4), {"kernel": (1, 2), "stride": (2, 3)}),
    "one": ((1, 2, 2, 1), {"kernel": (1, 1), "stride": (1, 1)}),
    "padding": ((1, 2, 3, 4), {"kernel": (3, 2), "padding": ((1, 1), (1, 0))}),
    "dilation": ((1, 1, 4, 5), {"kernel": (2, 2), "stride": (1, 2), "dilation": (3, 2)}),
}


def rows():
    for label, (shape, statics) in CASES.items():
        statics = PLAIN | statics
        x, d = (RNG.permutation(np.prod(shape)).reshape(shape) / 4 - 3 for _ in range(2))
        z = exact_max(x, **statics)
        given = {"label": label, "dtypes": "f", **statics}
        yield Sample(max_pool2d, x, reference=exact_max, **given)
        yield Sample(sum_pool2d, x, reference=exact_sum, **given | {"dtypes": "fc"})
        yield Sample(spread2d, z, reference=exact_spread, size=shape[2:],
                     **given | {"dtypes": "fc"})  # fmt: skip
        yield Sample(pick_max, d, x, z, reference=exact_pick, without=FIXED, **given)
        yield Sample(place_max, exact_max(d, **statics), x, z, reference=exact_place,
                     without=FIXED, **given)  # fmt: skip


ROWS = list(rows())
