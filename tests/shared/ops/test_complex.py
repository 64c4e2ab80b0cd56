import math

import numpy as np

from wonderland.shared import ops
from wonderland.shared.tape import vjp

z = np.array([3 + 4j, -1 - 1j, 2j])


def gradient(f, *xs):
    found = vjp(lambda *xs: [f(*xs)], list(xs))
    return found[1]([np.ones_like(found[0][0])])


def test_parts_and_back():
    w = ops.from_parts(ops.real(z), ops.imag(z))
    assert w.tolist() == z.tolist()
    (gz,) = gradient(lambda z: ops.real(ops.from_parts(ops.real(z), ops.imag(z))), z)
    assert gz.tolist() == [1, 1, 1]
    assert ops.from_parts(1.0, np.float32([2])).dtype == np.complex64


def test_the_angle_has_derivative_zero_at_the_origin():
    (gz,) = gradient(ops.angle, np.array([0j, 1 + 0j, 2j]))
    # d arg(z) = Im(dz / z), so that gz = -i / z
    np.testing.assert_allclose(gz, [0, -1j, -0.5])


def test_the_angle_of_a_real_number():
    assert ops.angle(np.array([1.0, -1.0])).tolist() == [0, math.pi]
    assert ops.angle(-1.0, deg=True) == 180
    assert gradient(ops.angle, np.array([1.0, -1.0]))[0].tolist() == [0, 0]


def test_parts_of_a_number_and_of_a_real_array():
    assert (ops.real(1 + 2j), ops.imag(1 + 2j)) == (1, 2)
    x = np.ones(2, np.float32)
    assert ops.real(x) is x
    assert ops.imag(x).dtype == np.float32
    assert not ops.imag(x).any()
    assert ops.iscomplex(x).tolist() == [False, False]
