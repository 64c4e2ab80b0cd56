import numpy as np
import pytest

from wonderland.shared.nn.normalization import layer_norm, normalize, rms_norm

x = np.arange(24.0).reshape(2, 3, 4) ** 1.5


@pytest.mark.parametrize("shape", [4, (4,), (3, 4), [3, 4]])
def test_the_last_axes_are_normalized(shape):
    z = layer_norm(x, shape, eps=0.0)
    rows = z.reshape(-1, 4) if shape in (4, (4,)) else z.reshape(-1, 12)
    assert z.shape == x.shape
    np.testing.assert_allclose(rows.mean(1), 0, atol=1e-12)
    np.testing.assert_allclose(rows.var(1), 1)


def test_weight_and_bias_have_the_normalized_shape():
    w, b = np.linspace(1, 2, 12).reshape(3, 4), np.ones((3, 4))
    np.testing.assert_allclose(layer_norm(x, (3, 4), w, b), layer_norm(x, (3, 4)) * w + b)


def test_the_root_mean_square():
    z = rms_norm(x, 4, np.full(4, 2.0), eps=0.0)
    np.testing.assert_allclose((z**2).mean(-1), 4)
    zero = rms_norm(np.zeros((1, 4), np.float32), 4)
    assert zero.dtype == np.float32 and not zero.any()


def test_a_vector_of_zeros_stays():
    assert normalize(np.zeros((1, 3))).tolist() == [[0.0, 0.0, 0.0]]
    np.testing.assert_allclose(np.abs(normalize(x, p=1.0, dim=0)).sum(0)[1], 1)


def test_integers_are_normalized_as_floats():
    assert layer_norm(np.array([[1, 3]]), 2, eps=0.0).tolist() == [[-1.0, 1.0]]


@pytest.mark.parametrize("formula", [layer_norm, rms_norm])
def test_what_does_not_fit(formula):
    name = formula.__name__
    text = rf"{name}: x does not end in normalized_shape \(5,\) \(x: \(2, 3, 4\)\); make the layer"
    with pytest.raises(ValueError, match=text):
        formula(x, 5)
    with pytest.raises(ValueError, match=rf"{name}: weight has shape \(3,\) but normalized_shape"):
        formula(x, 4, np.ones(3))
    with pytest.raises(TypeError, match=rf"{name}: x is float64 but weight is float32; convert x"):
        formula(x, 4, np.ones(4, np.float32))
