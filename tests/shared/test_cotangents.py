"""Cotangents that are no arrays yet: sparse ones meet dense ones, owned ones and traced ones."""

import numpy as np
import pytest

from wonderland.shared.cotangents import Indexed, Slots, dense
from wonderland.shared.forward import jvp
from wonderland.shared.ops import getitem
from wonderland.shared.tape import vjp


def sparse(value, place):
    def add_to(total, values):
        total[place] += values

    return Indexed(np.array(value), (3,), add_to, None)


def test_sparse_plus_sparse_is_dense():
    np.testing.assert_array_equal(sparse(1.0, 0).plus(sparse(2.0, 2), False), [1, 0, 2])


def test_only_an_owned_total_is_changed():
    total = np.ones(3)
    np.testing.assert_array_equal(sparse(1.0, 0).plus(total, False), [2, 1, 1])
    assert total[0] == 1
    assert sparse(1.0, 0).plus(total, True) is total and total[0] == 2


def test_slots_without_cotangent_are_zero():
    like = [((2,), np.dtype(float)), ((), np.dtype(np.float32))]
    first, second = dense(Slots({0: np.ones(2)}, like))
    np.testing.assert_array_equal(first, [1, 1])
    assert second.shape == () and second.dtype == np.float32 and second == 0


@pytest.mark.parametrize("dense_first", [True, False])
def test_forward_over_reverse_where_one_path_is_sparse(dense_first):
    def f(x):
        parts = [getitem(x, 0), (x * x)[1]]
        return [parts[0] + parts[1] if dense_first else parts[1] + parts[0]]

    def gradient(x):
        return [vjp(f, [x])[1]([np.float64(1)])[0]]

    z, dz = jvp(gradient, [np.array([1.0, 2.0])], [np.array([0.0, 1.0])])
    np.testing.assert_array_equal(z[0], [1, 4])
    np.testing.assert_array_equal(dz[0], [0, 2])


def test_a_loop_over_entries_makes_one_array(monkeypatch):
    made = []
    whole = Indexed.dense
    monkeypatch.setattr(Indexed, "dense", lambda self: made.append(1) or whole(self))
    x = np.ones(40)
    vjp(lambda x: [sum([x[i] for i in range(40)], np.float64(0))], [x])[1]([np.float64(1)])
    assert len(made) == 1


def gathered(x):
    """Its cotangents meet in one entry, and there another one."""
    i = np.array([1, 1, 1])
    return [(getitem(x, i) * np.float32(0.1)).sum() + (x * x).sum() + getitem(x, slice(1, 3)).sum()]


def test_recorded_cotangents_are_added_in_the_order_of_those_in_place():
    x = np.float32([0.3, 0.7, -1.1])
    expected = vjp(gathered, [x])[1]([np.float32(1)])[0]

    def gradient(x):
        return vjp(gathered, [x])[1]([np.float32(1)])

    recorded, _ = vjp(gradient, [x])
    assert recorded[0].tobytes() == expected.tobytes()


def test_behind_an_index_zeros_keep_their_sign():
    g = vjp(lambda x: [getitem(x, slice(1, 3))], [np.ones(3)])[1]([np.array([-0.0, 0.0])])[0]
    np.testing.assert_array_equal(np.signbit(g), [False, True, False])
