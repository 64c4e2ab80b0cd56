"""Sums of products leave a loop only where nobody else reads them, and give the same total."""

import numpy as np
import pytest

pytest.importorskip("llvmlite")
from wonderland import functional as wf
from wonderland.functional import lax
from wonderland.shared.schedule.passes.inline import inlined
from wonderland.shared.schedule.passes.sums import with_sums_after_loops

RNG = np.random.default_rng(0)
A, B = RNG.standard_normal((5, 3, 4)), RNG.standard_normal((5, 3, 2))
START = RNG.standard_normal((4, 2))


def total(start, a, b):
    """start + sum of aₜᵀ bₜ, with the products stacked or not."""

    def step(carry, pair):
        x, y = pair
        return carry + x.T @ y, x.sum()

    return lax.scan(step, start, (a, b))


def read_twice(start, a, b):
    """Another result of each step reads the total."""

    def step(carry, pair):
        x, y = pair
        carry = carry + x.T @ y
        return carry, carry.sum()

    return lax.scan(step, start, (a, b))


def decaying(start, a, b):
    """No plain sum."""
    return lax.scan(lambda carry, pair: (0.5 * carry + pair[0].T @ pair[1], 0.0), start, (a, b))


def loop_of(graph):
    return next(e for e in graph.equations if e.primitive.name == "scan")


@pytest.mark.parametrize(("f", "leaves"), [(total, True), (read_twice, False), (decaying, False)])
def test_only_plain_sums_leave(f, leaves):
    graph = inlined(wf.make_graph(f)(START, A, B))
    found = with_sums_after_loops(graph)
    names = [e.primitive.name for e in found.equations]
    assert ("matmul" in names) == leaves
    assert loop_of(found).primitive.carries == (0 if leaves else 1)
    for z, wanted in zip(found(START, A, B), graph(START, A, B), strict=True):
        np.testing.assert_allclose(z, wanted, rtol=1e-13)


def test_factors_that_are_not_stacked_stay():
    def f(start, a, b):
        return lax.scan(lambda c, p: (c + np.tanh(p[0]).T @ p[1], p[0].sum()), start, (a, b))

    graph = inlined(wf.make_graph(f)(START, A, B))
    assert loop_of(with_sums_after_loops(graph)).primitive.carries == 1


def test_the_weight_of_a_recurrent_network():
    w, xs, h = RNG.standard_normal((3, 3)) / 2, RNG.standard_normal((6, 2, 3)), np.zeros((2, 3))

    def loss(w, xs):
        return lax.scan(lambda h, x: (np.tanh(x + h @ w), h), h, xs)[0].sum()

    gradients = wf.grad(loss, argnums=(0, 1))
    graph = inlined(wf.make_graph(gradients)(w, xs))
    found = with_sums_after_loops(graph)
    assert [e.primitive.name for e in found.equations].count("matmul") == 1
    for z, wanted in zip(found(w, xs), gradients(w, xs), strict=True):
        np.testing.assert_allclose(z, wanted, rtol=1e-12)
