"""Python's protocols of Tensor."""

import copy
import operator
import pickle

import numpy as np
import pytest

from wonderland import oop


def leaf(*values):
    return oop.tensor([float(v) for v in values], requires_grad=True)


@pytest.mark.parametrize("name", "add sub mul truediv floordiv mod pow".split())
def test_operators_and_their_reflections(name):
    op = getattr(operator, name)
    x, y = np.array([3.0, 5.0]), np.array([2.0, 1.5])
    a, b = oop.tensor(x), oop.tensor(y)
    for z, expected in (
        (op(a, b), op(x, y)), (op(a, y), op(x, y)), (op(x, b), op(x, y)), (op(a, 2), op(x, 2)),
        (op(2.0, a), op(2.0, x)), (op(np.float64(2), a), op(2.0, x)),
    ):  # fmt: skip
        assert isinstance(z, oop.Tensor)
        np.testing.assert_allclose(z.numpy(), expected)
    a = oop.tensor(x)
    same = a
    a = getattr(operator, f"i{name}")(a, b)
    assert a is same
    np.testing.assert_allclose(a.numpy(), op(x, y))


def test_operators_of_matrices_integers_and_truth():
    x = oop.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert (x @ x).tolist() == (np.asarray(x) @ x).tolist() == [[7, 10], [15, 22]]
    i = oop.tensor([6, 3])
    assert ((i & 2).tolist(), (i | 1).tolist(), (i ^ 1).tolist()) == ([2, 2], [7, 3], [7, 2])
    assert ((i << 1).tolist(), (i >> 1).tolist(), (~i).tolist()) == ([12, 6], [3, 1], [-7, -4])
    assert (-i).tolist() == [-6, -3] and abs(-i).tolist() == [6, 3] and +i is i
    assert divmod(i, 4)[1].tolist() == [2, 3]
    i &= 2
    i <<= 2
    assert i.tolist() == [8, 8]
    assert (x == x).all() and not (x != x).any()
    assert (x == None) is False  # noqa: E711
    assert (x > 2).tolist() == (2 < x).tolist() == [[False, False], [True, True]]


def test_numbers():
    x = oop.tensor(3.5, requires_grad=True)
    assert (float(x), int(x), bool(x), complex(x)) == (3.5, 3, True, 3.5)
    assert f"{x:.2f}" == "3.50"
    assert f"{x}" == repr(x)
    assert list(range(5))[oop.tensor(2)] == 2
    assert [10, 20][oop.tensor([1])] == 20
    with pytest.raises(ValueError, match=r"bool: a Tensor of shape \(2,\) has 2 truth values"):
        bool(oop.ones(2))
    with pytest.raises(TypeError, match=r"index: an index is one integer, but this .* float32\[\]"):
        operator.index(x)
    with pytest.raises(ValueError, match="item: a Tensor of shape"):
        float(oop.ones(2))


def test_containers():
    x = oop.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert len(x) == 2
    assert [row.tolist() for row in x] == [[1, 2], [3, 4]]
    assert 3 in x and 5 not in x
    _, row = x
    assert row.tolist() == [3, 4]
    assert {x: 1}[x] == 1
    assert x.tolist() == [[1, 2], [3, 4]]
    for function in (len, iter):
        with pytest.raises(TypeError, match="a Tensor without axes has no"):
            function(oop.tensor(1.0))


def test_numpy_functions_give_tensors():
    x = leaf(1, 2)
    z = np.sum(np.exp(x) * np.array([1, 2], np.float32))
    assert isinstance(z, oop.Tensor)
    z.backward()
    assert np.allclose(x.grad.numpy(), np.exp([1, 2]) * [1, 2])
    assert np.asarray(oop.ones(2)).tolist() == [1, 1]
    assert np.array(oop.ones(2), dtype=int).dtype == int
    assert np.size(oop.ones(2, 3)) == 6
    assert np.shape(oop.ones(2, 3)) == (2, 3)
    y = np.copy(x)
    assert y is not x and y.requires_grad


def test_copies():
    x = leaf(1, 2)
    x.sum().backward()
    x.note = [1]
    y = copy.deepcopy(x)
    y.grad += 1
    assert (y.tolist(), y.requires_grad, y.is_leaf, x.grad.tolist()) == ([1, 2], True, True, [1, 1])
    assert y.note == [1] and y.note is not x.note
    with pytest.raises(RuntimeError, match=r"deepcopy: a Tensor made by mul .*detach"):
        copy.deepcopy(x * 2)
    assert copy.deepcopy([x, x])[0] is not x
    pair = copy.deepcopy([x, x])
    assert pair[0] is pair[1]
    assert copy.copy(x).tolist() == [1, 2]


def test_pickle():
    x = leaf(1, 2)
    x.note = "kept"
    x.register_hook(lambda g: g)
    for y in (pickle.loads(pickle.dumps(x)), pickle.loads(pickle.dumps({"x": x}))["x"]):
        assert (y.tolist(), y.requires_grad, y.note) == ([1, 2], True, "kept")
    assert not pickle.loads(pickle.dumps(x * 2)).requires_grad
    assert pickle.loads(pickle.dumps(oop.ones(2, 3)[:, 1])).tolist() == [1, 1]


def test_data():
    x = leaf(1, 2)
    x.data.mul_(3)
    assert x.tolist() == [3, 6]
    x.data = oop.ones(3, dtype=oop.float64)
    assert (x.shape, x.dtype, x.is_leaf) == ((3,), np.float64, True)
    (x * x).sum().backward()
    assert (x.grad.tolist(), x.grad.dtype) == ([2, 2, 2], np.float64)


def test_copy_fill_and_detach_in_place():
    w = leaf(1, 2)
    x = oop.zeros(2)
    assert x.copy_(w * 3) is x
    x.sum().backward()
    assert w.grad.tolist() == [3, 3]
    y = w * 2
    y.zero_()
    assert y.requires_grad
    y.sum().backward()
    assert w.grad.tolist() == [3, 3]
    assert y.fill_(2.5).tolist() == [2.5, 2.5]
    y.detach_()
    assert not y.requires_grad
    with pytest.raises(RuntimeError, match="detach_: a view cannot forget"):
        w[0].detach_()
    i = oop.zeros(2, dtype=oop.int64)
    assert i.copy_([1.7, 2.2]).tolist() == [1, 2]


def test_hash_and_identity():
    x, y = oop.ones(2), oop.ones(2)
    assert len({x, y, x}) == 2
    assert hash(x) != hash(y)
