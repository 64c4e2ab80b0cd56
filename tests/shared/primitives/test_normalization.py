import numpy as np
import pytest

from wonderland.functional import grad
from wonderland.oop.tensor import Tensor
from wonderland.shared.primitives.normalization import layer_norm, normal_slope
from wonderland.shared.testing import Sample

x = np.array([[-1.5, 0.3, 2.0, 0.4], [0.7, -0.2, -3.0, 1.0], [2.0, 1.0, 0.5, -0.25]])
w = np.array([0.5, 1.5, -1.0, 2.0])
b = np.array([0.1, 0.2, -0.3, 0.4])
r = np.array([[0.5], [2.0], [1.25]])


def exact_layer_norm(x, w, b, *, eps):
    x = x.astype(np.longdouble)
    c = x - x.mean(-1, keepdims=True)
    return (c / np.sqrt((c * c).mean(-1, keepdims=True) + eps) * w + b).astype(float)


def exact_slope(d, h, r):
    k = d.shape[-1]
    rows = [
        m * (np.eye(k) - np.ones((k, k)) / k - np.outer(v, v) / k) @ u
        for u, v, m in zip(d, h, r[:, 0], strict=True)
    ]
    return np.array(rows).reshape(d.shape)


ROWS = [
    Sample(layer_norm, x, w, b, reference=exact_layer_norm, dtypes="f", eps=1e-5),
    Sample(layer_norm, x[:2], w, b, reference=exact_layer_norm, dtypes="f", eps=0.5, label="eps"),
    Sample(layer_norm, x[:0], w, b, reference=exact_layer_norm, dtypes="f", eps=1e-5),
    Sample(normal_slope, x, x[::-1].copy(), r, reference=exact_slope, dtypes="f"),
]


def test_rows_have_mean_zero_and_variance_one():
    rows = 1e4 + np.random.default_rng(0).normal(size=(5, 1024)).astype(np.float32)
    z = layer_norm(rows, np.ones(1024, np.float32), np.zeros(1024, np.float32), eps=1e-5)
    assert z.dtype == np.float32
    assert np.abs(z.mean(1)).max() < 1e-3 and np.abs(z.std(1) - 1).max() < 1e-3


def test_a_row_of_equal_entries_is_the_bias_and_has_finite_derivatives():
    rows = np.full((1, 4), 3.0)
    assert layer_norm(rows, w, b, eps=1e-5).tolist() == [b.tolist()]
    assert np.isfinite(grad(lambda x: (layer_norm(x, w, b, eps=1e-5) ** 2).sum())(rows)).all()


def test_what_is_kept_belongs_to_the_result():
    z, h, r = layer_norm.forward(x, w, b, eps=1e-5)
    assert z.tobytes() == layer_norm(x, w, b, eps=1e-5).tobytes()
    for name, found in (("h", h), ("r", r)):
        wanted = layer_norm.residuals[name](x, w, b, eps=1e-5)
        np.testing.assert_allclose(found, wanted, rtol=1e-14, atol=1e-14)


def test_tensors_differentiate_what_the_kernel_kept():
    def value(x, w):
        return (layer_norm(x, w, b, eps=1e-5) ** 3).sum()

    t = [Tensor(x, requires_grad=True), Tensor(w, requires_grad=True)]
    layer_norm(*t, Tensor(b), eps=1e-5).pow(3).sum().backward(create_graph=True)
    first, t[0].grad, t[1].grad = t[0].grad, None, None
    first.pow(2).sum().backward()
    for place, found in enumerate(t):
        wanted = grad(lambda x, w: (grad(value)(x, w) ** 2).sum(), argnums=place)(x, w)
        np.testing.assert_allclose(found.grad.numpy(), wanted, rtol=1e-9, atol=1e-9)


def test_shapes_that_do_not_fit():
    with pytest.raises(ValueError, match=r"layer_norm: w and b have one entry for each column"):
        layer_norm(x, w[:3], b[:3], eps=1e-5)
    with pytest.raises(ValueError, match=r"x is a matrix, and w and b are vectors \(x: \(4,\)"):
        layer_norm(x[0], w, b, eps=1e-5)
    with pytest.raises(ValueError, match=r"normal_slope: d and h have the same rows, r one entry"):
        normal_slope(x, x[:2], r)
