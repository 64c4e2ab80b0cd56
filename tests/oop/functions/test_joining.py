import numpy as np
import pytest

from wonderland import oop

X = np.arange(12.0).reshape(3, 4)


def test_joining():
    t = oop.tensor(X, requires_grad=True)
    z = oop.cat([t, t * 2, oop.zeros(0)], dim=1)
    assert z.tolist() == np.concatenate([X, 2 * X], 1).tolist()
    z.sum().backward()
    assert t.grad.tolist() == np.full((3, 4), 3).tolist()
    assert oop.stack([t, t], dim=-1).tolist() == np.stack([X, X], -1).tolist()
    assert oop.stack((t[0], t[1]), axis=0).shape == (2, 4)
    for name in ("hstack", "vstack", "dstack", "column_stack"):
        assert getattr(oop, name)([t, t]).tolist() == getattr(np, name)([X, X]).tolist()
    assert oop.cat([oop.ones(1, dtype=oop.int64), oop.ones(1)]).dtype == np.float32


def test_taking_apart():
    t = oop.tensor(X)
    assert [p.shape for p in t.split(2)] == [(2, 4), (1, 4)]
    assert [p.shape for p in t.split([1, 3], dim=1)] == [(3, 1), (3, 3)]
    assert [p.shape for p in t.chunk(2, 1)] == [(3, 2), (3, 2)]
    assert [p.shape for p in t.chunk(2)] == [(2, 4), (1, 4)]
    assert [p.shape for p in t.tensor_split(2)] == [(2, 4), (1, 4)]
    assert [p.shape for p in t.tensor_split((1, 3), 1)] == [(3, 1), (3, 2), (3, 1)]
    assert [p.tolist() for p in t.unbind(1)] == X.T.tolist()
    assert t.narrow(1, -2, 2).tolist() == X[:, 2:].tolist()
    assert t.select(1, -1).tolist() == X[:, -1].tolist()
    assert all(p.base is not None for p in (*t.split(2), *t.unbind(), t.narrow(0, 0, 1)))


def test_refusals():
    t = oop.tensor(X)
    with pytest.raises(ValueError, match=r"split: sizes \[1, 1\] do not add up to 3 along dim 0"):
        t.split([1, 1])
    with pytest.raises(ValueError, match="split: pieces of size 0"):
        t.split(0)
    with pytest.raises(ValueError, match="chunk: 0 pieces"):
        t.chunk(0)
    with pytest.raises(ValueError, match=r"narrow: 2 to 4 does not lie within dim 0 of size 3"):
        t.narrow(0, 2, 2)
