import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.shared.nn.convolution import conv1d, conv2d, conv_transpose2d

RNG = np.random.default_rng(0)
X, W, B = RNG.normal(size=(2, 3, 5, 6)), RNG.normal(size=(4, 3, 2, 3)), RNG.normal(size=4)


def test_a_bias_is_added_to_each_channel():
    assert np.allclose(conv2d(X, W, B), conv2d(X, W) + B[:, None, None])
    g = wf.grad(lambda b: conv2d(X, W, b).sum())(B)
    assert np.allclose(g, 2 * 4 * 4)


@pytest.mark.parametrize("padding", [0, (1, 2), "same", "valid"])
def test_one_image_is_a_batch_of_one(padding):
    assert np.allclose(conv2d(X[0], W, B, padding=padding), conv2d(X, W, B, padding=padding)[0])
    assert np.allclose(conv1d(X[0, :, 0], W[:, :, 0], B), conv1d(X[:, :, 0], W[:, :, 0], B)[0])


def test_same_keeps_the_size_and_pads_more_behind():
    assert conv2d(X, W, padding="same").shape == (2, 4, 5, 6)
    z = conv1d(np.ones((1, 1, 3)), np.ones((1, 1, 4)), padding="same")
    assert z.tolist() == [[[3.0, 3.0, 2.0]]]


def test_the_transpose_is_the_gradient_of_the_convolution():
    z, pull = wf.vjp(lambda x: conv2d(x, W, stride=(2, 1), padding=(0, 1)), X)
    g = RNG.normal(size=z.shape)
    found = conv_transpose2d(g, W, stride=(2, 1), padding=(0, 1), output_padding=(1, 0))
    assert np.allclose(found, pull(g)[0])


def test_a_batch_of_weights():
    many = RNG.normal(size=(5, *W.shape))
    found = wf.vmap(lambda w: conv2d(X, w, B))(many)
    assert np.allclose(found, [conv2d(X, w, B) for w in many])


def test_gradients_of_each_image_alone():
    def loss(w, x):
        return (conv2d(x, w) ** 2).sum()

    found = wf.vmap(wf.grad(loss), in_axes=(None, 0))(W, X)
    assert np.allclose(found, [wf.grad(loss)(W, x) for x in X])


def test_hessian_of_a_small_convolution():
    x = RNG.normal(size=(1, 1, 3, 3))
    found = wf.hessian(lambda w: (conv2d(x, w.reshape(1, 1, 2, 2)) ** 2).sum())(RNG.normal(size=4))
    patches = np.array([x[0, 0, i : i + 2, j : j + 2].ravel() for i in (0, 1) for j in (0, 1)])
    assert np.allclose(found, 2 * patches.T @ patches)


SINGLE = np.ones((1, 3, 4, 4), np.float32)
ERRORS = [
    (lambda: conv2d(X[0, 0], W), ValueError,
     r"conv2d: x has 2 axes, but \(N, C, H, W\) or \(C, H, W\) is needed \(x: \(5, 6\)\)"),
    (lambda: conv1d(X, W[:, :, 0]), ValueError,
     r"conv1d: x has 4 axes, but \(N, C, L\) or \(C, L\) is needed"),
    (lambda: conv2d(X, W[0]), ValueError, "conv2d: weight has 3 axes, not 4"),
    (lambda: conv2d(X[:, :2], W), ValueError,
     r"conv2d: x has 2 channels but weight takes 3 \(x: \(2, 2, 5, 6\), weight: \(4, 3, 2, 3\)\)"),
    (lambda: conv2d(X, W, groups=2), ValueError,
     "conv2d: x has 3 channels but weight takes 6 in 2 groups"),
    (lambda: conv2d(X, W, groups=3), ValueError, "conv2d: 3 groups do not divide the 4 of weight"),
    (lambda: conv2d(X, W, B[:3]), ValueError,
     r"conv2d: bias has shape \(3,\), but one entry for each of the 4 channels"),
    (lambda: conv2d(X, W.astype(np.float32)), TypeError,
     r"conv2d: x is float64 but weight is float32; convert x with astype\(float32\) \(the model: "),
    (lambda: conv2d(SINGLE, np.ones((1, 3, 5, 1), np.float32)), ValueError,
     "conv2d: the kernel of 5 is larger than the padded input of 4 along axis 2"),
    (lambda: conv2d(X, W, stride=0), ValueError,
     "conv2d: stride is 0, but 1 or more is needed"),
    (lambda: conv2d(X, W, stride=(1, 2, 3)), ValueError,
     r"conv2d: stride has 3 entries, but one for all axes or 2 are needed"),
    (lambda: conv2d(X, W, dilation=1.5), TypeError,
     "conv2d: dilation is made of integers, but it is 1.5"),
    (lambda: conv2d(X, W, padding=-1), ValueError, "conv2d: padding is -1, but 0 or more"),
    (lambda: conv2d(X, W, padding="full"), ValueError,
     "conv2d: padding is 'full', but 'same', 'valid' or numbers are known"),
    (lambda: conv2d(X, W, padding="same", stride=2), ValueError,
     r"conv2d: padding='same' goes with stride 1 alone, but it is \(2, 2\)"),
    (lambda: conv_transpose2d(X, W), ValueError,
     r"conv_transpose2d: x has 3 channels but weight takes 4"),
    (lambda: conv_transpose2d(X, W[:3], stride=2, output_padding=2), ValueError,
     r"conv_transpose2d: output_padding 2 is not smaller than the stride \(2, 2\)"),
    (lambda: conv_transpose2d(X[..., :1, :1], W[:3], padding=2), ValueError,
     r"conv_transpose2d: padding \(2, 2\) leaves nothing of the result"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), ERRORS)
def test_errors_teach(call, error, text):
    with pytest.raises(error, match=text):
        call()
