import pytest

from wonderland import oop


def test_sort():
    t = oop.tensor([[3.0, 1.0, 2.0]], requires_grad=True)
    values, indices = t.sort()
    assert (values.tolist(), indices.tolist()) == ([[1, 2, 3]], [[1, 2, 0]])
    (values * oop.tensor([1.0, 10.0, 100.0])).sum().backward()
    assert t.grad.tolist() == [[100, 1, 10]]
    assert t.sort(descending=True).indices.tolist() == [[0, 2, 1]]
    assert t.argsort(0).tolist() == [[0, 0, 0]]
    assert oop.msort(oop.tensor([2, 1])).tolist() == [1, 2]
    assert oop.tensor(3.0).sort().indices.item() == 0


def test_equal_entries_keep_their_order():
    t = oop.tensor([1, 0, 1, 0])
    assert t.sort().indices.tolist() == [1, 3, 0, 2]
    assert t.sort(descending=True).indices.tolist() == [0, 2, 1, 3]


def test_topk():
    t = oop.tensor([3.0, 1.0, 2.0], requires_grad=True)
    values, indices = t.topk(2)
    assert (values.tolist(), indices.tolist()) == ([3, 2], [0, 2])
    assert t.topk(1, largest=False).values.tolist() == [1]
    values.sum().backward()
    assert t.grad.tolist() == [1, 0, 1]
    with pytest.raises(ValueError, match=r"topk: k is 4, but dim -1 has 3 entries"):
        t.topk(4)


def test_unique():
    t = oop.tensor([2, 1, 2])
    assert t.unique().tolist() == [1, 2]
    values, inverse, counts = oop.unique(t, return_inverse=True, return_counts=True)
    assert (values.tolist(), inverse.tolist(), counts.tolist()) == ([1, 2], [1, 0, 1], [1, 2])
