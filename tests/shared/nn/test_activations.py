import math

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.shared.nn import activations as formulas

x = np.array([-7.0, -2.5, -0.3, 0.4, 1.7, 8.0])


def phi(x):
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


def tanh_gelu(x):
    return 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def softplus(x):
    return math.log1p(math.exp(x))


SCALE, ALPHA = 1.0507009873554805, 1.6732632423543772
EXACT = {
    "relu": lambda x: max(x, 0.0),
    "relu6": lambda x: min(max(x, 0.0), 6.0),
    "hardtanh": lambda x: min(max(x, -1.0), 1.0),
    "leaky_relu": lambda x: x if x > 0 else 0.01 * x,
    "elu": lambda x: x if x > 0 else math.expm1(x),
    "celu": lambda x: x if x > 0 else math.expm1(x),
    "selu": lambda x: SCALE * (x if x > 0 else ALPHA * math.expm1(x)),
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "log_sigmoid": lambda x: -softplus(-x),
    "softplus": softplus,
    "softsign": lambda x: x / (1 + abs(x)),
    "silu": lambda x: x / (1 + math.exp(-x)),
    "mish": lambda x: x * math.tanh(softplus(x)),
    "gelu": lambda x: x * phi(x),
    "tanh": math.tanh,
}


@pytest.mark.parametrize("name", EXACT)
def test_equals_the_definition(name):
    found = getattr(formulas, name)(x)
    assert np.allclose(found, [EXACT[name](v) for v in x], rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("name", EXACT)
def test_its_gradient_is_the_central_difference(name):
    f, h = EXACT[name], 1e-6
    g = wf.grad(lambda x: np.sum(getattr(formulas, name)(x)))(x)
    assert np.allclose(g, [(f(v + h) - f(v - h)) / (2 * h) for v in x], rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_keeps_the_dtype_in_value_and_gradient(name, dtype):
    narrow = x.astype(dtype)
    assert getattr(formulas, name)(narrow).dtype == dtype
    g = wf.grad(lambda x: np.sum(getattr(formulas, name)(x)))(narrow)
    assert g.dtype == dtype and np.all(np.isfinite(g))


KINKS = {
    "relu": (0.0, 0.0),
    "relu6": (6.0, 0.0),
    "hardtanh": (-1.0, 0.0),
    "leaky_relu": (0.0, 0.01),
    "elu": (0.0, 1.0),
    "celu": (0.0, 1.0),
    "selu": (0.0, SCALE * ALPHA),
}


@pytest.mark.parametrize("name", KINKS)
def test_the_derivative_at_a_kink_is_the_one_it_states(name):
    place, derivative = KINKS[name]
    g = wf.grad(getattr(formulas, name))(np.float64(place))
    assert math.isclose(g, derivative)


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("value", [-1e4, 1e4])
def test_far_out_values_and_gradients_stay_finite(name, value):
    z, g = wf.value_and_grad(getattr(formulas, name))(np.float64(value))
    assert np.isfinite(z) and np.isfinite(g)


def test_settings():
    assert formulas.leaky_relu(np.array(-2.0), 0.5) == -1.0
    assert np.isclose(formulas.elu(np.array(-1.0), 2.0), 2 * math.expm1(-1))
    assert np.isclose(formulas.celu(np.array(-1.0), 2.0), 2 * math.expm1(-0.5))
    assert np.isclose(formulas.softplus(np.array(0.5), 2.0), softplus(1.0) / 2)
    assert formulas.softplus(np.array(1.5), 2.0, 2.9) == 1.5
    assert np.isclose(formulas.gelu(np.array(0.7), "tanh"), tanh_gelu(0.7))
    assert formulas.hardtanh(np.array(3.0), -2.0, 2.0) == 2.0


def test_gelu_refuses_another_approximation():
    with pytest.raises(ValueError, match="gelu: approximate is 'none' or 'tanh', not 'erf'"):
        formulas.gelu(x, "erf")
