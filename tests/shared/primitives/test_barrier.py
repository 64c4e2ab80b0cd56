import numpy as np

from wonderland.shared.forward import jvp
from wonderland.shared.primitives import mul
from wonderland.shared.primitives.barrier import stop_gradient
from wonderland.shared.tape import vjp
from wonderland.shared.testing import Sample

X = np.array([[-1.5, 0.3, 2.0], [0.7, -0.2, -1.0]])

ROWS = [
    Sample(
        stop_gradient, X, reference=np.array,
        without={"jvp": "its derivative is zero by intention"},
    ),
    Sample(stop_gradient, np.array([1, 2]), reference=np.array),
]  # fmt: skip


def test_derivatives_do_not_pass():
    z, dz = jvp(lambda x: [stop_gradient(x)], [X], [X])
    assert z[0] is X and dz == [None]
    assert vjp(lambda x: [stop_gradient(x)], [X])[1]([X]) == [None]


def test_the_value_stays_a_factor():
    (g,) = vjp(lambda x: [mul(x, stop_gradient(x))], [X])[1]([np.ones_like(X)])
    np.testing.assert_array_equal(g, X)
