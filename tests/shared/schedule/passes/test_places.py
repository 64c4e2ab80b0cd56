"""Sums of places: one equation, the bits of the sum."""

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.shared.primitives import add, neg, place
from wonderland.shared.schedule.passes.dead import without_dead
from wonderland.shared.schedule.passes.places import place_sum, with_place_sums

X, Y = np.array([1.0, -0.0, 2.0]), np.array([-0.0, -0.0, 3.0])


def at(x, start, negative=False):
    return place(x, key=((start, start + 3, 1),), shape=(5,), negative=negative)


def summed(f):
    """The graph of f(X, Y) with its sums of places, whose result has the bits of f."""
    graph = without_dead(with_place_sums(wf.make_graph(f)(X, Y)))
    (found,), expected = graph(X, Y), f(X, Y)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(np.signbit(found), np.signbit(expected))
    return [e.primitive.name for e in graph.equations]


def test_slices_of_one_array_are_one_equation():
    def f(x, y):  # as the cotangents of three slices arrive
        return add(add(at(x, 0), at(y, 1, negative=True)), at(x, 2, negative=True))

    assert summed(f) == ["place_sum"]


def test_taps_are_one_equation():
    assert summed(lambda x, y: add(at(x, 0), add(at(y, 1), at(x, 2)))) == ["place_sum"]


@pytest.mark.parametrize(
    ("f", "names"),
    [
        (lambda x, y: at(x, 0), ["place"]),
        (lambda x, y: add(at(x, 0, True), at(y, 1, True)), ["place", "place", "add"]),
        (lambda x, y: add(neg(at(x, 0)), at(y, 1, True)), ["place", "neg", "place", "add"]),
    ],
)
def test_what_is_left_alone(f, names):
    assert summed(f) == names


def test_a_sum_that_somebody_else_reads_ends_there():
    def f(x, y):
        z = add(at(x, 0), at(y, 1, True))
        return add(neg(z), add(z, at(x, 2, True)))

    assert summed(f) == ["place_sum", "neg", "place", "add", "add"]


@pytest.mark.parametrize("written", [False, True])
def test_the_first_part_is_written_or_added(written):
    z = place_sum(-np.zeros(2), keys=(((0, 2, 1),),), shape=(3,), written=written)
    np.testing.assert_array_equal(np.signbit(z), [written, written, False])
