"""What arrives at one value by several ways is added, whatever each contribution is.

A cotangent may be an array, a dual, a taped or batched value, a sparse one from indexing, or a
product that nobody has computed yet. In every order of two and of some three of them, all second
derivatives agree: forward over reverse (where arrays are followed by duals), reverse over reverse,
reverse over forward, under vmap, and by the stateful tape.
"""

from itertools import permutations

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland import oop

X = np.array([0.25, 0.5, 0.75])
W = np.array([1.0, 2.0, 3.0])

PARTS = {
    "linear": lambda x: 3 * x,
    "quotient": lambda x: x / 4,
    "square": lambda x: x * x,
    "reciprocal": lambda x: 1 / x,
    "entries": lambda x: np.stack([x[0], x[2], x[1]]),
    "products of entries": lambda x: np.stack([x[0] * x[1], x[2] * x[2], x[1] * 1.0]),
    "gather": lambda x: x[np.array([0, 0, 2])],
    "pieces": lambda x: np.concatenate(np.split(x, 3)[::-1]),
    "sum": lambda x: W * x.sum(),
    "where": lambda x: np.where(x > 0.4, x, x * x),
    "stopped": lambda x: wf.stop_gradient(x) * x,
}
THREE = ["linear", "quotient", "square", "entries", "products of entries", "pieces"]
ORDERS = [*permutations(PARTS, 1), *permutations(PARTS, 2), *permutations(THREE, 3)]


def by_oop(f):
    t = oop.Tensor(X.copy(), requires_grad=True)
    (g,) = oop.autograd.grad(f(t), t, create_graph=True)
    if not g.requires_grad:
        return np.zeros(3)
    (h,) = oop.autograd.grad((g * oop.Tensor(W)).sum(), t, allow_unused=True)
    return np.zeros(3) if h is None else h.numpy()


@pytest.mark.parametrize("parts", ORDERS, ids=", ".join)
def test_second_derivatives_agree(parts):
    def f(x):
        return sum(PARTS[name](x) * W for name in parts).sum()

    expected = wf.grad(lambda x: (wf.grad(f)(x) * W).sum())(X)
    slopes = np.stack([W, 2 * W])
    found = [
        wf.jvp(wf.grad(f), (X,), (W,))[1],
        wf.grad(lambda x: wf.jvp(f, (x,), (W,))[1])(X),
        wf.vmap(lambda w: wf.jvp(wf.grad(f), (X,), (w,))[1])(slopes)[1] / 2,
        by_oop(f),
    ]
    for g in found:
        np.testing.assert_allclose(g, expected, rtol=1e-12, atol=1e-12)
