import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.functional import lax
from wonderland.shared.nn.convolution import conv2d
from wonderland.shared.nn.pooling import max_pool2d

RNG = np.random.default_rng(3)
X, W = RNG.normal(size=(2, 4, 6, 5)), RNG.normal(size=(6, 2, 3, 2))


def test_the_axes_may_stand_in_any_order():
    wanted = conv2d(X, W, stride=2, dilation=(1, 2), groups=2)
    settings = {"rhs_dilation": (1, 2), "feature_group_count": 2}
    z = lax.conv_general_dilated(X, W, (2, 2), "VALID", **settings)
    assert np.allclose(z, wanted)
    x, w = X.transpose(0, 2, 3, 1), W.transpose(2, 3, 1, 0)
    orders = ("NHWC", "HWIO", "NHWC")
    z = lax.conv_general_dilated(x, w, (2, 2), "VALID", dimension_numbers=orders, **settings)
    assert np.allclose(z, wanted.transpose(0, 2, 3, 1))


def test_padding_by_words():
    def shape(padding, stride):
        return lax.conv_general_dilated(X, W[:, :, :, :], stride, padding, feature_group_count=2)

    assert shape("SAME", (1, 1)).shape == (2, 6, 6, 5)
    assert shape("SAME", (2, 2)).shape == (2, 6, 3, 3)
    pairs = {"SAME": ((1, 1), (0, 1)), "SAME_LOWER": ((1, 1), (1, 0)), "VALID": ((0, 0), (0, 0))}
    for word, given in pairs.items():
        assert np.array_equal(shape(word, (1, 1)), shape(given, (1, 1)))


def test_dilating_the_input_transposes_a_stride():
    g = RNG.normal(size=(2, 6, 2, 2))
    (wanted,) = wf.vjp(lambda x: conv2d(x, W[:, :, :, :], stride=2, groups=2), X)[1](g)
    kernels = (
        W.reshape(2, 3, 2, 3, 2).transpose(0, 2, 1, 3, 4).reshape(4, 3, 3, 2)[:, :, ::-1, ::-1]
    )
    z = lax.conv_general_dilated(
        g, kernels, (1, 1), ((2, 3), (1, 2)), lhs_dilation=(2, 2), feature_group_count=2
    )
    assert np.allclose(z, wanted)


def test_signals():
    z = lax.conv_general_dilated(np.arange(5.0).reshape(1, 1, 5), np.ones((1, 1, 3)), (2,), "VALID")
    assert z.tolist() == [[[3.0, 9.0]]]


def test_reduce_window_over_any_two_axes():
    x = X.transpose(0, 2, 3, 1)
    z = lax.reduce_window(x, -np.inf, lax.max, (1, 2, 3, 1), (1, 2, 2, 1), "VALID")
    assert np.array_equal(z, max_pool2d(X, (2, 3), 2).transpose(0, 2, 3, 1))
    z = lax.reduce_window(x, 1.0, lax.add, (2, 1, 1, 4), (1, 1, 1, 4), ((1, 0), *[(0, 0)] * 3))
    sums = x.sum(3, keepdims=True)
    assert np.allclose(z, 1 + np.concatenate([sums[:1], sums.sum(0, keepdims=True)]))
    assert np.array_equal(lax.reduce_window(X, 0, lax.add, (1,) * 4, (1,) * 4, "SAME"), X)
    z = lax.reduce_window(X[0, 0, 0], 0.0, lax.max, (2,), (1,), "VALID")
    assert np.array_equal(z, np.maximum(np.maximum(X[0, 0, 0, :-1], X[0, 0, 0, 1:]), 0))


def test_gradients():
    g = wf.grad(lambda x: lax.reduce_window(x, -np.inf, lax.max, (2, 2), (2, 2), "VALID").sum())
    assert g(np.array([[1.0, 2.0], [2.0, 0.0]])).tolist() == [[0.0, 1.0], [0.0, 0.0]]


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: lax.conv_general_dilated(X[0, 0], W, (1, 1), "SAME"),
         r"conv_general_dilated: signals \(3 axes\) and images \(4 axes\)"),
        (lambda: lax.conv_general_dilated(X, W, (1, 1), "EQUAL"),
         "conv_general_dilated: padding is 'EQUAL', but 'SAME', 'SAME_LOWER', 'VALID' or pairs"),
        (lambda: lax.conv_general_dilated(X, W, (1, 1), ((1, 1),)),
         r"padding is \(\(1, 1\),\), but 2 pairs of numbers, 0 or more each"),
        (lambda: lax.conv_general_dilated(X, W, (1,), "SAME"),
         r"conv_general_dilated: window_strides is \(1,\), but 2 numbers, 1 or more each"),
        (lambda: lax.conv_general_dilated(
            X, W, (1, 1), "SAME", dimension_numbers=("NCHW", "OIHW", "NCHV")),
         "dimension_numbers are .* but 'NCHV' does not name the axes NCHW"),
        (lambda: lax.conv_general_dilated(X, W, (1, 1), "SAME", batch_group_count=2),
         "batch_group_count is 2, but only 1 is there"),
        (lambda: lax.conv_general_dilated(X, W, (1, 1), "SAME"),
         r"conv2d: x has 4 channels but w takes 2"),
        (lambda: lax.reduce_window(X, 0, lax.mul, (1,) * 4, (1,) * 4, "SAME"),
         "reduce_window: lax.max and lax.add are supported, not "),
        (lambda: lax.reduce_window(X, 0, lax.add, (2,) * 4, (1,) * 4, "SAME"),
         r"reduce_window: windows over 4 axes, \(0, 1, 2, 3\), but two at most"),
        (lambda: lax.reduce_window(X, 0, lax.add, (2,) * 4, (1,) * 4, "SAME", (2,) * 4),
         r"reduce_window: base_dilation is \(2, 2, 2, 2\), but only 1"),
    ],
)  # fmt: skip
def test_errors_teach(call, text):
    with pytest.raises(ValueError, match=text):
        call()
