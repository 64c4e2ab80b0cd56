from collections import namedtuple

import numpy as np
import pytest

from wonderland.oop import manual_seed
from wonderland.oop.tensor import Tensor
from wonderland.oop.utils.data import DataLoader, Dataset, TensorDataset, default_collate
from wonderland.shared import random

data = TensorDataset(Tensor(np.arange(7.0)), Tensor(np.arange(7)))


class Rows(Dataset):
    def __len__(self):
        return 3

    def __getitem__(self, index):
        return {"x": np.full(2, index), "y": float(index), "name": str(index)}


def batches(loader):
    return [x.numpy().tolist() for x, _ in loader]


def test_batches_in_order():
    loader = DataLoader(data, batch_size=3)
    assert len(loader) == 3 and batches(loader) == [[0, 1, 2], [3, 4, 5], [6]]
    loader = DataLoader(data, batch_size=3, drop_last=True)
    assert len(loader) == 2 and batches(loader) == [[0, 1, 2], [3, 4, 5]]


def test_parts_of_a_sample_stay_together():
    for x, y in DataLoader(data, batch_size=2, shuffle=True):
        assert np.array_equal(x.numpy(), y.numpy())


def test_each_epoch_is_shuffled_anew_and_a_seed_repeats_it():
    loader = DataLoader(data, batch_size=7, shuffle=True, seed=3)
    first, second = batches(loader), batches(loader)
    assert first != second and sorted(first[0]) == list(range(7))
    again = DataLoader(data, batch_size=7, shuffle=True, seed=3)
    assert [batches(again), batches(again)] == [first, second]
    own = DataLoader(data, batch_size=7, shuffle=True, generator=random.Generator(3))
    assert batches(own) == first
    manual_seed(3)
    assert batches(DataLoader(data, batch_size=7, shuffle=True)) == first


def test_without_batches():
    loader = DataLoader(data, batch_size=None)
    assert len(loader) == 7 and [x.item() for x, _ in loader] == list(range(7))


def test_samples_of_dicts_are_collated_part_by_part():
    (batch,) = DataLoader(Rows(), batch_size=3)
    assert batch["x"].numpy().tolist() == [[0, 0], [1, 1], [2, 2]]
    assert batch["y"].dtype == np.float32 and batch["name"] == ["0", "1", "2"]


def test_a_collate_function_of_ones_own():
    assert list(DataLoader(range(4), batch_size=2, collate_fn=sum)) == [1, 5]


def test_default_collate():
    Point = namedtuple("Point", "x y")
    point = default_collate([Point(1, Tensor([1.0])), Point(2, Tensor([2.0]))])
    assert isinstance(point, Point) and point.y.shape == (2, 1) and point.x.dtype == np.int64
    with pytest.raises(ValueError, match="default_collate: samples have different numbers"):
        default_collate([(1,), (1, 2)])


def test_bad_settings():
    with pytest.raises(ValueError, match="DataLoader: batch_size must be positive, but is 0"):
        DataLoader(data, batch_size=0)
    with pytest.raises(ValueError, match="DataLoader: give a generator or a seed, not both"):
        DataLoader(data, shuffle=True, generator=random.Generator(0), seed=1)
