"""Plain NumPy code against autograd: one function, two differentiators, in float64."""

import numpy as np
import pytest

from wonderland import functional as wf

pytestmark = pytest.mark.peers

autograd = pytest.importorskip("autograd")
anp = pytest.importorskip("autograd.numpy")

RNG = np.random.default_rng(7)
X = RNG.standard_normal((2, 3))
Y = RNG.standard_normal((2, 3))
S = RNG.standard_normal((3, 3)) + 3 * np.eye(3)


def tanh(np, x):
    """autograd's own first example."""
    return (1.0 - np.exp(-2 * x)) / (1.0 + np.exp(-2 * x))


def taylor_sine(np, x):
    """Its second: a loop."""
    total = currterm = x
    for i in range(10):
        currterm = -currterm * x**2 / ((2 * i + 3) * (2 * i + 2))
        total = total + currterm
    return total


def logistic(np, x):
    """A classifier's loss."""
    p = 0.5 * (np.tanh(np.dot(x, S[0])) + 1)
    return -np.sum(np.log(p * Y[:, 0] ** 2 + (1 - p) * 0.5))


def rosenbrock(np, x):
    return np.sum(100.0 * (x[..., 1:] - x[..., :-1] ** 2) ** 2 + (1 - x[..., :-1]) ** 2)


def distances(np, x):
    """All pairs."""
    d = x[:, None] - x[None]
    return np.sum(np.sqrt(np.sum(d**2, axis=-1) + 1.0))


def recurrent(np, x):
    h = np.zeros(3)
    for row in x:
        h = np.tanh(h @ S + row)
    return np.sum(h * h)


def reductions(np, x):
    return np.sum(np.mean(x, 0) * np.var(x, 0)) + np.max(x) * np.min(x) + np.prod(x)


def shapes(np, x):
    y = np.concatenate([x, np.reshape(x.T, (2, 3))], axis=0)
    return np.sum(np.einsum("ij,kj->ik", y, y) * np.outer(y[:, 0], y[:, 1]))


PROGRAMS = [tanh, taylor_sine, logistic, rosenbrock, distances, recurrent, reductions, shapes]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_gradients_to_third_order(program):
    def ours(x):
        return np.sum(program(np, x))

    def theirs(x):
        return anp.sum(program(anp, x))

    for _ in range(3):
        mine, other = wf.grad(ours)(X), autograd.grad(theirs)(X)
        np.testing.assert_allclose(mine, other, rtol=1e-10, atol=1e-10)
        ours = (lambda f: lambda x: np.sum(np.sin(wf.grad(f)(x))))(ours)
        theirs = (lambda f: lambda x: anp.sum(anp.sin(autograd.grad(f)(x))))(theirs)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_hessians_and_jacobians(program):
    found = wf.hessian(lambda x: np.sum(program(np, x)))(X)
    wanted = autograd.hessian(lambda x: anp.sum(program(anp, x)))(X)
    np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-10)
    found = wf.jacrev(lambda x: program(np, x))(X)
    wanted = autograd.jacobian(lambda x: program(anp, x))(X)
    np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-10)
