import numpy as np
import pytest

from wonderland.shared.nn import batch_norm

x = np.array([[1.0, 2.0, 0.5], [3.0, -1.0, 0.0], [0.0, 0.0, 4.0], [2.0, 5.0, 1.0]])


def test_moments_and_normal_form():
    mean, variance, n = batch_norm.moments(x)
    assert n == 4 and np.allclose(mean, x.mean(0)) and np.allclose(variance, x.var(0))
    z = batch_norm.normalize(x, mean, variance, eps=0.0)
    assert np.allclose(z.mean(0), 0) and np.allclose(z.std(0), 1)
    weight, bias = np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, -1.0])
    assert np.allclose(
        batch_norm.normalize(x, mean, variance, weight, bias, eps=0.0), z * weight + bias
    )


def test_channels_are_the_second_axis():
    image = np.moveaxis(x.reshape(2, 2, 3), 2, 1)
    mean, variance, n = batch_norm.moments(image)
    assert n == 4 and np.allclose(mean, x.mean(0)) and np.allclose(variance, x.var(0))


def test_the_running_variance_is_unbiased():
    assert np.allclose(batch_norm.unbiased(x.var(0), 4), x.var(0, ddof=1))
    assert batch_norm.running(1.0, 3.0, 0.25) == 1.5


def test_bad_input():
    with pytest.raises(ValueError, match=r"batch_norm: x has samples and channels, \(N, C, ...\)"):
        batch_norm.moments(x[0])
    text = r"batch_norm: in training mode each channel needs more than 1 entries \(x: \(1, 3\)\)"
    with pytest.raises(ValueError, match=text):
        batch_norm.moments(x[:1])
