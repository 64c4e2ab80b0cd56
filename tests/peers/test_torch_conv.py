"""Convolution and pooling against torch: values, gradients to second order, and layers."""

import numpy as np
import pytest

from tests.peers.twins import LIBRARIES, agree, both, run, tensor, value

pytestmark = pytest.mark.peers

RNG = np.random.default_rng(8)


def drawn(*shape):
    return RNG.standard_normal(shape)


# label -> (shape of x, shape of weight, settings)
CONVOLUTIONS = {
    "plain": ((2, 3, 5, 6), (4, 3, 3, 2), {}),
    "1x1": ((2, 9, 3, 4), (5, 9, 1, 1), {}),
    "one image": ((3, 5, 6), (4, 3, 3, 2), {}),
    "many channels": ((2, 10, 5, 4), (9, 10, 3, 3), {"padding": 1}),
    "stride": ((1, 2, 7, 8), (3, 2, 3, 3), {"stride": 2}),
    "strides": ((1, 2, 7, 8), (3, 2, 2, 3), {"stride": (3, 1), "padding": (0, 2)}),
    "wide padding": ((1, 1, 3, 2), (2, 1, 3, 3), {"padding": 4}),
    "dilation": ((1, 2, 9, 8), (3, 2, 3, 2), {"dilation": (2, 3), "padding": 1}),
    "same": ((1, 2, 5, 6), (3, 2, 4, 3), {"padding": "same", "dilation": 2}),
    "valid": ((1, 2, 5, 6), (3, 2, 4, 3), {"padding": "valid"}),
    "groups": ((2, 4, 5, 5), (6, 2, 3, 3), {"groups": 2, "stride": 2, "padding": 1}),
    "depthwise": ((2, 9, 5, 5), (9, 1, 3, 3), {"groups": 9, "padding": 1}),
    "all": ((2, 4, 11, 9), (8, 1, 3, 2),
            {"stride": (2, 3), "padding": (2, 1), "dilation": (3, 2), "groups": 4}),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Using padding='same':UserWarning")
@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_conv2d(name):
    x, w, settings = CONVOLUTIONS[name]

    def program(t, x, w, b):
        return t.nn.functional.conv2d(x, w, b, **settings)

    agree(program, drawn(*x), drawn(*w), drawn(w[0]), rtol=1e-11)


@pytest.mark.parametrize("name", ["plain", "many channels", "strides", "all"])
def test_conv2d_in_single_precision(name):
    x, w, settings = CONVOLUTIONS[name]
    arrays = [drawn(*shape).astype(np.float32) for shape in (x, w, w[:1])]

    def program(t, x, w, b):
        return t.nn.functional.conv2d(x, w, b, **settings)

    agree(program, *arrays, rtol=2e-5)


@pytest.mark.parametrize(
    "settings", [{}, {"stride": 2, "padding": 3}, {"groups": 2}, {"dilation": 2}]
)
def test_conv1d(settings):
    groups = settings.get("groups", 1)
    agree(
        lambda t, x, w, b: t.nn.functional.conv1d(x, w, b, **settings),
        drawn(2, 4, 9), drawn(6, 4 // groups, 3), drawn(6), rtol=1e-11,
    )  # fmt: skip


TRANSPOSED = {
    "plain": ((2, 3, 4, 3), (3, 2, 3, 2), {}),
    "one image": ((3, 4, 3), (3, 2, 3, 2), {}),
    "doubling": ((2, 9, 4, 3), (9, 10, 2, 2), {"stride": 2}),
    "all": ((2, 4, 4, 3), (4, 3, 3, 2),
            {"stride": (3, 2), "padding": (2, 1), "output_padding": (2, 1), "groups": 2,
             "dilation": (2, 3)}),
}  # fmt: skip


@pytest.mark.parametrize("name", TRANSPOSED)
def test_conv_transpose2d(name):
    x, w, settings = TRANSPOSED[name]

    def program(t, x, w, b):
        return t.nn.functional.conv_transpose2d(x, w, b, **settings)

    agree(program, drawn(*x), drawn(*w), drawn(w[1] * settings.get("groups", 1)), rtol=1e-11)


POOLS = [
    (2, {}), (2, {"ceil_mode": True}), (3, {"stride": 1}), (3, {"stride": 2, "padding": 1}),
    ((2, 3), {"stride": (3, 2), "padding": (1, 0), "ceil_mode": True}),
    (3, {"stride": 5, "ceil_mode": True}), (1, {"stride": 2}),
]  # fmt: skip


@pytest.mark.parametrize("shape", [(2, 3, 7, 8), (1, 9, 6), (1, 2, 5, 3)])
@pytest.mark.parametrize(("kernel", "settings"), POOLS)
@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])
def test_pools(name, kernel, settings, shape):
    agree(lambda t, x: getattr(t.nn.functional, name)(x, kernel, **settings), drawn(*shape))


def test_a_dilated_max_pool():
    def program(t, x):
        return t.nn.functional.max_pool2d(x, (2, 3), 2, padding=(1, 1), dilation=(3, 2))

    agree(program, drawn(2, 3, 8, 9))


def test_maxima_attained_more_than_once():
    x = np.maximum(RNG.integers(-3, 3, (2, 3, 8, 7)), 0).astype(float)
    for settings in ({}, {"stride": 1}, {"padding": 1, "stride": 2}):
        agree(lambda t, x, s=settings: t.nn.functional.max_pool2d(x, 3, **s), x)


AVERAGES = [
    {"padding": 1, "count_include_pad": False}, {"divisor_override": 5},
    {"padding": 1, "ceil_mode": True, "stride": 2},
    {"padding": 1, "ceil_mode": True, "stride": 2, "count_include_pad": False},
]  # fmt: skip


@pytest.mark.parametrize("settings", AVERAGES)
def test_what_an_average_divides_by(settings):
    agree(lambda t, x: t.nn.functional.avg_pool2d(x, 3, **settings), drawn(2, 2, 8, 6))


@pytest.mark.parametrize("size", [1, (2, 3), (None, 4), (5, 7), 9])
def test_adaptive_avg_pool2d(size):
    agree(lambda t, x: t.nn.functional.adaptive_avg_pool2d(x, size), drawn(2, 3, 5, 7))


@pytest.mark.parametrize("settings", [{}, {"stride": 1, "padding": 1}, {"ceil_mode": True}])
@pytest.mark.parametrize("name", ["max_pool1d", "avg_pool1d"])
def test_pools_of_signals(name, settings):
    agree(lambda t, x: getattr(t.nn.functional, name)(x, 3, **settings), drawn(2, 3, 10))


LAYERS = {
    "Conv2d(4, 6, 3, padding=1)": (2, 4, 5, 5),
    "Conv2d(4, 6, (3, 2), stride=(1, 2), dilation=2, groups=2, bias=False)": (2, 4, 7, 5),
    "Conv2d(4, 6, 3, padding='same')": (2, 4, 5, 5),
    "Conv1d(4, 6, 3, padding=2)": (2, 4, 5),
    "ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1)": (2, 4, 3, 3),
    "MaxPool2d(2)": (2, 4, 5, 5),
    "MaxPool2d(3, 2, 1, ceil_mode=True)": (2, 4, 6, 6),
    "MaxPool1d(2)": (2, 4, 5),
    "AvgPool2d((3, 2), stride=2, padding=1)": (2, 4, 6, 6),
    "AdaptiveAvgPool2d((1, None))": (2, 4, 6, 6),
}


@pytest.mark.parametrize("text", LAYERS)
def test_layers(text):
    def program(t, x):
        layer = eval(f"nn.{text}", {"nn": t.nn}).double()
        with t.no_grad():
            for p in layer.parameters():
                weights = np.random.default_rng(p.ndim).standard_normal(tuple(p.shape))
                p.copy_(tensor(t, weights, False))
        described.append((repr(layer), {k: tuple(v.shape) for k, v in layer.state_dict().items()}))
        (layer(x) ** 2).sum().backward()
        return [layer(x), x.grad, *[p.grad for p in layer.parameters()]]

    described, x = [], drawn(*LAYERS[text])
    (ours, _), (theirs, _) = (run(t, program, [x], 0) for t in LIBRARIES)
    for a, b in zip(ours[0], theirs[0], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-11)
    assert described[0] == described[1]


def test_weights_are_drawn_from_the_same_distribution():
    def bound(t):
        t.manual_seed(0)
        layers = [t.nn.Conv2d(8, 90, 5, groups=2), t.nn.ConvTranspose2d(8, 90, 5, groups=2)]
        return [np.abs(value(p)).max() for layer in layers for p in layer.parameters()]

    for a, b in zip(*both(bound), strict=True):
        assert abs(a - b) < 0.1 * b


def test_a_script_that_views_what_a_convolution_gives():
    def program(t, x, w):
        z = t.nn.functional.max_pool2d(t.nn.functional.conv2d(x, w), 2)
        return z.view(z.size(0), -1)

    agree(program, drawn(2, 3, 8, 8), drawn(9, 3, 3, 3), rtol=1e-11)
