"""The primitive as it stands in graphs; for what it computes see functional/lax/test_branches."""

import numpy as np

from wonderland import functional as wf
from wonderland.functional import lax
from wonderland.shared.schedule.control.branch import Switch, seated

X = np.linspace(0.5, 2, 4)


def f(i, x):
    return lax.switch(i, [lambda x: np.sin(np.exp(x)), lambda x: np.tanh(x * x), lambda x: x], x)


def switches(graph):
    return [e for e in graph.equations if isinstance(e.primitive, Switch)]


def test_a_switch_is_one_equation_that_holds_every_branch():
    (equation,) = switches(wf.make_graph(f)(1, X))
    assert list(equation.static) == ["body0", "body1", "body2"]
    changed = equation.primitive.map_graphs(lambda g: g)
    np.testing.assert_array_equal(changed(2, X)[0], X)


def test_branches_share_the_slots_of_their_residuals():
    forward, backward = switches(wf.make_graph(wf.grad(lambda x, i: f(i, x).sum()))(X, 1))
    assert len(forward.outputs) <= 3  # the result; two residuals at most, of either branch
    assert backward.primitive.name == "switch backward"


def test_what_the_chosen_branch_keeps_is_its_own():
    kinds = [((4,), X.dtype), ((2,), X.dtype), ((4,), X.dtype)]
    a, b = X, X * 2
    seats = seated([Key(a), Key(b)], kinds)
    assert list(seats.values()) == [0, 2]


class Key:
    def __init__(self, x):
        self.shape, self.dtype = x.shape, x.dtype


def test_in_a_batch_a_branch_that_nobody_chose_does_not_run():
    def g(x):
        return lax.cond(x > 0, np.log, lambda x: x, x)

    with np.errstate(all="raise"):
        np.testing.assert_array_equal(wf.vmap(g)(-X), -X)
        np.testing.assert_array_equal(wf.vmap(g)(np.array([-1.0, 1.0])), [-1, 0])


def test_an_empty_batch():
    assert wf.vmap(lambda x: lax.cond(x > 0, np.log, lambda x: x, x))(np.ones(0)).shape == (0,)
