import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.shared.nn.regression import huber_loss, l1_loss, mse_loss, smooth_l1_loss

x = np.array([[0.5, -3.0], [1.0, 2.5]])
y = np.array([[0.0, 1.0], [1.0, 0.5]])
d = np.abs(x - y)
LOSSES = {
    "mse": (mse_loss, d**2),
    "l1": (l1_loss, d),
    "smooth_l1": (smooth_l1_loss, np.where(d < 1, d**2 / 2, d - 0.5)),
    "smooth_l1 beta": (lambda *a: smooth_l1_loss(*a, beta=2.0),
                       np.where(d < 2, d**2 / 4, d - 1)),
    "smooth_l1 beta 0": (lambda *a: smooth_l1_loss(*a, beta=0), d),
    "huber": (huber_loss, np.where(d <= 1, d**2 / 2, d - 0.5)),
    "huber delta": (lambda *a: huber_loss(*a, delta=2.0), np.where(d <= 2, d**2 / 2, 2 * d - 2)),
}  # fmt: skip


@pytest.mark.parametrize("name", LOSSES)
def test_each_reduction(name):
    loss, entries = LOSSES[name]
    assert np.allclose(loss(x, y, "none"), entries)
    assert np.allclose(loss(x, y, "sum"), entries.sum())
    assert np.allclose(loss(x, y, "mean"), entries.mean())
    assert np.array_equal(loss(x, y), loss(x, y, "mean"))


@pytest.mark.parametrize("name", LOSSES)
def test_the_derivative_where_both_are_equal_is_zero(name):
    g = wf.grad(LOSSES[name][0])(y, y)
    assert g.tolist() == [[0.0, 0.0], [0.0, 0.0]]


@pytest.mark.parametrize("name", LOSSES)
def test_float32_stays_float32(name):
    z, g = wf.value_and_grad(LOSSES[name][0])(x.astype(np.float32), y.astype(np.float32))
    assert z.dtype == g.dtype == np.float32


@pytest.mark.parametrize("name", LOSSES)
def test_different_shapes_warn_as_a_likely_mistake(name):
    text = r"_loss: predictions and targets have different shapes \(x: \(2, 2\), y: \(2,\)\)"
    with pytest.warns(UserWarning, match=text):
        found = LOSSES[name][0](x, y[0])
    assert np.allclose(found, LOSSES[name][0](x, np.stack([y[0], y[0]])))


def test_shapes_that_do_not_broadcast():
    text = r"mse_loss: .* do not broadcast \(x: \(2, 2\), y: \(3,\)\)"
    with pytest.raises(ValueError, match=text):  # and no warning that they are broadcast
        mse_loss(x, np.ones(3))


def test_complex_numbers_are_refused():
    with pytest.raises(TypeError, match="mse_loss: of complex128 numbers there is no squared"):
        mse_loss(x + 1j, y + 0j)


def test_bad_settings():
    with pytest.raises(ValueError, match="loss: reduction is one of mean, sum, none, not 'avg'"):
        mse_loss(x, y, "avg")
    with pytest.raises(ValueError, match="smooth_l1_loss: beta must not be negative, but is -1"):
        smooth_l1_loss(x, y, beta=-1)
    with pytest.raises(ValueError, match="huber_loss: delta must be positive, but is 0"):
        huber_loss(x, y, delta=0)
