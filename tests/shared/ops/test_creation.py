"""New arrays like a given one are arrays, also of traced values."""

import numpy as np
import pytest

from wonderland.shared import ops
from wonderland.shared.batching import vmap
from wonderland.shared.tape import vjp

X = np.ones((2, 3), np.float32)


@pytest.mark.parametrize("name", ["zeros_like", "ones_like", "empty_like"])
def test_as_numpy(name):
    function, value = getattr(ops, name), 1.0 if name == "ones_like" else 0.0
    for z in (function(X), function(X, int), function(X, shape=(2,))):
        np.testing.assert_array_equal(z, np.full(z.shape, value))
    assert function(X).dtype == np.float32 and function(X, int).dtype == int


def test_of_a_batched_value_has_the_shape_of_one_element():
    made = []
    vmap(lambda x: [made.append(ops.zeros_like(x)) or x], [X], [True], 2)
    assert made[0].__class__ is np.ndarray and made[0].shape == (3,)


def test_full_like_carries_a_traced_value():
    z, pull = vjp(lambda c: [ops.full_like(X, c)], [np.float32(2)])
    np.testing.assert_array_equal(z[0], np.full((2, 3), 2))
    assert pull([X])[0] == 6
    np.testing.assert_array_equal(ops.full_like(X, 2, shape=(2,)), [2, 2])
