"""Joining and taking apart: rows of samples, several outputs, and the errors."""

import numpy as np
import pytest

from wonderland.shared.primitives import concatenate, split, stack, unstack
from wonderland.shared.tape import vjp
from wonderland.shared.testing import Sample

X = np.array([[0.5, -1.25, 2.0], [1.5, 0.75, -0.5]])
Y = np.array([[1.0, 0.25, -2.0]])
Z = np.array([[0.0, 1.0], [-1.0, 3.0]])


def cut(x, axis, sizes):
    return np.split(x, np.cumsum(sizes)[:-1], axis)


def slices(x, axis):
    return list(np.moveaxis(x, axis, 0))


ROWS = [
    Sample(concatenate, X, Y, reference=lambda *xs, axis: np.concatenate(xs, axis), axis=0),
    Sample(concatenate, X, Z, X, reference=lambda *xs, axis: np.concatenate(xs, axis), axis=1),
    Sample(concatenate, X, reference=lambda *xs, axis: np.concatenate(xs, axis), axis=0),
    Sample(split, X, reference=cut, axis=1, sizes=(1, 2)),
    Sample(split, X, reference=cut, label="with-an-empty-piece", axis=0, sizes=(0, 2, 0)),
    Sample(stack, X, X[::-1], reference=lambda *xs, axis: np.stack(xs, axis), axis=0),
    Sample(stack, X, -X, X * X, reference=lambda *xs, axis: np.stack(xs, axis), axis=2),
    Sample(unstack, X, reference=slices, axis=0),
    Sample(unstack, X, reference=slices, axis=1),
]  # fmt: skip


def test_one_output_of_several_has_a_gradient():
    def second(x):
        return [split(x, axis=1, sizes=(1, 1, 1))[1]]

    g = vjp(second, [X])[1]([np.ones((2, 1))])[0]
    np.testing.assert_array_equal(g, [[0, 1, 0], [0, 1, 0]])


def test_outputs_used_twice_accumulate():
    def f(x):
        a, b = unstack(x, axis=0)
        return [a * b + a]

    g = vjp(f, [X])[1]([np.ones(3)])[0]
    np.testing.assert_array_equal(g, [X[1] + 1, X[0]])


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: concatenate(X, Z, axis=0),
         r"concatenate: argument 1 does not fit argument 0 \(1: \(2, 2\), 0: \(2, 3\)\)"),
        (lambda: concatenate(X, axis=2), r"concatenate: x has no axis 2 \(x: \(2, 3\)\)"),
        (lambda: concatenate(axis=0), r"concatenate: there is nothing to join"),
        (lambda: split.abstract(X, axis=1, sizes=(1, 1)),
         r"split: sizes \(1, 1\) do not add up to 3 on axis 1 \(x: \(2, 3\)\)"),
        (lambda: split(X, axis=2, sizes=(1,)), r"split: x has no axis 2"),
        (lambda: stack(X, Y, axis=0),
         r"stack: argument 1 does not fit argument 0 \(1: \(1, 3\), 0: \(2, 3\)\)"),
        (lambda: stack(X, axis=3), r"stack: the result has no axis 3 \(each x: \(2, 3\)\)"),
        (lambda: unstack(X, axis=2), r"unstack: x has no axis 2 \(x: \(2, 3\)\)"),
    ],
)  # fmt: skip
def test_errors_teach(call, text):
    with pytest.raises(ValueError, match=text):
        call()
