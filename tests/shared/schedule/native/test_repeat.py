"""Loops as one native call give what step after step gives, whatever the body returns."""

import numpy as np
import pytest

pytest.importorskip("llvmlite")
from wonderland import functional as wf
from wonderland.functional import lax
from wonderland.shared.schedule.native.execute import steps_of

XS = np.random.default_rng(0).standard_normal((7, 3)).astype(np.float32)
ONE = np.float32(1.0)


def both_as_they_were(c, x):
    """The carry that came, the one that goes, and the slice itself."""
    out = np.sin(c) + x
    return out, (c, out, x, out * 2)


def scalar(c, x):
    """A scalar carry, a scalar y."""
    return c * 0.5 + x.sum(), x.max()


def constant(c, x):
    """Results that are the same in each step."""
    return c + x, (np.float32(3.0), 2.5, np.ones(2, np.float32))


def passed_on(c, x):
    """A carry that is never changed: not a result of its own of each step."""
    a, b = c
    return (a, b + a * x), b


def swapped(c, x):
    """Carries that change places."""
    a, b = c
    return (b, a + x), a


def same(c, x):
    """One result is both carries."""
    z = np.tanh(c[0] + c[1] + x)
    return (z, z), z


ROW = XS[0]
CASES = [
    (both_as_they_were, ROW), (scalar, ONE), (constant, ROW), (passed_on, (ROW, ROW)),
    (swapped, (ROW, 2 * ROW)), (same, (ROW, ROW)),
]  # fmt: skip


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(("body", "init"), CASES, ids=lambda v: getattr(v, "__name__", ""))
def test_a_loop_is_its_steps(body, init, reverse):
    def f(init, xs):
        return lax.scan(body, init, xs, reverse=reverse)

    wanted = wf.tree.leaves(f(init, XS))
    run = wf.jit(f, executor="native")
    for _ in range(3):
        found = wf.tree.leaves(run(init, XS))
        for z, w in zip(found, wanted, strict=True):
            assert (np.shape(z), z.dtype) == (np.shape(w), np.asarray(w).dtype)
            np.testing.assert_allclose(z, w, rtol=2e-6)


def test_results_are_the_callers_own():
    run = wf.jit(lambda c, xs: lax.scan(both_as_they_were, c, xs), executor="native")
    _, (before, after, same, _) = run(ROW, XS)
    kept = after.copy()
    before += 100
    same += 100
    np.testing.assert_array_equal(after, kept)
    run(ROW, XS)
    np.testing.assert_array_equal(after, kept)


def test_operands_may_lie_as_they_like():
    w = np.asfortranarray(np.random.default_rng(1).standard_normal((3, 3)).astype(np.float32))
    xs = np.ascontiguousarray(XS.T).T

    def f(w, xs):
        return lax.scan(lambda h, x: (np.tanh(h @ w + x), h), xs[0], xs)

    for z, wanted in zip(wf.jit(f, executor="native")(w, xs), f(w, xs), strict=True):
        np.testing.assert_allclose(z, wanted, rtol=1e-5)


def test_operands_that_the_program_makes_are_laid_out_by_it():
    w = np.random.default_rng(1).standard_normal((2, 3)).astype(np.float32)

    def f(w, xs):
        turned, late = w.T, xs[2:]
        return lax.scan(lambda c, x: (c + x @ turned, c), np.zeros(2, np.float32), late)

    graph = steps_of(wf.make_graph(f)(w, XS))[0]
    assert [e.primitive.name for e in graph.equations].count("clone") == 1  # late lies in order
    for found, z in zip(wf.jit(f, executor="native")(w, XS)[1:], f(w, XS)[1:], strict=True):
        np.testing.assert_allclose(found, z, rtol=1e-5)


def test_an_index_out_of_bounds_is_the_error_of_eager_code():
    def f(table, picks):
        return lax.scan(lambda c, i: (c + table[i], c), table[0], picks)

    table, run = np.ones((4, 3), np.float32), wf.jit(f, executor="native")
    run(table, np.array([[0, 1, 2]] * 2).T[:, 0])
    with pytest.raises(IndexError, match="index 9 is out of range for axis 0"):
        run(table, np.array([0, 9, 1]))
