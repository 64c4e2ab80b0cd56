"""Complex Tensors against torch: `.grad` is the direction of steepest ascent, as there."""

import numpy as np
import pytest

from tests.peers.twins import agree

pytestmark = pytest.mark.peers

RNG = np.random.default_rng(4)
X = RNG.standard_normal((2, 3))
Z = RNG.standard_normal((2, 3)) + 1j * RNG.standard_normal((2, 3))
W = RNG.standard_normal((2, 3)) + 1j * RNG.standard_normal((2, 3))

PROGRAMS = {
    "squared modulus": (lambda t, z: (z * z.conj()).real, (Z,)),
    "abs": (lambda t, z: z.abs() ** 2, (Z,)),
    "real and imag": (lambda t, z: z.real * 2 + z.imag**2, (Z,)),
    "angle": (lambda t, z: t.angle(z), (Z,)),
    "exp": (lambda t, z: z.exp(), (Z,)),
    "log": (lambda t, z: z.log(), (Z,)),
    "sqrt": (lambda t, z: z.sqrt(), (Z,)),
    "sin and cosh": (lambda t, z: z.sin() * z.cosh(), (Z,)),
    "tanh": (lambda t, z: z.tanh(), (Z,)),
    "powers": (lambda t, z: z**3 + 1 / z, (Z,)),
    "power": (lambda t, z, w: z**w, (Z, W)),
    "division": (lambda t, z, w: z / w, (Z, W)),
    "matmul": (lambda t, z, w: z @ w.T, (Z, W)),
    "adjoint": (lambda t, z: z @ z.conj().T, (Z,)),
    "complex times real": (lambda t, z, x: z * x, (Z, X)),
    "real times complex number": (lambda t, x: x * 2j + 1, (X,)),
    "real base, complex exponent": (lambda t, x, z: (x * x + 1) ** z, (X, Z)),
    "sums": (lambda t, z: z.sum(0) + z.mean(), (Z,)),
    "prod": (lambda t, z: z.prod(1), (Z,)),
    "cumsum": (lambda t, z: z.cumsum(1), (Z,)),
    "where": (lambda t, z: t.where(z.real > 0, z * z, z), (Z,)),
    "indexing": (lambda t, z: z[:, [0, 0, 2]] * 1j, (Z,)),
    "reshape": (lambda t, z: z.reshape(3, 2) @ z, (Z,)),
    "reciprocal": (lambda t, z: z.reciprocal(), (Z,)),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(name):
    program, arrays = PROGRAMS[name]
    agree(program, *arrays)


@pytest.mark.parametrize("name", PROGRAMS)
def test_gradients_of_a_real_loss(name):
    program, arrays = PROGRAMS[name]
    agree(lambda t, *xs: (program(t, *xs).abs() ** 2).sum(), *arrays, rtol=1e-11)


def test_assignment():
    def program(t, z, w):
        y = z * 1
        y[0] = w[1]
        y *= 2j
        return y * z

    agree(program, Z, W)
