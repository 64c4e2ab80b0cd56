import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.functional import lax

X = np.array([[1.0, 4.0], [9.0, 16.0]])


def test_selection_and_its_zero():
    found = wf.grad(lambda x: lax.select(x > 0, lax.rsqrt(x), 0 * x).sum())(np.array([4.0, 0.25]))
    np.testing.assert_allclose(found, [-1 / 16, -4.0])
    assert lax.concatenate([X, X], 1).shape == (2, 4)


def test_map_is_a_loop_over_pytrees():
    def f(p):
        return {"y": p["a"] * p["b"]}

    p = {"a": X, "b": np.array([2.0, 3.0])}
    found = lax.map(f, p)
    np.testing.assert_array_equal(found["y"], wf.vmap(f)(p)["y"])
    gradient = wf.grad(lambda p: lax.map(f, p)["y"].sum())(p)
    np.testing.assert_array_equal(gradient["b"], X.sum(1))


def test_what_map_refuses():
    with pytest.raises(ValueError, match=r"lax.map: all leaves need a leading axis of one size"):
        lax.map(lambda p: p[0], (X, np.ones(3)))
    with pytest.raises(ValueError, match=r"lax.map: all leaves need a leading axis"):
        lax.map(lambda x: x, np.float64(1.0))
    with pytest.raises(ValueError, match="the leading axis is empty"):
        lax.map(lambda x: x, np.ones((0, 2)))


def test_names_of_lax():
    x = np.array([0.5, 2.0])
    np.testing.assert_allclose(lax.add(lax.mul(x, x), lax.neg(x)), x * x - x)
    np.testing.assert_allclose(lax.div(lax.exp(x), lax.max(x, 1.0)), np.exp(x) / np.maximum(x, 1))
    np.testing.assert_allclose(lax.dot_general(X, X, (((1,), (0,)), ((), ()))), X @ X)
    assert wf.grad(lambda x: lax.stop_gradient(x) * x)(3.0) == 3.0
