import numpy as np
import pytest

from wonderland.oop.tensor import Tensor
from wonderland.oop.utils.data import Dataset, Subset, TensorDataset, random_split
from wonderland.shared import random


class Squares(Dataset):
    def __len__(self):
        return 5

    def __getitem__(self, index):
        return index * index


def test_tensor_dataset():
    data = TensorDataset(Tensor([[1.0], [2.0]]), np.array([3, 4]))
    assert len(data) == 2
    x, y = data[1]
    assert x.numpy().tolist() == [2.0] and y.item() == 4
    x, y = data.batch([1, 0])
    assert x.numpy().tolist() == [[2.0], [1.0]] and y.numpy().tolist() == [4, 3]


def test_tensor_dataset_needs_one_length():
    with pytest.raises(ValueError, match=r"Tensors of one length are needed \(lengths: \[2, 3\]\)"):
        TensorDataset(Tensor([1.0, 2.0]), Tensor([1.0, 2.0, 3.0]))
    with pytest.raises(ValueError, match="a Tensor without axes has no rows"):
        TensorDataset(Tensor(1.0))


def test_subset_and_concatenation():
    part = Subset(Squares(), [4, 1])
    assert len(part) == 2 and [part[0], part[1]] == [16, 1]
    rows = Subset(TensorDataset(Tensor([1.0, 2.0, 3.0])), [2, 0])
    assert rows.batch([0, 1])[0].numpy().tolist() == [3.0, 1.0]
    both = Squares() + part
    assert len(both) == 7 and both[5] == 16 and both[-1] == 1 and both[0] == 0
    with pytest.raises(IndexError, match="ConcatDataset: index 7 is out of range for 7 samples"):
        both[7]


def test_a_dataset_defines_getitem():
    with pytest.raises(NotImplementedError, match="Dataset defines no __getitem__"):
        Dataset()[0]


def test_random_split_covers_everything_once():
    parts = random_split(Squares(), [3, 2], random.Generator(1))
    assert sorted(v for part in parts for v in (part[i] for i in range(len(part)))) == [
        0, 1, 4, 9, 16,
    ]  # fmt: skip
    again = random_split(Squares(), [3, 2], random.Generator(1))
    assert [part.indices for part in again] == [part.indices for part in parts]


def test_random_split_by_fractions():
    assert [len(p) for p in random_split(range(7), [0.5, 0.5])] == [4, 3]
    with pytest.raises(ValueError, match=r"random_split: fractions must have the sum 1, not 0.75"):
        random_split(range(7), [0.5, 0.25])
    with pytest.raises(ValueError, match=r"the lengths \[3, 3\] have the sum 6, but there are 7"):
        random_split(range(7), [3, 3])
