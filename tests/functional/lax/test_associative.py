import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.functional import lax

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("size", range(1, 12))
@pytest.mark.parametrize("reverse", [False, True])
def test_products_of_matrices_in_order(size, reverse):
    x = RNG.normal(size=(size, 2, 2))
    order = x[::-1] if reverse else x
    wanted = [order[0]]
    for matrix in order[1:]:
        wanted.append(wanted[-1] @ matrix)
    for f in (lax.associative_scan, wf.jit(lax.associative_scan, static_argnums=(0, 2))):
        found = f(np.matmul, x, reverse)
        np.testing.assert_allclose(found, wanted[:: -1 if reverse else 1], 1e-10)


def test_a_linear_recurrence_along_the_last_axis():
    def compose(f, g):
        return f[0] * g[0], g[0] * f[1] + g[1]

    a, b = RNG.normal(size=(2, 3, 6))

    def loop(a, b):
        step = lambda h, ab: (ab[0] * h + ab[1],) * 2  # noqa: E731
        return lax.scan(step, np.zeros(3), (a.T, b.T))[1].T

    def running(a, b):
        return lax.associative_scan(compose, (a, b), axis=1)[1]

    np.testing.assert_allclose(running(a, b), loop(a, b))
    gradients = [
        wf.grad(lambda a, b, f=f: (f(a, b) ** 2).sum(), (0, 1))(a, b) for f in (running, loop)
    ]
    np.testing.assert_allclose(gradients[0], gradients[1], 1e-8)


def test_nothing_stays_nothing():
    assert lax.associative_scan(np.add, np.ones((0, 2))).shape == (0, 2)


def test_what_it_refuses():
    with pytest.raises(ValueError, match=r"sizes along axis 0 differ: float64\[2\] at '0', but fl"):
        lax.associative_scan(np.add, (np.ones(2), np.ones(3)))
    with pytest.raises(ValueError, match=r"float64\[2\] has no axis 1"):
        lax.associative_scan(np.add, np.ones(2), axis=1)
    with pytest.raises(ValueError, match="what fn returns: structures differ"):
        lax.associative_scan(lambda a, b: a[0], (np.ones(2), np.ones(2)))
