import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.shared.nn.pooling import (
    adaptive_avg_pool2d,
    avg_pool1d,
    avg_pool2d,
    max_pool1d,
    max_pool2d,
)

X = np.random.default_rng(0).normal(size=(2, 3, 6, 7))


def test_the_stride_is_the_kernel_unless_given():
    assert max_pool2d(X, (2, 3)).shape == (2, 3, 3, 2)
    assert max_pool2d(X, (2, 3), 1).shape == (2, 3, 5, 5)
    blocks = X[:, :, :, :6].reshape(2, 3, 3, 2, 2, 3)
    assert np.array_equal(max_pool2d(X, (2, 3)), blocks.max((3, 5)))
    assert np.allclose(avg_pool2d(X, (2, 3)), blocks.mean((3, 5)))


def test_one_image_is_a_batch_of_one():
    assert np.array_equal(max_pool2d(X[0], 2), max_pool2d(X, 2)[0])
    assert np.array_equal(avg_pool1d(X[0, 0], 2), avg_pool1d(X[0], 2)[0])


def test_ceil_mode_keeps_a_last_window_that_begins_inside():
    x = np.arange(5.0)[None]
    assert max_pool1d(x, 2, ceil_mode=True).tolist() == [[1.0, 3.0, 4.0]]
    assert avg_pool1d(x, 2, ceil_mode=True).tolist() == [[0.5, 2.5, 4.0]]
    assert max_pool1d(x[:, :4], 1, 3, ceil_mode=True).tolist() == [[0.0, 3.0]]
    assert max_pool1d(x[:, :2], 2, 3, padding=1, ceil_mode=True).tolist() == [[0.0]]


def test_what_a_mean_at_the_border_is_over():
    x = np.array([[2.0, 4.0]])
    assert avg_pool1d(x, 2, 1, padding=1).tolist() == [[1.0, 3.0, 2.0]]
    found = avg_pool1d(x, 2, 1, padding=1, count_include_pad=False)
    assert found.tolist() == [[2.0, 3.0, 4.0]] and found.dtype == np.float64
    assert avg_pool2d(x[:, None], (1, 2), divisor_override=3).tolist() == [[[2.0]]]


def test_adaptive_windows_cover_the_image():
    assert np.allclose(adaptive_avg_pool2d(X, 1)[..., 0, 0], X.mean((2, 3)))
    found = adaptive_avg_pool2d(X, (4, None))
    wanted = [X[:, :, a:b].mean(2) for a, b in ((0, 2), (1, 3), (3, 5), (4, 6))]
    assert np.allclose(found, np.stack(wanted, 2))
    g = wf.grad(lambda x: adaptive_avg_pool2d(x, (4, 5)).sum())(X)
    assert np.isclose(g.sum(), 2 * 3 * 20)


def test_float32_stays():
    for z in (avg_pool2d(X.astype(np.float32), 3, padding=1, count_include_pad=False),
              adaptive_avg_pool2d(X.astype(np.float32), 4)):  # fmt: skip
        assert z.dtype == np.float32


ERRORS = [
    (lambda: max_pool2d(X[0, 0], 2), ValueError,
     r"max_pool2d: x has 2 axes, but \(N, C, H, W\) or \(C, H, W\) is needed"),
    (lambda: avg_pool1d(X, 2), ValueError, "avg_pool1d: x has 4 axes"),
    (lambda: max_pool2d(X, 2, padding=2), ValueError,
     r"max_pool2d: padding \(2, 2\) is more than half of the kernel \(2, 2\)"),
    (lambda: avg_pool2d(X, 3, padding=2), ValueError,
     r"avg_pool2d: padding \(2, 2\) is more than half of the kernel \(3, 3\)"),
    (lambda: max_pool2d(X, 7), ValueError,
     "max_pool2d: the kernel of 7 is larger than the padded input of 6 along axis 2"),
    (lambda: max_pool2d(X, 0), ValueError, "max_pool2d: kernel_size is 0, but 1 or more"),
    (lambda: max_pool2d(X.astype(int), 2), TypeError, "max_pool2d: x is int64, but of real"),
    (lambda: avg_pool2d(X, 2, divisor_override=0), ValueError,
     "avg_pool2d: divisor_override is 0"),
    (lambda: adaptive_avg_pool2d(X, (1, 2, 3)), ValueError,
     "adaptive_avg_pool2d: output_size has 3 entries"),
    (lambda: adaptive_avg_pool2d(X[:, :, :0], 1), ValueError,
     "adaptive_avg_pool2d: x has no entries to take the mean of"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), ERRORS)
def test_errors_teach(call, error, text):
    with pytest.raises(error, match=text):
        call()
