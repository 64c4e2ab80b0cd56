"""Pooling: rows of samples, ties and padding, and the errors."""

import numpy as np
import pytest

from wonderland.shared.primitives.pooling import (
    max_pool2d,
    pick_max,
    place_max,
    spread2d,
    sum_pool2d,
)
from wonderland.shared.tape import vjp
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


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.label)
def test_the_decomposition_is_the_same(row):
    z = row.primitive.decomposition(*row.args, **row.static)
    wanted = row.primitive(*row.args, **row.static)
    assert z.shape == wanted.shape and np.allclose(z, wanted)


def slope(x, **settings):
    """The gradient of the sum of the maxima of one image."""
    settings = PLAIN | {"kernel": (2, 2)} | settings
    x = np.asarray(x, float)[None, None]
    (z,), pull = vjp(lambda x: [max_pool2d(x, **settings)], [x])
    return pull([np.ones(z.shape)])[0][0, 0].tolist()


def test_of_equal_entries_the_first_in_the_order_of_the_rows_takes_the_derivative():
    assert slope([[0, 1], [1, 1]]) == [[0, 1], [0, 0]]
    assert slope([[0, 0], [1, 1]]) == [[0, 0], [1, 0]]
    assert slope([[1, 1, 1]], kernel=(1, 2), stride=(1, 1)) == [[1, 1, 0]]
    assert slope([[-np.inf, -np.inf]], kernel=(1, 2)) == [[1, 0]]


def test_large_images_take_the_same_derivative_as_small_ones():
    x = np.maximum(RNG.normal(size=(1, 20, 40, 32)), 0)
    statics = {"kernel": (2, 2), **PLAIN}
    d, z = RNG.normal(size=x.shape), max_pool2d(x, **statics)
    g = RNG.normal(size=z.shape)
    picked, placed = pick_max(d, x, z, **statics), place_max(g, x, z, **statics)
    for c in range(x.shape[1]):
        image, maximum = x[:, c : c + 1], z[:, c : c + 1]
        alone = pick_max(d[:, c : c + 1], image, maximum, **statics)
        assert np.array_equal(picked[:, c : c + 1], alone)
        alone = place_max(g[:, c : c + 1], image, maximum, **statics)
        assert np.array_equal(placed[:, c : c + 1], alone)


def test_an_infinite_cotangent_reaches_the_winner_alone():
    x = np.arange(8192.0).reshape(1, 2, 64, 64)
    z = max_pool2d(x, kernel=(2, 2), **PLAIN)
    found = place_max(np.full_like(z, np.inf), x, z, kernel=(2, 2), **PLAIN)
    assert np.isinf(found[..., 1::2, 1::2]).all() and not found[..., ::2, :].any()


def test_nan_is_a_maximum_that_passes_nothing_back():
    x = np.array([[[[np.nan, 1.0], [2.0, 3.0]]]])
    assert np.isnan(max_pool2d(x, kernel=(2, 2), **PLAIN)).all()
    assert slope([[np.nan, 1.0], [2.0, 3.0]]) == [[0, 0], [0, 0]]


def test_a_window_of_padding_alone():
    far = {"kernel": (1, 1), "stride": (1, 1), "padding": ((0, 0), (1, 0))}
    assert max_pool2d(np.ones((1, 1, 1, 1)), **PLAIN | far).tolist() == [[[[-np.inf, 1.0]]]]
    assert slope([[1.0]], **far) == [[1.0]]


def test_sums_of_many_halves():
    x = np.full((1, 1, 64, 64), 1, np.float16)
    z = sum_pool2d(x, **PLAIN | {"kernel": (64, 64)})
    assert z.item() == 4096 and z.dtype == np.float16
    g = np.ones((1, 1, 1, 1), np.float16)
    assert spread2d(g, size=(64, 64), **PLAIN | {"kernel": (64, 64)}).dtype == np.float16


def call(primitive, *shapes, **static):
    return lambda: primitive(*[np.ones(s) for s in shapes], **PLAIN | {"kernel": (2, 2)} | static)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (call(max_pool2d, (3, 4, 4)),
         r"max_pool2d: images \(N, C, H, W\) have 4 axes \(x: \(3, 4, 4\)\)"),
        (call(sum_pool2d, (1, 3, 4, 1)),
         "sum_pool2d: the kernel of 2 is larger than the padded input of 1 along axis 3"),
        (call(pick_max, (1, 1, 4, 4), (1, 1, 4, 4), (1, 1, 2, 3)),
         r"pick_max: x has the shape of the image, and maximum that of its windows, \(1, 1, 2, 2"),
        (call(pick_max, (1, 1, 4, 5), (1, 1, 4, 4), (1, 1, 2, 2)),
         "pick_max: x has the shape of the image"),
        (call(place_max, (1, 1, 2, 3), (1, 1, 4, 4), (1, 1, 2, 2)),
         r"place_max: x and maximum have the shape of the image's windows, \(1, 1, 2, 2\)"),
        (call(place_max, (1, 1, 2, 2), (1, 1, 4, 4), (1, 1, 1, 2)),
         "place_max: x and maximum have the shape of the image's windows"),
        (call(spread2d, (1, 2, 2), size=(4, 4)), "spread2d: images .* have 4 axes"),
        (call(spread2d, (1, 1, 2, 2), size=(4, 7)),
         r"spread2d: an image \(1, 1, 4, 7\) has the windows \(1, 1, 2, 3\), but that is not the "),
    ],
)  # fmt: skip
def test_errors_teach(call, text):
    with pytest.raises(ValueError, match=text):
        call()


def test_what_has_no_order_has_no_maximum():
    for dtype in (complex, int):
        with pytest.raises(TypeError, match=r"max_pool2d: x is (complex128|int64), but of real"):
            max_pool2d(np.ones((1, 1, 2, 2), dtype), kernel=(2, 2), **PLAIN)
