"""Tensors on a device: round trips, gradients across devices, views, errors."""

import numpy as np
import pytest

from wonderland import oop

X = np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3)


def test_round_trip(device):
    x = oop.tensor(X).to("cuda")
    assert isinstance(x.value, device.module.ndarray)
    assert (x.device, x.dtype) == ("cuda:0", np.float32)
    np.testing.assert_array_equal(x.cpu().numpy(), X)
    np.testing.assert_array_equal(x.to("cpu").numpy(), X)
    assert x.to("cuda") is x
    np.testing.assert_array_equal(oop.tensor(X).cuda().cpu().numpy(), X)


def test_the_dtype_changes_on_the_way(device):
    x = oop.tensor(X).to("cuda", oop.float64)
    assert (x.device, x.dtype) == ("cuda:0", np.float64)
    assert oop.tensor(X).to(x).device == "cuda:0"


def test_arrays_of_the_device_are_taken_where_they_are(device):
    x = oop.tensor(device.to(X))
    assert x.device == "cuda:0"
    assert oop.cuda.is_available()
    assert oop.cuda.device_count() == 1


def test_numpy_names_the_way_out(device):
    with pytest.raises(TypeError, match=r"x\.cpu\(\)\.numpy\(\)"):
        oop.tensor(X).to("cuda").numpy()


def test_mixed_devices_are_refused(device):
    with pytest.raises(ValueError, match="cuda"):
        oop.tensor(X).to("cuda") + oop.tensor(X)


def test_gradients_come_back_across_devices(device):
    x = oop.tensor(X, requires_grad=True)
    (x.to("cuda") * 3).to("cpu").sum().backward()
    assert x.grad.device == "cpu"
    np.testing.assert_array_equal(x.grad.numpy(), np.full_like(X, 3))


def test_gradients_live_where_their_leaf_does(device):
    x = oop.tensor(device.to(X), requires_grad=True)
    with device.still():
        y = (x * x).tanh()
        y.sum().backward()
        (x * 2).mean().backward()
    assert x.grad.device == "cuda:0"
    t = np.tanh(X * X)
    wanted = (1 - t * t) * 2 * X + np.float32(2 / 6)
    np.testing.assert_allclose(device.host(x.grad.value), wanted, rtol=1e-5)


def program(x, v, rows):
    """Views, changes in place, indexing, reductions."""
    y = x * 1
    y[0].mul_(v)
    y += x
    y[:, 1] = v[:2]
    return (y * y).sum() + y[rows].max() + y.T.exp().mean()


def test_views_and_changes_in_place(device):
    def run(x, v, rows):
        x, v = oop.tensor(x, requires_grad=True), oop.tensor(v, requires_grad=True)
        loss = program(x, v, oop.tensor(rows))
        loss.backward()
        return loss.detach(), x.grad, v.grad

    v = np.array([0.5, -2.0, 1.5], np.float32)
    arrays = X, v, np.array([0, 1, 0])
    wanted, far = run(*arrays), [device.to(a) for a in arrays]
    with device.still():
        found = run(*far)
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_allclose(device.host(a.value), b.numpy(), rtol=2e-6, atol=1e-6)


def test_item_and_repr_bring_their_values_along(device):
    x = oop.tensor(X).to("cuda")
    assert x.sum().item() == pytest.approx(0.0, abs=1e-6)
    assert "-1." in repr(x)
