import math

import numpy as np
import pytest

from wonderland.functional import grad
from wonderland.oop.tensor import Tensor
from wonderland.shared.primitives import gaussian
from wonderland.shared.primitives.gaussian import gelu, gelu_slope, gelu_tanh, gelu_tanh_slope
from wonderland.shared.testing import Sample

x = np.array([[-1.2, -0.4, 0.3], [0.8, 2.0, 5.5]])
ROOT = math.sqrt(2 / math.pi)
ALL = (gelu, gelu_slope, gelu_tanh, gelu_tanh_slope)


def exact_gelu(x):
    return 0.5 * x * math.erfc(-x / math.sqrt(2))


def exact_slope(x):
    density = math.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    return 0.5 * math.erfc(-x / math.sqrt(2)) + x * density


def exact_tanh(x):
    return 0.5 * x * (1 + math.tanh(ROOT * (x + 0.044715 * x**3)))


def exact_tanh_slope(x):
    t = math.tanh(ROOT * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * ROOT * (1 + 3 * 0.044715 * x * x)


EXACT = (exact_gelu, exact_slope, exact_tanh, exact_tanh_slope)
PAIRS = list(zip(ALL, EXACT, strict=True))
ROWS = [
    Sample(primitive, x, reference=exact, entrywise=True, dtypes="f") for primitive, exact in PAIRS
]


@pytest.mark.parametrize(("primitive", "exact"), PAIRS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_dense_grid(primitive, exact, dtype):
    grid = np.linspace(-12, 12, 4001).astype(dtype)
    wanted = np.array([exact(v) for v in grid.tolist()])
    error = np.abs(primitive(grid) - wanted)
    assert (error <= 2 * np.finfo(dtype).eps * (1 + grid * grid)).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_lower_tail_keeps_its_digits(dtype):
    grid = np.linspace(-12, -1, 2001).astype(dtype)
    wanted = np.array([exact_gelu(v) for v in grid.tolist()])
    # exp(-x²/2) turns one rounding of x² into x²/2 of its own
    bound = (8 + grid.astype(float) ** 2) * np.finfo(dtype).eps
    assert (np.abs(gelu(grid) / wanted - 1) <= bound).all()


@pytest.mark.parametrize("primitive", [gelu, gelu_tanh])
def test_the_ends_and_the_middle(primitive):
    z = primitive(np.array([np.inf, -np.inf, 1e30, -1e30, np.nan, 0.0]))
    assert z[:4].tolist() == [np.inf, 0.0, 1e30, 0.0] and np.isnan(z[4]) and z[5] == 0.0
    g = grad(lambda x: primitive(x).sum())(np.array([np.inf, -np.inf, 1e30, -1e30, 0.0]))
    assert g.tolist() == [1.0, 0.0, 1.0, 0.0, 0.5]


@pytest.mark.parametrize(("primitive", "slope"), [(gelu, gelu_slope), (gelu_tanh, gelu_tanh_slope)])
def test_what_is_kept_for_the_backward_pass_has_the_bits_of_the_kernels(primitive, slope):
    z, kept = primitive.forward(x)
    assert z.tobytes() == primitive(x).tobytes() and kept.tobytes() == slope(x).tobytes()


@pytest.mark.parametrize("primitive", ALL)
def test_blocks_give_the_bits_of_the_whole(primitive, monkeypatch):
    whole = primitive(x.astype(np.float32))
    monkeypatch.setattr(gaussian, "BLOCK", 4)
    assert primitive(x.astype(np.float32)).tobytes() == whole.tobytes()
    assert primitive(np.asfortranarray(x.astype(np.float32))).tobytes() == whole.tobytes()


@pytest.mark.parametrize("primitive", [gelu, gelu_tanh])
def test_tensors_differentiate_what_the_kernel_kept(primitive):
    t = Tensor(x, requires_grad=True)
    primitive(t).sum().backward(create_graph=True)
    first, t.grad = t.grad, None
    first.sum().backward()
    wanted = grad(lambda x: grad(lambda x: primitive(x).sum())(x).sum())(x)
    assert np.abs(wanted).max() > 0.1
    np.testing.assert_allclose(t.grad.numpy(), wanted, rtol=1e-12)


@pytest.mark.parametrize("primitive", ALL)
def test_the_decomposition_computes_the_same(primitive):
    points = np.concatenate([x.ravel(), [0.0, -50.0, 50.0, np.inf, -np.inf]])
    found = primitive.decomposition(points)
    np.testing.assert_allclose(found, primitive(points), rtol=1e-12, atol=1e-15)
