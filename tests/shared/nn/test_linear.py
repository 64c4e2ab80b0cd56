import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.shared.nn.linear import linear

x = np.arange(24.0).reshape(2, 4, 3) / 10
weight = np.array([[1.0, -2.0, 0.5], [0.0, 1.0, 3.0]])
bias = np.array([0.5, -1.0])


@pytest.mark.parametrize("lead", [(), (1,), (4,), (2, 4), (0,), (2, 0)])
@pytest.mark.parametrize("b", [bias, None])
def test_equals_the_formula_for_any_rank(lead, b):
    x = np.arange(float(np.prod(lead) * 3)).reshape(*lead, 3)
    wanted = x @ weight.T + (0 if b is None else b)
    found = linear(x, weight, b)
    assert found.shape == (*lead, 2) and np.allclose(found, wanted)


def test_its_gradients():
    g = wf.grad(lambda w, b, x: np.sum(linear(x, w, b)), argnums=(0, 1, 2))(weight, bias, x)
    ones = np.ones((8, 2))
    assert np.allclose(g[0], ones.T @ x.reshape(8, 3)) and np.allclose(g[1], [8, 8])
    assert np.allclose(g[2].reshape(8, 3), ones @ weight)


def test_features_that_do_not_fit_are_named_with_both_shapes():
    text = r"linear: x has 2 features but weight takes 3 \(x: \(4, 2\), weight: \(2, 3\)\)"
    with pytest.raises(ValueError, match=text):
        linear(np.ones((4, 2)), weight, bias)
    with pytest.raises(ValueError, match=r"linear: x has no axes but weight takes 3"):
        linear(np.array(1.0), weight, bias)


def test_dtypes_that_differ_are_named():
    text = r"x is float32 but weight is float64; convert x with astype\(float64\) \(the model: "
    with pytest.raises(TypeError, match=text):
        linear(x.astype(np.float32), weight, bias)
    with pytest.raises(TypeError, match="linear: x is float64 but bias is float32"):
        linear(x, weight, bias.astype(np.float32))


def test_an_integer_x_is_refused():
    with pytest.raises(TypeError, match=r"x is int64 but weight is float64; .*\(float64\)$"):
        linear(np.ones((2, 3), int), weight, bias)
