"""Forward mode on flat lists: what a tangent is, and when there is none."""

import numpy as np
import pytest

from wonderland.shared.batching import vmap
from wonderland.shared.forward import instantiate, jvp
from wonderland.shared.primitives import Primitive, add, cast, div, equal, mul, sin

X = np.array([[0.5, -1.25, 2.0]])
Y = np.array([[1.5], [4.0]])


def test_value_and_tangent_side_by_side():
    (z,), (dz,) = jvp(lambda x: [sin(x)], [X], [2 * X])
    np.testing.assert_array_equal(z, np.sin(X))
    np.testing.assert_allclose(dz, np.cos(X) * 2 * X)


def test_a_tangent_has_the_shape_of_its_value():
    (z,), (dz,) = jvp(lambda x: [add(x, Y)], [X], [np.ones_like(X)])
    assert z.shape == dz.shape == (2, 3)
    np.testing.assert_array_equal(dz, np.ones((2, 3)))


def test_tangents_of_both_operands_add():
    _, (dz,) = jvp(lambda x, y: [div(x, y)], [X, Y], [X, Y])
    np.testing.assert_allclose(dz, np.zeros((2, 3)), atol=1e-16)


def test_a_tangent_may_be_none_which_is_zero():
    _, (dz,) = jvp(lambda x, y: [mul(x, y)], [X, Y], [None, Y])
    np.testing.assert_allclose(dz, X * Y)
    z, dz = jvp(lambda x: [sin(x)], [X], [None])
    assert dz == [None]
    np.testing.assert_array_equal(z[0], np.sin(X))


def test_an_output_that_does_not_depend_has_no_tangent():
    z, dz = jvp(lambda x: [sin(Y), x], [X], [X])
    assert dz[0] is None and dz[1] is X
    assert z[1] is X


def test_integer_and_boolean_outputs_have_no_tangent():
    z, dz = jvp(lambda x: [equal(x, X), mul(x, 1.0)], [X], [X])
    assert z[0].dtype == bool and z[0].all()
    assert dz[0] is None and dz[1] is not None


def test_a_tangent_of_zero_is_made_on_demand():
    zeros = instantiate(None, X)
    assert zeros.shape == X.shape and not zeros.any()
    assert instantiate(X, Y) is X


@pytest.mark.parametrize("dtype", ["float16", "float32", "complex64"])
def test_tangents_keep_their_dtype(dtype):
    x = X.astype(dtype)
    (z,), (dz,) = jvp(lambda x: [mul(sin(x), 2.0)], [x], [x])
    assert z.dtype == dz.dtype == dtype


def test_a_cast_casts_the_tangent():
    _, (dz,) = jvp(lambda x: [cast(x, dtype=np.dtype("float32"))], [X], [X])
    assert dz.dtype == np.float32


# z = (x², 3 x, the signs of x): the last is piecewise constant
trio = Primitive(
    "trio", lambda x: (x * x, 3.0 * x, np.sign(x)), shape=lambda x: [x.shape] * 3,
    jvp=lambda dx, x: (2.0 * x * dx, 3.0 * dx, None),
    vjp=lambda gz, x: 2.0 * x * gz[0] + 3.0 * gz[1],
    batch=lambda args, batched: trio(args[0]), outputs=3, register=False,
)  # fmt: skip


def test_several_outputs_have_a_tangent_each():
    z, dz = jvp(lambda x: list(trio(x)), [X], [X])
    np.testing.assert_array_equal(dz[0], 2 * X * X)
    np.testing.assert_array_equal(dz[1], 3 * X)
    assert dz[2] is None
    np.testing.assert_array_equal(z[2], np.sign(X))


def test_several_outputs_nest():
    def second(x):
        return jvp(lambda x: list(trio(x)), [x], [np.ones(x.shape)])[1][:2]

    _, ddz = jvp(second, [X], [np.ones_like(X)])
    np.testing.assert_array_equal(ddz[0], np.full(X.shape, 2.0))
    assert ddz[1] is None or not ddz[1].any()
    rows, _made = vmap(second, [X], [True], 1)
    np.testing.assert_array_equal(rows[0], 2 * X)


def test_a_chain_of_100_000_needs_no_recursion():
    def chain(x):
        for _ in range(100_000):
            x = add(x, 1e-6)
        return [x]

    _, (dz,) = jvp(chain, [np.array(1.0)], [np.array(2.0)])
    assert dz == 2.0


def test_an_unequal_number_of_tangents_is_refused():
    with pytest.raises(ValueError, match="zip"):
        jvp(lambda x: [x], [X], [X, X])
