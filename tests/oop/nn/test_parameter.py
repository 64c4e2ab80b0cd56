import copy
import pickle

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.oop import nn
from wonderland.oop.nn.parameter import overwrite
from wonderland.oop.tensor import Tensor, wrap


def test_a_parameter_is_a_leaf_that_shares_the_data_it_is_made_of():
    data = np.ones(2, np.float32)
    p = nn.Parameter(data)
    assert isinstance(p, Tensor) and p.requires_grad and p.is_leaf
    data[0] = 5
    assert p.detach().numpy()[0] == 5
    assert not nn.Parameter(data, requires_grad=False).requires_grad
    with pytest.raises(TypeError, match="only float and complex Tensors have gradients"):
        nn.Parameter(np.ones(2, int))


def test_the_history_of_a_tensor_is_left_behind():
    x = Tensor([1.0, 2.0], requires_grad=True)
    p = nn.Parameter(x * 2)
    (p * p).sum().backward()
    assert x.grad is None and p.grad.numpy().tolist() == [4.0, 8.0]


def test_results_are_plain_tensors():
    p = nn.Parameter(np.ones(2, np.float32))
    assert type(p * 2) is Tensor and type(p.detach()) is Tensor


def test_repr():
    assert repr(nn.Parameter(np.ones(1, np.float32))) == (
        "Parameter containing:\ntensor([1.], requires_grad=True)"
    )


def test_copies():
    p = nn.Parameter(np.ones(2, np.float32), requires_grad=False)
    p.requires_grad_(True)
    (p * 3).sum().backward()
    a = copy.deepcopy(p)
    b = pickle.loads(pickle.dumps(p))
    for q in (a, b):
        assert type(q) is nn.Parameter and q.requires_grad
        assert not np.shares_memory(q.detach().numpy(), p.detach().numpy())
    assert a.grad.numpy().tolist() == [3.0, 3.0] and a.grad is not p.grad


def test_a_traced_parameter_is_not_pickled():
    def f(x):
        with pytest.raises(TypeError, match="pickle: this Tensor holds a traced value"):
            pickle.dumps(nn.Parameter(wrap(x)))
        return x

    wf.vmap(f)(np.ones(2))


def test_overwrite_is_seen_by_everyone_who_looks():
    p = nn.Parameter(np.zeros(2, np.float32))
    view = p.detach()
    overwrite(p, np.array([1.0, 2.0]))
    assert view.numpy().tolist() == [1.0, 2.0] and p.is_leaf
