"""Tensor inside and around functional transforms, and what it shows."""

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland import oop
from wonderland.oop import Tensor


def leaf(*values):
    return oop.tensor([float(v) for v in values], requires_grad=True)


def test_a_tensor_shares_the_memory_of_an_array_and_of_a_tensor():
    array = np.zeros(2)
    x = Tensor(array)
    y = Tensor(x)
    y += 1
    assert array.tolist() == x.tolist() == [1, 1]
    w = leaf(1, 2)
    z = (w * w).sum()
    Tensor(w).add_(1)
    with pytest.raises(RuntimeError, match="changed in place"):
        z.backward()


def test_requires_grad():
    x = oop.ones(2)
    assert x.is_leaf and not x.requires_grad
    x.requires_grad = True
    assert x.is_leaf and x.requires_grad
    y = x * 2
    assert not y.is_leaf and y.requires_grad
    assert y.grad_fn is y.node and x.grad_fn is None
    with pytest.raises(
        RuntimeError, match=r"made by mul cannot stop requiring a gradient; use x\.det"
    ):
        y.requires_grad = False
    x.requires_grad_(False)
    assert not x.requires_grad
    with pytest.raises(TypeError, match=r"only float and complex .* int64\[1\]; convert it first"):
        oop.tensor([1], requires_grad=True)


def test_numpy_and_item():
    w = leaf(1, 2)
    with pytest.raises(RuntimeError, match=r"numpy: this Tensor requires a gradient, .*detach"):
        w.numpy()
    with pytest.raises(RuntimeError, match=r"requires a gradient"):
        np.asarray(w)
    assert w.numpy(force=True).tolist() == [1, 2]
    assert isinstance(w.sum().detach().numpy(), np.ndarray)
    assert (w[1].item(), type(w[1].item())) == (2, float)
    with pytest.raises(ValueError, match=r"item: a Tensor of shape \(2,\) has 2 entries"):
        w.item()
    with pytest.raises(RuntimeError, match=r"holds a traced value \(Taped\)"):
        wf.grad(lambda x: Tensor(x).numpy())(1.0)


def test_repr():
    w = leaf(1, 2)
    assert repr(w) == "tensor([1., 2.], requires_grad=True)"
    assert repr(w * 2) == "tensor([2., 4.], grad_fn=<mul>)"
    assert repr(w.detach().double()) == "tensor([1., 2.], dtype=float64)"
    x = w * 1
    v = x[0]
    x += 1
    assert repr(v) == "tensor(2., grad_fn=<getitem>)"


def test_a_functional_transform_sees_a_live_tensor_as_a_constant():
    w = leaf(1, 2)
    z = wf.vmap(lambda x: (w * x).sum())(np.array([[1.0, 1], [3, 4]], np.float32))
    assert z.tolist() == [3, 11]
    z.sum().backward()
    assert w.grad.tolist() == [4, 5]
    g = wf.grad(lambda x: (w * x * x).sum())(np.array([1.0, 2], np.float32))
    assert g.tolist() == [2, 8]
    w.grad = None
    g.sum().backward()
    assert w.grad.tolist() == [2, 4]


def test_a_tensor_born_inside_of_a_transform_carries_its_value():
    def f(x):
        t = Tensor(x)
        t = t.sin().reshape(1, -1) @ t.exp().unsqueeze(1)
        return t.sum().value

    x = np.array([0.3, 0.8])
    g = wf.grad(f)(x)
    assert np.allclose(g, (np.cos(x) + np.sin(x)) * np.exp(x))
    assert np.allclose(wf.jvp(f, (x,), (np.ones(2),))[1], g.sum())
    assert np.allclose(wf.vmap(wf.grad(f))(np.stack([x, x])), [g, g])


def test_backward_inside_of_a_transform():
    def inner(x):
        t = Tensor(x, requires_grad=True)
        (t**3).sum().backward()
        return t.grad.sum().value

    assert wf.grad(inner)(np.array([1.0, 2.0])).tolist() == [6, 12]
    assert wf.vmap(inner)(np.array([[1.0], [2.0]])).tolist() == [3, 12]


def test_an_outer_tape_sees_an_inner_backward():
    w = leaf(2, 3)

    def inner(x):
        t = Tensor(x, requires_grad=True)
        (w * t * t).sum().backward()
        return t.grad.value

    z = wf.vmap(inner)(np.ones((1, 2), np.float32))
    z.sum().backward()
    assert w.grad.tolist() == [2, 2]


def test_a_multiple_output_primitive_is_a_view_for_each():
    w = leaf(1, 2, 3, 4)
    x = w * 1
    a, b = np.split(x, 2)
    b *= 3
    assert x.tolist() == [1, 2, 9, 12]
    a += b
    x.sum().backward()
    assert w.grad.tolist() == [1, 1, 6, 6]


def test_errors_of_operations_leave_the_mode_as_it_was():
    w = leaf(1, 2)
    with pytest.raises(ValueError, match="do not broadcast"):
        w * oop.ones(3)
    assert (w * 2).requires_grad


def test_a_value_of_the_highest_level_decides_the_dtype():
    assert (oop.ones(2) * np.ones(2)).dtype == np.float64
    assert (oop.ones(2) * np.float64(2)).dtype == np.float32
    w = oop.ones(2)
    assert wf.vmap(lambda x: w * x)(np.ones(2)).dtype == np.float64
    assert wf.vmap(lambda x: oop.ones(2) * x)(np.ones(2)).dtype == np.float32
