import numpy as np
import pytest

from wonderland import functional as wf
from wonderland import oop

X = np.arange(12.0).reshape(3, 4)


def test_slices_by_index():
    t = oop.tensor(X, requires_grad=True)
    index = oop.tensor([2, 0, 2])
    t.index_select(0, index).sum().backward()
    assert t.grad.tolist() == [[1] * 4, [0] * 4, [2] * 4]
    assert t.index_select(1, [3]).tolist() == X[:, 3:].tolist()
    assert t.index_add(0, index, oop.ones(3, 4), alpha=2)[2, 0].item() == X[2, 0] + 4
    assert t.index_copy(1, oop.tensor([0]), oop.zeros(3, 1)).tolist()[1] == [0, 5, 6, 7]
    assert t.index_fill(0, oop.tensor([1]), 7.0)[1].tolist() == [7] * 4
    z = t.detach().clone()
    z.index_add_(1, oop.tensor([1, 1]), oop.ones(3, 2))
    assert z[0].tolist() == [0, 3, 2, 3]


def test_gather_and_scatter_are_each_others_transpose():
    t = oop.tensor(X, requires_grad=True)
    index = oop.tensor([[0, 0, 2], [1, 3, 3]])
    z = t.gather(1, index)
    assert z.tolist() == [[0, 0, 2], [5, 7, 7]]
    (z * oop.tensor([[1.0, 2, 3], [4, 5, 6]])).sum().backward()
    assert t.grad.tolist() == [[3, 0, 3, 0], [0, 4, 0, 11], [0, 0, 0, 0]]
    assert oop.gather(t, 0, oop.tensor([[2, 1]])).tolist() == [[8, 5]]
    src = oop.tensor([[1.0, 2, 3, 9], [4, 5, 6, 9]], requires_grad=True)
    z = oop.zeros(3, 4).scatter_add(1, index, src)
    assert z.tolist() == [[3, 0, 3, 0], [0, 4, 0, 11], [0, 0, 0, 0]]
    z[0].sum().backward()
    assert src.grad.tolist() == [[1, 1, 1, 0], [0, 0, 0, 0]]


def test_scatter():
    index = oop.tensor([[0, 2]])
    assert oop.zeros(1, 3).scatter(1, index, oop.tensor([[5.0, 6.0]])).tolist() == [[5, 0, 6]]
    assert oop.zeros(1, 3).scatter_(1, index, 1.0).tolist() == [[1, 0, 1]]
    assert oop.ones(1, 3).scatter(1, index, value=3, reduce="add").tolist() == [[4, 1, 4]]
    assert oop.ones(1, 3).scatter(1, index, 3.0, reduce="multiply").tolist() == [[3, 1, 3]]
    with pytest.raises(ValueError, match="reduce 'mean' is neither 'add' nor 'multiply'"):
        oop.ones(1, 3).scatter(1, index, 3.0, reduce="mean")
    with pytest.raises(ValueError, match=r"gather: the index must .* \(index: \(4, 1\), input: "):
        oop.zeros(3, 4).gather(1, oop.zeros(4, 1, dtype=oop.int64))
    with pytest.raises(ValueError, match=r"scatter: the index is larger than the values"):
        oop.ones(1, 3).scatter(1, index, oop.ones(1, 1))


def test_take_and_masks():
    t = oop.tensor(X, requires_grad=True)
    assert t.take(oop.tensor([[0, 11]])).tolist() == [[0, 11]]
    assert t.take_along_dim(t.argsort(1, descending=True), 1).tolist() == X[:, ::-1].tolist()
    assert t.take_along_dim(oop.tensor([1, 5])).tolist() == [1, 5]
    t.masked_select(t > 9).sum().backward()
    assert t.grad.sum().item() == 2
    assert t.masked_select(oop.tensor([True, False, False, False])).tolist() == [0, 4, 8]
    assert t.nonzero().shape == (11, 2)
    assert [i.shape for i in t.nonzero(as_tuple=True)] == [(11,), (11,)]


def test_repeats_and_counts():
    t = oop.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    assert t.repeat_interleave(2).tolist() == [1, 1, 2, 2, 3, 3, 4, 4]
    z = t.repeat_interleave(oop.tensor([1, 2]), dim=0)
    assert z.tolist() == [[1, 2], [3, 4], [3, 4]]
    z.sum().backward()
    assert t.grad.tolist() == [[1, 1], [2, 2]]
    assert oop.bincount(oop.tensor([0, 2, 2])).tolist() == [1, 0, 2]
    weights = oop.tensor([1.0, 2.0, 3.0], requires_grad=True)
    counts = oop.bincount(oop.tensor([0, 2, 2]), weights, minlength=4)
    assert counts.tolist() == [1, 0, 5, 0]
    counts[2].backward()
    assert weights.grad.tolist() == [0, 1, 1]
    assert oop.searchsorted(oop.tensor([1.0, 3.0]), oop.tensor([1.0, 2.0])).tolist() == [0, 1]
    assert oop.bucketize(oop.tensor([1.0]), oop.tensor([1.0]), right=True).tolist() == [1]


def test_other_values():
    z = wf.vmap(lambda row: oop.index_select(row, 0, np.array([1, 1])))(X)
    assert z.tolist() == X[:, [1, 1]].tolist()
    z = wf.vmap(lambda row, i: oop.gather(row, 0, i))(X, np.array([[0], [1], [2]]))
    assert z.tolist() == [[0], [5], [10]]
