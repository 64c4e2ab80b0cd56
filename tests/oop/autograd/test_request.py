import numpy as np
import pytest

from wonderland import functional as wf
from wonderland import oop
from wonderland.oop.autograd import backward, grad


def leaf(*values):
    return oop.tensor([float(v) for v in values], dtype=oop.float64, requires_grad=True)


def test_grad_of_leaves_and_of_intermediate_tensors():
    x = leaf(1, 2)
    y = x * 3
    z = (y * y).sum()
    gx, gy, gz = grad(z, [x, y, z])
    assert (gx.tolist(), gy.tolist(), gz.item()) == ([18, 36], [6, 12], 1)
    assert x.grad is None


def test_several_outputs():
    x = leaf(1, 2)
    (g,) = grad([x * 2, x.sum()], x, [oop.ones(2), None])
    assert g.tolist() == [3, 3]


def test_unused_inputs():
    x, y = leaf(1, 2), leaf(3, 4)
    with pytest.raises(RuntimeError, match="do not depend on input 1; pass allow_unused=True"):
        grad((x * x).sum(), [x, y])
    gx, gy = grad((x * x).sum(), [x, y], allow_unused=True)
    assert (gx.tolist(), gy) == ([2, 4], None)


def test_refusals():
    x = leaf(1, 2)
    with pytest.raises(RuntimeError, match="input 0 requires no gradient"):
        grad(x.sum(), oop.ones(2))
    with pytest.raises(RuntimeError, match="output 0 needs no gradient"):
        grad(oop.ones(()), x)
    with pytest.raises(TypeError, match="inputs are Tensors, but number 0 is a ndarray"):
        grad(x.sum(), [np.ones(2)])
    with pytest.raises(ValueError, match="there are no inputs"):
        grad(x.sum(), [])
    with pytest.raises(ValueError, match="2 gradients were given for 1 Tensors"):
        grad(x.sum(), x, [None, None])
    with pytest.raises(RuntimeError, match=r"has shape \(2,\) and no single entry"):
        grad(x * 2, x)


def test_hooks_of_a_leaf_see_the_gradient():
    x = leaf(1, 2)
    x.register_hook(lambda g: g * 10)
    assert grad(x.sum(), x)[0].tolist() == [10, 10]


def test_backward_of_several_tensors():
    x = leaf(1, 2)
    backward([x.sum(), x * 2], [None, oop.ones(2)])
    assert x.grad.tolist() == [3, 3]
    backward(x.sum())
    assert x.grad.tolist() == [4, 4]


def test_a_hessian_by_two_backwards_is_functionals():
    def f(x):
        y = np.tanh(x) * np.exp(-x[::-1] * x) + x[0] ** 3 / (1 + x[1] ** 2)
        return np.sum(y * y) + np.prod(x) + np.max(x) * np.sqrt(np.sum(x * x))

    values = np.array([0.4, -1.3, 0.7])
    x = oop.tensor(values, requires_grad=True)
    (g,) = grad(f(x), x, create_graph=True)
    rows = [grad(g[i], x, retain_graph=True)[0].numpy() for i in range(3)]
    assert np.allclose(g.detach().numpy(), wf.grad(f)(values), rtol=1e-12)
    assert np.allclose(rows, wf.hessian(f)(values), rtol=1e-10)


def test_third_order():
    x = leaf(2)
    (a,) = grad((x**4).sum(), x, create_graph=True)
    (b,) = grad(a.sum(), x, create_graph=True)
    (c,) = grad(b.sum(), x)
    assert c.item() == 48


def test_the_gradient_of_a_gradient_passes_through_cotangents():
    x, g = leaf(1, 2), leaf(3, 4)
    (gx,) = grad(x * x, x, g, create_graph=True)
    assert grad(gx.sum(), g)[0].tolist() == [2, 4]


def test_a_changed_value_is_noticed_by_the_second_backward_too():
    x = leaf(1, 2)
    y = x * 1
    (g,) = grad((y**3).sum(), y, create_graph=True)
    y += 1
    with pytest.raises(RuntimeError, match="changed in place"):
        g.sum().backward()
