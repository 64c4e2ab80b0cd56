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


def test_the_old_constructor_makes_floats_of_lists_and_zeros_of_sizes():
    x = oop.Tensor([1, 2])
    assert (x.dtype, x.tolist()) == (np.float32, [1, 2])
    assert oop.Tensor([[True], [False]]).dtype == np.float32
    assert oop.Tensor(2, 3).tolist() == [[0, 0, 0], [0, 0, 0]]
    assert oop.Tensor(2).shape == (2,) and oop.Tensor().shape == (0,)
    kept = np.array([1, 2])
    assert oop.Tensor(kept).value is kept
    assert oop.tensor([1, 2]).dtype == oop.tensor(3).dtype == np.int64
    with pytest.raises(TypeError, match="several arguments are sizes, and those are integers, but"):
        oop.Tensor([1.0], [2.0])


DTYPES = {
    "HalfTensor": "float16", "FloatTensor": "float32", "DoubleTensor": "float64",
    "ByteTensor": "uint8", "CharTensor": "int8", "ShortTensor": "int16", "IntTensor": "int32",
    "LongTensor": "int64", "BoolTensor": "bool",
}  # fmt: skip


@pytest.mark.parametrize("name", DTYPES)
def test_old_constructors(name):
    make = getattr(oop, name)
    for data in ([1, 0], np.array([1.0, 0.0]), oop.tensor([1.0, 0.0])):
        x = make(data)
        assert (x.dtype, x.tolist()) == (DTYPES[name], [1, 0])
    assert (make(2, 3).dtype, make(2, 3).shape) == (DTYPES[name], (2, 3))


def test_a_dtype_asked_for_is_not_reached_by_way_of_float32():
    for x in (oop.tensor([0.1], dtype=oop.float64), oop.DoubleTensor([0.1]),
              oop.as_tensor(0.1, dtype=oop.float64).reshape(1),
              oop.full((1,), 0.1, dtype=oop.float64)):  # fmt: skip
        assert x.tolist() == [0.1]


@pytest.fixture
def double():
    oop.set_default_dtype(oop.float64)
    yield
    oop.set_default_dtype(oop.float32)


def test_new_floats_follow_the_default_dtype(double):
    assert oop.get_default_dtype() == np.float64
    n = oop.tensor([1, 2])
    for x in (
        oop.tensor([0.1]), oop.tensor(0.1), oop.Tensor([1]), oop.zeros(2), oop.ones(2), oop.eye(2),
        oop.empty(1), oop.full((2,), 0.1), oop.arange(0.5, 2), oop.linspace(0, 1, 3), oop.rand(2),
        oop.logspace(0, 1, 3), oop.randn(2), oop.scalar_tensor(1), n / n, n * 0.1, n.sin(),
        oop.nn.Linear(2, 3).weight,
    ):  # fmt: skip
        assert x.dtype == np.float64
    assert oop.tensor([0.1]).tolist() == [0.1]
    assert oop.Tensor([0.1]).tolist() == oop.full((1,), 0.1).tolist() == [0.1]
    assert oop.tensor(1j).dtype == np.complex128
    narrow = oop.tensor(np.ones(2, np.float32))
    assert narrow.dtype == (narrow * 0.1).dtype == np.float32


def test_the_default_dtype_is_a_float():
    with pytest.raises(TypeError, match="set_default_dtype: int64 is no floating-point dtype; gi"):
        oop.set_default_dtype("int64")
    assert oop.get_default_dtype() == np.float32
