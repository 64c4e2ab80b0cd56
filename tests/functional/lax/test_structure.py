import numpy as np

from wonderland import functional as wf
from wonderland.functional import lax

X = np.array([[1.0, 4.0], [9.0, 16.0]])


def test_selection_and_its_zero():
    found = wf.grad(lambda x: lax.select(x > 0, lax.rsqrt(x), 0 * x).sum())(np.array([4.0, 0.25]))
    np.testing.assert_allclose(found, [-1 / 16, -4.0])
    assert lax.concatenate([X, X], 1).shape == (2, 4)


def test_names_of_lax():
    x = np.array([0.5, 2.0])
    np.testing.assert_allclose(lax.add(lax.mul(x, x), lax.neg(x)), x * x - x)
    np.testing.assert_allclose(lax.div(lax.exp(x), lax.max(x, 1.0)), np.exp(x) / np.maximum(x, 1))
    np.testing.assert_allclose(lax.dot_general(X, X, (((1,), (0,)), ((), ()))), X @ X)
    assert wf.grad(lambda x: lax.stop_gradient(x) * x)(3.0) == 3.0
