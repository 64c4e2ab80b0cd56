"""torch's reductions: dim and axis, keepdim and keepdims, and pairs of values and indices."""

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland import oop

X = np.array([[3.0, 1.0, 2.0], [0.5, 5.0, 4.0]])


def x(requires_grad=False):
    return oop.tensor(X, requires_grad=requires_grad)


PLAIN = {
    "sum": np.sum, "prod": np.prod, "mean": np.mean, "amax": np.max, "amin": np.min,
    "argmax": np.argmax, "argmin": np.argmin, "all": np.all, "any": np.any,
    "var": lambda a, **k: np.var(a, ddof=1, **k), "std": lambda a, **k: np.std(a, ddof=1, **k),
}  # fmt: skip


@pytest.mark.parametrize("name", PLAIN)
def test_reductions(name):
    ours, theirs = getattr(oop, name), PLAIN[name]
    np.testing.assert_allclose(ours(x()).item(), theirs(X))
    for options, numpys in (
        ({"dim": 1}, {"axis": 1}),
        ({"dim": -1, "keepdim": True}, {"axis": -1, "keepdims": True}),
        ({"axis": 0, "keepdims": True}, {"axis": 0, "keepdims": True}),
    ):
        z = getattr(x(), name)(**options).numpy()
        expected = theirs(X, **numpys)
        assert z.shape == expected.shape
        np.testing.assert_allclose(z, expected)
    if not name.startswith("arg"):
        np.testing.assert_allclose(ours(x(), (0, 1)).item(), theirs(X))
    batch = wf.vmap(lambda row: ours(row, 0))(X)
    np.testing.assert_allclose(batch, theirs(X, axis=1))


def test_extrema_with_their_places():
    t = x(True)
    values, indices = t.max(1)
    assert (values.tolist(), indices.tolist()) == ([3, 5], [0, 1])
    assert t.min(dim=0, keepdim=True).indices.tolist() == [[1, 0, 0]]
    values.sum().backward()
    assert t.grad.tolist() == [[1, 0, 0], [0, 1, 0]]
    assert oop.max(t).item() == 5
    assert oop.max(t, x() * 0 + 2.5).tolist() == [[3, 2.5, 2.5], [2.5, 5, 4]]
    assert oop.tensor(3.0).max(0).indices.item() == 0
    assert t.aminmax(dim=0).max.tolist() == [3, 5, 4]


def test_ties():
    t = oop.tensor([2.0, 2.0], requires_grad=True)
    t.max().backward()
    assert t.grad.tolist() == [0.5, 0.5]
    t.grad = None
    t.max(0).values.backward()
    assert t.grad.tolist() == [1, 0]


def test_variance():
    assert x().var(False).item() == pytest.approx(np.var(X))
    assert x().var(1, unbiased=False).tolist() == pytest.approx(np.var(X, 1).tolist())
    assert x().std(correction=2).item() == pytest.approx(np.std(X, ddof=2))
    v, m = oop.var_mean(x(), 1, keepdim=True)
    s, _ = oop.std_mean(x())
    assert v.shape == m.shape == (2, 1)
    assert s.item() == pytest.approx(np.std(X, ddof=1))
    t = oop.ones(3, requires_grad=True)
    t.std().backward()
    assert t.grad.tolist() == [0, 0, 0]


@pytest.mark.parametrize("p", ["fro", 2, 1, 0, 3, float("inf"), float("-inf"), 2.5])
def test_norms(p):
    flat = X.ravel() * np.array([1, -1, 1, 1, 0, 1])
    t = oop.tensor(flat, requires_grad=True)
    z = t.norm(p)
    assert z.item() == pytest.approx(np.linalg.norm(flat, 2 if p == "fro" else p))
    assert oop.norm(oop.tensor(X), p, dim=1, keepdim=True).shape == (2, 1)
    zero = oop.zeros(3, requires_grad=True)
    zero_norm = zero.norm(p)
    if zero_norm.requires_grad:
        zero_norm.backward()
        assert np.isfinite(zero.grad.numpy()).all()


def test_the_norm_at_zero_has_the_gradient_zero():
    for p in (2, 3):
        t = oop.zeros(3, requires_grad=True)
        t.norm(p).backward()
        assert t.grad.tolist() == [0, 0, 0]
    z = oop.tensor([3 + 4j, 0], requires_grad=True)
    z.norm().backward()
    assert np.allclose(z.grad.numpy(), [0.6 + 0.8j, 0])


def test_median_and_kthvalue():
    assert x().median().item() == 2
    values, indices = x().median(1)
    assert (values.tolist(), indices.tolist()) == ([2, 4], [2, 2])
    t = x(True)
    found = t.kthvalue(1, dim=0, keepdim=True)
    assert found.values.tolist() == [[0.5, 1, 2]]
    found.values.sum().backward()
    assert t.grad.tolist() == [[0, 1, 1], [1, 0, 0]]
    with pytest.raises(ValueError, match=r"kthvalue: k is 4, but dim -1 has 3 entries"):
        t.kthvalue(4)


def test_nan_is_left_out():
    t = oop.tensor([1.0, float("nan"), 3.0], requires_grad=True)
    t.nanmean().backward()
    assert t.grad.tolist() == [0.5, 0, 0.5]
    assert t.nansum().item() == 4


def test_running_and_soft():
    assert x().cumsum(1).tolist() == np.cumsum(X, 1).tolist()
    assert x().cumprod(dim=0).tolist() == np.cumprod(X, 0).tolist()
    assert np.allclose(x().softmax(1).sum(1).numpy(), 1)
    assert np.allclose(oop.log_softmax(x(), 0).exp().numpy(), x().softmax(0).numpy())
    assert x().logsumexp((0, 1)).item() == pytest.approx(np.log(np.exp(X).sum()))
    assert oop.softmax(oop.tensor([1, 1]), 0, dtype=oop.float64).dtype == np.float64


def test_dtypes():
    for dtype in (oop.uint8, oop.int8, oop.bool, oop.int32):
        t = oop.ones(3, dtype=dtype)
        assert t.sum().dtype == t.prod().dtype == t.cumsum(0).dtype == np.int64
    assert oop.ones(2, dtype=oop.int64).mean(dtype=oop.float32).dtype == np.float32
    assert x().sum(dtype=oop.float32).dtype == np.float32
    assert x().count_nonzero().item() == 6


def test_refusals():
    with pytest.raises(
        TypeError, match=r"mean: that of int64\[2\] is no integer; convert it first"
    ):
        oop.tensor([1, 2]).mean()
    with pytest.raises(TypeError, match="var: that of bool"):
        oop.tensor([True]).var()
    with pytest.raises(TypeError, match=r"max: complex numbers have no order .* x\.abs\(\)"):
        oop.tensor([1j]).max()
    with pytest.raises(IndexError, match=r"max: dim 2 is out of range for a Tensor with 2 axes"):
        x().max(2)
