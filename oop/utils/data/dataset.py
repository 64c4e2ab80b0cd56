"""Datasets: samples by number."""

import math

import numpy as np

from ....shared.random import permutation
from ...random import next_key
from ...tensor import Tensor, constant


class Dataset:
    """Samples by number: subclasses define __getitem__(index) and __len__()."""

    def __getitem__(self, index):
        raise NotImplementedError(f"{type(self).__name__} defines no __getitem__()")

    def __add__(self, other):
        return ConcatDataset([self, other])


class TensorDataset(Dataset):
    """The rows of Tensors (or arrays) of one length, as tuples.

    >>> data = TensorDataset(Tensor([1.0, 2.0]), Tensor([3, 4]))
    >>> len(data), data[1]
    (2, (tensor(2.), tensor(4.)))
    """

    def __init__(self, *tensors):
        lengths = [len_of(t) for t in tensors]
        if not lengths or len(set(lengths)) > 1:
            raise ValueError(
                f"TensorDataset: Tensors of one length are needed (lengths: {lengths})"
            )
        self.tensors = tuple(t if isinstance(t, Tensor) else constant(t) for t in tensors)

    def __getitem__(self, index):
        return tuple(t[index] for t in self.tensors)

    def __len__(self):
        return self.tensors[0].shape[0]

    def batch(self, indices):
        """The samples of several numbers, already stacked: what DataLoader asks for first."""
        return self[np.asarray(indices)]


def len_of(t):
    """The length of the first axis."""
    shape = np.shape(t) if not hasattr(t, "shape") else t.shape
    if not shape:
        raise ValueError("TensorDataset: a Tensor without axes has no rows")
    return shape[0]


class Subset(Dataset):
    """Some samples of a dataset, by their numbers."""

    def __init__(self, dataset, indices):
        self.dataset, self.indices = dataset, indices
        if hasattr(dataset, "batch"):
            self.batch = self._batch

    def __getitem__(self, index):
        return self.dataset[self.indices[index]]

    def __len__(self):
        return len(self.indices)

    def _batch(self, indices):
        return self.dataset.batch(np.asarray(self.indices)[np.asarray(indices)])


class ConcatDataset(Dataset):
    """Several datasets as one."""

    def __init__(self, datasets):
        self.datasets = list(datasets)

    def __len__(self):
        return sum(len(d) for d in self.datasets)

    def __getitem__(self, index):
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError(
                f"ConcatDataset: index {index} is out of range for {len(self)} samples"
            )
        for dataset in self.datasets:
            if place < len(dataset):
                break
            place -= len(dataset)
        return dataset[place]


def random_split(dataset, lengths, generator=None):
    """Subsets of the given lengths, without overlap, in random order.

    lengths: numbers of samples, or fractions whose sum is 1.

    >>> [len(part) for part in random_split(range(10), [0.8, 0.2])]
    [8, 2]
    """
    n, lengths = len(dataset), list(lengths)
    if any(isinstance(k, float) for k in lengths):
        if not math.isclose(sum(lengths), 1):
            raise ValueError(f"random_split: fractions must have the sum 1, not {sum(lengths)}")
        fractions, lengths = lengths, [math.floor(n * f) for f in lengths]
        for i in range(n - sum(lengths)):
            lengths[i % len(fractions)] += 1
    if sum(lengths) != n:
        raise ValueError(
            f"random_split: the lengths {lengths} have the sum {sum(lengths)}, but there are {n} "
            "samples"
        )
    order = permutation(next_key(generator=generator), n).tolist()
    ends = np.cumsum(lengths).tolist()
    return [Subset(dataset, order[end - k : end]) for k, end in zip(lengths, ends, strict=True)]
