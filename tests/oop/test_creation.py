import numpy as np
import pytest

from wonderland import functional as wf
from wonderland import oop


def test_tensor_copies():
    array = np.zeros(2)
    x = oop.tensor(array)
    y = oop.tensor(x)
    x += 1
    y += 2
    assert (array.tolist(), x.tolist(), y.tolist()) == ([0, 0], [1, 1], [2, 2])
    assert x.dtype == np.float64
    w = oop.tensor([1.0], requires_grad=True)
    assert not oop.tensor(w * 2).requires_grad
    assert oop.tensor([1, 2]).dtype == np.int64
    assert oop.tensor(1.0).dtype == np.float32
    assert oop.tensor([True]).dtype == np.bool_
    assert oop.tensor([[1.0, 2.0]], dtype=oop.float16, device="cpu").dtype == np.float16
    assert oop.tensor([oop.tensor(1.0), oop.tensor(2.0)]).tolist() == [1, 2]


def test_as_tensor_shares():
    array = np.zeros(2)
    for make in (oop.as_tensor, oop.asarray, oop.from_numpy, oop.from_dlpack):
        x = make(array)
        x += 1
    assert array.tolist() == [4, 4]
    assert oop.as_tensor(x) is x
    assert oop.from_dlpack(x) is x
    assert np.from_dlpack(x).tolist() == [4, 4]
    with pytest.raises(TypeError, match="from_numpy: a NumPy array is needed, but this is list"):
        oop.from_numpy([1])


def test_of_one_value_and_in_steps():
    assert oop.zeros(2, 3).shape == oop.zeros((2, 3)).shape == oop.empty([2, 3]).shape == (2, 3)
    assert oop.ones(2, dtype=oop.int64, requires_grad=False).tolist() == [1, 1]
    assert oop.ones(2, requires_grad=True).requires_grad
    assert oop.full((2,), 5).dtype == np.int64
    assert oop.full((2,), 5.0).dtype == np.float32
    assert oop.scalar_tensor(2).shape == ()
    assert oop.arange(3).dtype == np.int64
    assert oop.arange(1, 2, 0.5).tolist() == [1, 1.5]
    assert oop.arange(1, 2, 0.5).dtype == np.float32
    assert oop.linspace(0, 1, 3).tolist() == [0, 0.5, 1]
    assert oop.logspace(0, 2, 3).tolist() == [1, 10, 100]
    assert oop.eye(2).tolist() == [[1, 0], [0, 1]]
    x = oop.zeros(2, dtype=oop.float64)
    assert oop.ones_like(x).dtype == oop.full_like(x, 3).dtype == np.float64
    assert oop.zeros_like(x, dtype=oop.int32).dtype == np.int32
    assert x.new_zeros(2, 3).dtype == x.new_tensor([1]).dtype == x.new_full((1,), 2).dtype == "f8"
    assert x.new_ones(2, dtype=oop.int32).dtype == np.int32
    like = wf.vmap(lambda row: oop.ones_like(row).value)(np.zeros((2, 3)))
    assert like.tolist() == np.ones((2, 3)).tolist()


def test_random():
    oop.manual_seed(3)
    draws = [oop.rand(2, 3), oop.randn(4), oop.randint(5, (6,)), oop.randperm(7)]
    oop.manual_seed(3)
    again = [oop.rand(2, 3), oop.randn((4,)), oop.randint(0, 5, (6,)), oop.randperm(7)]
    assert all(oop.equal(a, b) for a, b in zip(draws, again, strict=True))
    assert draws[2].dtype == np.int64
    assert sorted(draws[3].tolist()) == list(range(7))
    x = oop.zeros(2, dtype=oop.float64)
    assert oop.rand_like(x).dtype == oop.randn_like(x).dtype == np.float64
    assert oop.normal(oop.zeros(3), 2.0).shape == (3,)
    assert oop.normal(0.0, 1.0, (2, 2)).shape == (2, 2)
    p = oop.tensor([0.0, 1.0], requires_grad=True)
    assert oop.bernoulli(p).tolist() == [0, 1]
    assert oop.multinomial(oop.tensor([0.0, 1.0, 0.0]), 4, replacement=True).tolist() == [1] * 4
    assert oop.multinomial(oop.tensor([[0.0, 1.0], [1.0, 0.0]]), 1).tolist() == [[1], [0]]
