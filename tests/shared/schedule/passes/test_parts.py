"""Parts written where they are to lie: by whom, and by whom not; the results stay the same."""

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.shared.primitives import update
from wonderland.shared.schedule.passes.fuse import Assembly

pytest.importorskip("llvmlite")
from wonderland.shared.schedule.native.execute import steps_of

np_ = wf.numpy
X, Y = (np.random.default_rng(i).standard_normal((6, 5)).astype(np.float32) for i in range(2))


def copies(f, *args):
    """How many parts the assemblies of f copy; its results must be eager code's."""
    found, expected = wf.jit(f, executor="native")(*args), f(*args)
    for x, z in zip(wf.tree.leaves(found), wf.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(x, z, rtol=1e-6, atol=1e-6)
    steps = steps_of(wf.make_graph(f)(*args))[2]
    return sum(len(s.loops) for s in steps if isinstance(s, Assembly))


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("join", [np_.concatenate, np_.stack])
def test_what_a_loop_makes_is_written_where_it_goes(join, axis):
    assert copies(lambda x, y: join([np_.sin(x), x * y, np_.exp(x)], axis=axis), X, Y) == 0


def test_the_parts_are_read_in_their_place():
    def f(x, y):
        z = np_.concatenate([np_.sin(x), x * y], axis=1)
        return z @ z.T, z.sum(0)

    assert copies(f, X, Y) == 0


def test_a_part_that_is_made_anew_at_each_call_does_not_stay():
    f = wf.jit(lambda x: np_.concatenate([x * 2, x * 3]), executor="native")
    first = f(X)
    kept = first.copy()
    f(Y)
    np.testing.assert_array_equal(first, kept)


@pytest.mark.parametrize(
    ("f", "count"),
    [
        (lambda x, y: np_.concatenate([x, np_.sin(y)]), 1),  # an argument
        (lambda x, y: (lambda s: (np_.concatenate([s, s * y]), s))(np_.sin(x)), 1),  # a result
        (lambda x, y: (lambda s: np_.concatenate([s, s]))(np_.sin(x)), 2),
        (lambda x, y: (lambda s: (np_.concatenate([s, x * y]), s @ y.T))(np_.sin(x)), 1),
        (lambda x, y: np_.concatenate([np_.sin(x).T, y.T]), 2),  # lies otherwise
        (lambda x, y: np_.concatenate([np_.sin(x)[1:], y]), 2),  # a part of what is made
        (lambda x, y: np_.concatenate([wf.nn.softmax(x, -1), y]), 2),  # in several runs
        (lambda x, y: np_.concatenate([x @ y.T, x @ x.T]), 2),  # by no loop
        (lambda x, y: np_.concatenate([(x * y).sum(0), x[0]]), 2),
    ],
)
def test_what_is_copied(f, count):
    assert copies(f, X, Y) == count


def test_where_parts_overlap_the_last_one_stays():
    def f(x, y):
        return update(update(x, np_.sin(y[:3]), key=((1, 4, 1),)), np_.cos(y[:2]), key=((3, 5, 1),))

    assert copies(f, X, Y) == 4


def test_memory_that_parts_share_is_not_given_away_meanwhile():
    def f(x, y):
        parts = [np_.sin(x), np_.cos(y)]
        between = np_.exp(x @ y.T) @ x  # needs memory after the parts are there
        parts.append(np_.tanh(between))
        return np_.concatenate(parts) @ y.T

    copies(f, X, Y)
