"""What a tape keeps and costs: by weak references and by counting, never by the clock."""

import gc
import sys
import tracemalloc
import weakref
from inspect import stack

import numpy as np
import pytest

from wonderland.shared.cotangents import Indexed
from wonderland.shared.primitives import Primitive, add, exp, getitem, mul, neg, sin, sum
from wonderland.shared.tape import vjp

X = np.array([[0.5, -1.25, 2.0]])
ONES = np.ones((2, 3))


def gradient(f, x):
    """The gradient of the sum of f(x), which is one array."""
    out, pull = vjp(lambda x: [f(x)], [x])
    return pull([np.ones(out[0].shape)])[0]


def total(x):
    return sum(x, axis=tuple(range(len(x.shape))), keepdims=False)


def counting():
    counts = {"kernels": 0, "pulls": 0}

    def kernel(x):
        counts["kernels"] += 1
        return x + 0.0

    def pull(gz):
        counts["pulls"] += 1
        return gz * 1.0

    primitive = Primitive(
        "counting", kernel, shape=lambda x: x.shape, jvp={"x": 1}, vjp={"x": pull}, batch=0,
        register=False,
    )  # fmt: skip
    return primitive, counts


def death_of_the_intermediate(second):
    """A weak reference to the input of `second`, and the pull that keeps its tape."""
    seen = []

    def f(x):
        y = neg(x)
        seen.append(weakref.ref(y.value))
        return [second(y)]

    _, pull = vjp(f, [X])
    gc.collect()
    return seen[0], pull


@pytest.mark.parametrize(
    ("second", "lives"),
    [
        (lambda y: add(y, 1.0), False),
        (lambda y: mul(y, 2.0), False),
        (total, False),
        (exp, False),  # keeps its output instead
        (sin, True),
        (lambda y: mul(y, ONES), False),  # ONES is kept for y, y for nobody
        (lambda y: mul(y, y), True),
    ],
)
def test_only_what_a_rule_names_is_kept(second, lives):
    y, pull = death_of_the_intermediate(second)
    assert (y() is not None) == lives
    assert pull is not None


def test_a_freeing_pass_lets_go_of_what_was_kept():
    y, pull = death_of_the_intermediate(sin)
    pull([X], free=True)
    gc.collect()
    assert y() is None


def test_memory_after_backward_returns_to_where_it_was():
    x = np.ones(10_000)

    def step():
        _, pull = vjp(lambda x: [total(exp(sin(exp(sin(x)))))], [x])
        return pull([np.array(1.0)], free=True)[0].sum()

    step()
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(3):
            step()
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] - before < x.nbytes // 4
    finally:
        tracemalloc.stop()


def test_no_reference_cycle_keeps_a_tape():
    gc.collect()
    gc.disable()
    try:
        y, pull = death_of_the_intermediate(sin)
        del pull
        assert y() is None
    finally:
        gc.enable()


def test_memory_of_a_freeing_pass_does_not_grow_with_depth():
    def peak(depth):
        def chain(x):
            for _ in range(depth):
                x = add(x, 1.0)
            return [x]

        _, pull = vjp(chain, [np.ones(100_000)])
        tracemalloc.start()
        try:
            pull([np.ones(100_000)], free=True)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(40) < peak(5) + 100_000


def test_a_chain_of_100_000_needs_no_recursion():
    def chain(x):
        for _ in range(100_000):
            x = add(x, 1e-6)
        return [x]

    frames = len(stack())
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(frames + 60)
    try:
        _, pull = vjp(chain, [np.array(1.0)])
        (g,) = pull([np.array(2.0)])
        _, unused = vjp(chain, [np.array(1.0)])
        del unused, pull  # nor does it take recursion to forget one
    finally:
        sys.setrecursionlimit(limit)
    assert g == 2.0


@pytest.mark.parametrize("depth", [10, 100, 1000])
def test_cost_is_linear_in_depth(depth):
    step, counts = counting()

    def chain(x):
        for _ in range(depth):
            x = step(x)
        return x

    gradient(chain, X)
    assert counts == {"kernels": depth, "pulls": depth}


def test_shared_nodes_are_pulled_once():
    step, counts = counting()

    def doubling(x):
        for _ in range(60):  # 2⁶⁰ paths
            x = step(x)
            x = add(x, x)
        return x

    g = gradient(doubling, np.ones(1))
    assert counts == {"kernels": 60, "pulls": 60}
    assert g == 2.0**60


def test_a_node_waits_for_all_that_depends_on_it():
    step, counts = counting()

    def f(x):
        y = step(x)
        long = y
        for _ in range(10):
            long = neg(long)
        return add(y, add(long, step(y)))

    g = gradient(f, X)
    assert counts == {"kernels": 2, "pulls": 2}
    np.testing.assert_array_equal(g, np.full(X.shape, 3.0))


@pytest.mark.parametrize("n", [10, 100, 1000])
def test_a_loop_over_entries_makes_one_array(n, monkeypatch):
    made = []
    dense = Indexed.dense
    monkeypatch.setattr(Indexed, "dense", lambda self: made.append(self.shape) or dense(self))

    def f(x):
        z = getitem(x, key=(0,))
        for i in range(1, n):
            z = add(z, mul(getitem(x, key=(i,)), float(i)))
        return z

    g = gradient(f, np.ones(n))
    np.testing.assert_array_equal(g, [1.0, *range(1, n)])
    assert made == [(n,)]
