"""Indexing: rows of samples, NumPy's placement of index axes, sparse cotangents and the errors."""

from itertools import product

import numpy as np
import pytest

from wonderland.shared.cotangents import Indexed
from wonderland.shared.primitives import (
    gather,
    getitem,
    occurrence,
    place,
    scatter_add,
    scatter_set,
    update,
    winner,
)
from wonderland.shared.primitives.keys import ARRAY, native
from wonderland.shared.tape import vjp
from wonderland.shared.testing import Sample

X = np.array([[0.5, -1.25, 2.0], [1.5, 0.75, -0.5]])
Y = np.linspace(-1, 1, 12).reshape(2, 3, 2)
I = np.array([[1, 0, -1, 1]])  # noqa: E741
TWO = np.array([[[1, 0], [-1, 1]], [[0, -1], [1, 0]]])
ONE = np.array([1])  # an index array without axes, as a traced integer is
KEYS = [(1,), (1, 2), ((0, 2, 2),), ((1, None, -1), (0, 3, 2)), (None, 1, None), ((0, 0, 1),)]
# (x, key, index arrays): every rule of placement
GATHERS = [
    (X, (ARRAY,), I),
    (X, (ARRAY, ARRAY), TWO),
    (X, ((0, 2, 1), ARRAY), I),
    (X, (None, ARRAY), I),
    (X, (ARRAY,), ONE),
    (Y, (ARRAY, (0, 3, 2), ARRAY), np.array([[1, 0], [0, 1]])),
    (Y, (1, (0, 3, 1), ARRAY), I),
    (Y, ((0, 2, 1), ARRAY, 1), I),
    (Y, ((1, None, -1), ARRAY, None, ARRAY), np.array([[1, -1, 0], [0, 1, 1]])),
    (Y, ((0, 2, 1), ARRAY, Ellipsis, ARRAY), np.array([[1, -1, 0], [0, 1, 1]])),
    (Y, (0, (0, 2, 1), ARRAY), ONE),
]


def read(x, key):
    return x[native(key)]


def taken(x, i, key):
    return x[native(key, i)]


def written(x, i, v, key):
    z = np.array(x)
    z[native(key, i)] = v
    return z


def added(x, i, v, key):
    z = np.array(x)
    np.add.at(z, native(key, i), v)
    return z


def placed(x, key, shape, negative=False):
    z = np.full(shape, -0.0 if negative else 0.0, x.dtype)
    z[native(key)] = x
    return z


def updated(x, v, key):
    z = np.array(x)
    z[native(key)] = v
    return z


def values_for(x, key, i=()):
    shape = x[native(key, i)].shape
    return np.linspace(1, 2, int(np.prod(shape))).reshape(shape)


def reference_winner(i, sizes, dtype):
    flat = [tuple(np.array(p) % sizes) for p in i.reshape(len(i), -1).T]
    return np.array([p not in flat[n + 1 :] for n, p in enumerate(flat)], dtype).reshape(
        i.shape[1:]
    )


def reference_occurrence(i, sizes):
    flat = [tuple(np.array(p) % sizes) for p in i.reshape(len(i), -1).T]
    return np.array([flat[:n].count(p) for n, p in enumerate(flat)], int).reshape(i.shape[1:])


ROWS = [
    *[Sample(getitem, X, reference=read, label=f"{k}", key=k) for k in KEYS],
    *[
        Sample(place, values_for(X, k), reference=placed, label=f"{k}", key=k, shape=(2, 3))
        for k in KEYS
    ],
    Sample(place, X[0], reference=placed, label="negative", key=(0,), shape=(2, 3), negative=True),
    *[Sample(update, X, values_for(X, k), reference=updated, label=f"{k}", key=k) for k in KEYS],
    *[Sample(gather, x, i, reference=taken, label=f"{k}", key=k) for x, k, i in GATHERS],
    *[
        Sample(scatter, x, i, values_for(x, k, i), reference=reference, label=f"{k}", key=k)
        for scatter, reference in ((scatter_add, added), (scatter_set, written))
        for x, k, i in GATHERS
    ],
    Sample(winner, I, reference=reference_winner, sizes=(2,), dtype=np.dtype(np.float32)),
    Sample(winner, TWO, reference=reference_winner, sizes=(2, 3), dtype=np.dtype(np.float64)),
    Sample(occurrence, I, reference=reference_occurrence, sizes=(2,)),
    Sample(occurrence, TWO, reference=reference_occurrence, sizes=(2, 3)),
]  # fmt: skip


def test_indexing_gives_a_sparse_cotangent_that_adds_in_place():
    found = []

    def f(x):
        a, b = getitem(x, key=(0,)), gather(x, I, key=(ARRAY,))
        found.extend(n.plan for n in (a.node, b.node))
        return [a, b]

    pull = vjp(f, [X])[1]
    g = pull([np.ones(3), np.ones((4, 3))])[0]
    np.testing.assert_array_equal(g, [[2, 2, 2], [3, 3, 3]])
    sparse = found[0].pull(np.ones(3), (X.shape, (0,)))[0]
    assert sparse.__class__ is Indexed and sparse.shape == (2, 3)


def test_of_several_writes_the_last_stays_and_takes_the_derivative():
    i, v = np.array([[0, 1, 0]]), np.array([1.0, 2.0, 3.0])
    x = np.zeros(2)
    z, pull = vjp(lambda x, v: [scatter_set(x, i, v, key=(ARRAY,))], [x, v])
    np.testing.assert_array_equal(z[0], [3, 2])
    gx, gv = pull([np.array([1.0, 10.0])])
    np.testing.assert_array_equal(gx, [0, 0])
    np.testing.assert_array_equal(gv, [0, 10, 1])


def test_every_write_counts_when_adding():
    z = scatter_add(np.zeros((2, 1)), np.array([[0, 0, -2]]), np.ones((3, 1)), key=(ARRAY,))
    np.testing.assert_array_equal(z, [[3], [0]])


@pytest.mark.parametrize("key", [*product([ARRAY, 1, (0, 2, 1), None], repeat=3)])
def test_shape_rule_knows_where_numpy_puts_index_axes(key):
    x = np.zeros((3, 3, 3, 2))
    i = np.zeros((key.count(ARRAY), 4, 5), int)
    if not key.count(ARRAY):
        return
    assert gather.abstract(x, i, key=key)[0] == x[native(key, i)].shape


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: getitem(X, key=(2,)),
         r"getitem: index 2 is out of range for axis 0 of x: \(2, 3\)"),
        (lambda: gather(X, np.array([[0, -3]]), key=(ARRAY,)),
         r"getitem: index -3 is out of range for axis 0 of x: \(2, 3\)"),
        (lambda: getitem(X, key=(0, 0, 0)),
         r"getitem: 3 indices are too many for the 2 axes of x: \(2, 3\)"),
        (lambda: gather.abstract(X, I, key=(ARRAY, ARRAY)),
         r"getitem: the key has places for 2 index arrays \(i: \(1, 4\)\)"),
        (lambda: update(X, np.ones(2), key=(0,)),
         r"update: x\[key\] has shape \(3,\) but the values have \(2,\) \(x: \(2, 3\)\)"),
        (lambda: scatter_add(X, I, np.ones((4, 2)), key=(ARRAY,)),
         r"scatter_add: x\[key\] has shape \(4, 3\) but the values have \(4, 2\)"),
    ],
)  # fmt: skip
def test_errors_teach(call, text):
    with pytest.raises((IndexError, ValueError), match=text):
        call()
