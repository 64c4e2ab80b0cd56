"""vmap on flat lists: the batch leads, and no axis of a value is taken for it."""

import numpy as np
import pytest

from wonderland.shared.batching import vmap
from wonderland.shared.primitives import Primitive, add, mul, sin, sum, transpose

X = np.arange(12.0).reshape(4, 3)
ROW = np.array([10.0, 20.0, 30.0])


def test_every_element_meets_the_shared_operand():
    (z,), made = vmap(lambda x, y: [mul(x, y)], [X, ROW], [True, False], 4)
    assert made == [True]
    np.testing.assert_array_equal(z, X * ROW)


def test_a_batch_as_long_as_an_axis_is_no_axis():
    square = np.arange(9.0).reshape(3, 3)
    (z,), _ = vmap(lambda x, y: [add(x, y)], [square, ROW], [True, False], 3)
    np.testing.assert_array_equal(z, square + ROW)
    (z,), _ = vmap(lambda x, y: [add(y, x)], [square[:, 0], ROW], [True, False], 3)
    np.testing.assert_array_equal(z, square[:, :1] + ROW)


def test_an_element_has_its_own_shape():
    seen = []

    def f(x):
        seen.append((x.shape, x.ndim, x.dtype))
        return [x]

    vmap(f, [X.astype(np.float32)], [True], 4)
    assert seen == [((3,), 1, np.float32)]


def test_a_result_that_does_not_depend_is_marked():
    (z, w), made = vmap(lambda x: [sin(ROW), x], [X], [True], 4)
    assert made == [False, True]
    np.testing.assert_array_equal(z, np.sin(ROW))
    assert w is X


def test_two_batches_nest_over_different_operands():
    def inner(x):
        return vmap(lambda y: [mul(x, y)], [ROW], [True], 3)[0]

    (z,), _ = vmap(inner, [X[:, 0]], [True], 4)
    np.testing.assert_array_equal(z, X[:, :1] * ROW)


def test_two_batches_nest_over_the_same_operand():
    def inner(x):
        assert x.shape == (3,)
        return vmap(lambda x: [sin(x)], [x], [True], 3)[0]

    (z,), _ = vmap(inner, [X], [True], 4)
    np.testing.assert_array_equal(z, np.sin(X))


def test_axes_of_an_element_are_counted_without_the_batch():
    cube = np.arange(24.0).reshape(2, 3, 4)
    (z, w), _ = vmap(
        lambda x: [transpose(x, axes=(1, 0)), sum(x, axis=(0,), keepdims=False)], [cube], [True], 2
    )
    np.testing.assert_array_equal(z, cube.transpose(0, 2, 1))
    np.testing.assert_array_equal(w, cube.sum(1))


def test_a_batch_of_none():
    (z,), _ = vmap(lambda x: [sum(sin(x), axis=(0,), keepdims=False)], [X[:0]], [True], 0)
    assert z.shape == (0,)


halves = Primitive(
    "halves", lambda x: (x[..., :1], x[..., 1:]), jvp=0, vjp=0, outputs=2, register=False,
    shape=lambda x: [(*x.shape[:-1], 1), (*x.shape[:-1], x.shape[-1] - 1)],
    batch=lambda args, batched: halves(args[0]),
)  # fmt: skip


def test_several_outputs_carry_the_batch_each():
    z, made = vmap(lambda x: list(halves(x)), [X], [True], 4)
    assert made == [True, True]
    np.testing.assert_array_equal(z[0], X[:, :1])
    np.testing.assert_array_equal(z[1], X[:, 1:])


def test_an_unequal_number_of_flags_is_refused():
    with pytest.raises(ValueError, match="zip"):
        vmap(lambda x: [x], [X], [True, False], 4)
