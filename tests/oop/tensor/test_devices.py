"""Tensors on the strict stand-in for CuPy: views, changes in place, graphs; nothing is copied."""

import numpy as np
import pytest

from tests import standin
from wonderland import oop


@pytest.fixture(autouse=True)
def device():
    with standin.installed():
        yield


def on_device(values, requires_grad=False):
    return oop.Tensor(standin.lift(np.array(values, np.float32)), requires_grad=requires_grad)


def host(x):
    return standin.peek(x.detach().value).tolist()


def test_a_graph_with_views_and_changes_in_place():
    w = on_device([1, 2, 3, 4], True)
    with standin.transfers.exactly():
        x = w * 1
        v = x.reshape(2, 2)[1]
        v *= w[0] * 10
        x[0] = w[1] * 5
        x[1:2].fill_(7)
        y = x.t().flip(0).exp().log()
        y.sum().backward()
    assert host(x) == [10, 7, 30, 40]
    assert np.allclose(host(w.grad), [30 + 40, 5, 10, 10])
    assert isinstance(w.grad.value, standin.ndarray)


def test_a_change_is_noticed():
    w = on_device([1, 2], True)
    x = w * 1
    y = x * x
    x[0] = 5
    with pytest.raises(RuntimeError, match="changed in place"):
        y.sum().backward()


def test_reductions_and_products():
    w = on_device([[1, 2], [3, 4]], True)
    with standin.transfers.exactly():
        z = (w @ w).softmax(1).max(1).values + w.std() + w.norm() + w.mean(0) + oop.cat([w[0]])
        z = oop.where(z > 0, z.clamp(0, 5), 0.0)
        (g,) = oop.autograd.grad(z.sum(), w, create_graph=True)
        (g * g).sum().backward()
    assert isinstance(w.grad.value, standin.ndarray)


def test_expanded_memory_is_not_written_to():
    x = on_device([1]).expand(3)
    with pytest.raises(RuntimeError, match="several entries"):
        x.add_(1)


def test_to_and_from_the_device():
    x = oop.tensor([1.0, 2.0], requires_grad=True)
    with standin.transfers.exactly(to_device=1):
        y = x.cuda()
    assert (y.device, y.is_cuda) == ("cuda:0", True)
    with standin.transfers.exactly(to_host=1):
        y.sum().backward()
    assert x.grad.tolist() == [1, 1]
    assert y.to("cuda") is y
    with pytest.raises(TypeError, match=r"numpy: this Tensor is on cuda:0; use x\.cpu\(\)"):
        y.detach().numpy()
    assert y.tolist() == [1, 2]
    assert oop.zeros(2, device="cuda").device == oop.ones_like(y).device == "cuda:0"
    assert oop.rand(2, device="cuda").is_cuda
    z = on_device([0, 0])
    z.copy_(oop.tensor([3.0, 4.0]))
    assert host(z) == [3, 4]
    assert repr(z) == "tensor([3., 4.])"
    with pytest.raises((ValueError, TypeError)):
        y + oop.ones(2)


def test_a_gradient_is_where_its_tensor_is():
    w = on_device([1, 2], True)
    with pytest.raises(ValueError, match="grad: the Tensor is on cuda:0 but the gradient is on"):
        w.grad = oop.ones(2)
    assert w.grad is None


def test_an_index_on_the_host_is_sent_to_the_device_once():
    w = on_device([[1, 2], [3, 4], [5, 6]], True)
    for index in (np.array([2, 0]), oop.tensor([2, 0]), [2, 0], np.array([True, False, True])):
        with standin.transfers.exactly(to_device=1):
            x = w[index]
            x.sum().backward()
        assert sorted(host(x)) == [[1, 2], [5, 6]]
        assert host(w.grad) == [[1, 1], [0, 0], [1, 1]]
        w.grad = None
    with standin.transfers.exactly(to_device=2):
        assert host(w[np.array([2, 0]), oop.tensor([1, 0])]) == [6, 1]
    with standin.transfers.exactly(to_device=1):
        w.detach()[np.array([1])] = 0
    assert host(w) == [[1, 2], [0, 0], [5, 6]]


def test_an_index_on_the_device_does_not_come_to_the_host():
    index = oop.Tensor(standin.lift(np.array([1, 0])))
    with pytest.raises(ValueError, match="gather: x is on cpu but i is on cuda:0; move x"):
        oop.ones(2)[index]
