"""Order: rows of samples, ties, and the errors."""

import numpy as np
import pytest

from wonderland.shared.primitives import (
    add_along_axis,
    argsort,
    searchsorted,
    sort,
    take_along_axis,
)
from wonderland.shared.tape import vjp
from wonderland.shared.testing import Sample

X = np.array([[0.5, -1.25, 2.0], [1.5, 0.75, -0.5]])
I = np.array([[2, 0, -1, 1], [1, 1, 0, -3]])  # noqa: E741
J = np.array([[1, 0, 1]])


def along(x, i, axis):
    return np.take_along_axis(x, i, axis)


def added(x, i, v, axis):
    z = np.array(x)
    for place in np.ndindex(i.shape):
        target = list(place)
        target[axis] = i[place]
        z[tuple(target)] += v[place]
    return z


def places(x, y, side, rows):
    if not rows:
        return np.searchsorted(x, y, side)
    z = np.zeros(y.shape, int)
    for n in range(len(x)):
        z[n] = np.searchsorted(x[n], y[n], side)
    return z


ROWS = [
    Sample(sort, X, reference=np.sort, axis=1),
    Sample(sort, X, reference=np.sort, axis=0),
    Sample(argsort, X, reference=np.argsort, dtypes="f", axis=1),
    Sample(argsort, np.array([3, 1, 2]), reference=np.argsort, axis=0),
    Sample(take_along_axis, X, I, reference=along, axis=1),
    Sample(take_along_axis, X, J, reference=along, axis=0),
    Sample(add_along_axis, X, I, np.linspace(1, 2, 8).reshape(2, 4), reference=added, axis=1),
    Sample(
        searchsorted, np.array([0.0, 1.0, 2.0]), X,
        reference=places, dtypes="f", side="left", rows=0,
    ),
    Sample(
        searchsorted, np.array([[0.0, 1.0, 2.0], [-1.0, 0.0, 3.0]]), X,
        reference=places, dtypes="f", side="right", rows=1,
    ),
]  # fmt: skip


def test_ties_take_the_derivative_of_their_place():
    x = np.array([2.0, 1.0, 2.0])
    g = vjp(lambda x: [sort(x, axis=0)], [x])[1]([np.array([1.0, 10.0, 100.0])])[0]
    np.testing.assert_array_equal(g, [10, 1, 100])


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: sort(X, axis=2), r"sort: x has no axis 2 \(x: \(2, 3\)\)"),
        (lambda: argsort(X, axis=2), r"argsort: x has no axis 2"),
        (lambda: take_along_axis(X, J[0], axis=0),
         r"take_along_axis: x and i both need axis 0 \(x: \(2, 3\), i: \(3,\)\)"),
        (lambda: take_along_axis(X, np.array([[3, 0]]), axis=0),
         r"take_along_axis: x and i differ beside axis 0 \(x: \(2, 3\), i: \(1, 2\)\); broadcast"),
        (lambda: take_along_axis(X, np.array([[3, 0, 0]]), axis=0),
         r"take_along_axis: index 3 is out of range for axis 0 of x: \(2, 3\)"),
        (lambda: add_along_axis(X, J, X, axis=0),
         r"add_along_axis: i and the values differ in shape \(i: \(1, 3\), v: \(2, 3\)\)"),
        (lambda: searchsorted(X, X, side="left", rows=0),
         r"searchsorted: a sorted vector is needed \(x: \(2, 3\)\)"),
    ],
)  # fmt: skip
def test_errors_teach(call, text):
    with pytest.raises((ValueError, IndexError), match=text):
        call()
