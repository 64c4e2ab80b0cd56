"""Buffers that stay: which results get one, who shares one, and that nobody outside sees one."""

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.functional import lax
from wonderland.shared.schedule.executors import buffers
from wonderland.shared.schedule.executors.replay import Replay

N = buffers.LEAST  # entries: float32 arrays of so many are four times as large as is needed
X = np.linspace(-2, 2, N, dtype=np.float32)


def replayed(f, *given):
    """(the executor after a first call, its only buffers)"""
    run = Replay(wf.make_graph(f)(*given))
    run(list(given))
    (found,) = run.layouts.values()
    return run, found


def chain(x):
    return np.sum(np.tanh(np.exp(np.sin(x)) + x))


def test_a_chain_lives_in_one_buffer():
    _, found = replayed(chain, X)
    assert len(found.places) == 4
    assert {offset for offset, *_ in found.places.values()} == {0}
    assert found.size == X.nbytes


def test_an_operand_that_is_read_again_is_not_overwritten():
    def f(x):
        y = np.exp(x)
        return np.sum(np.sin(y) * y)

    run, found = replayed(f, X)
    assert found.size == 2 * X.nbytes
    assert run([X])[0] == f(X)


def test_another_dtype_gets_another_place():
    run, found = replayed(lambda x: np.sum((np.exp(x) > 1) & (np.sin(x) < 0)), X)
    assert {dtype.name for _, _, dtype, _ in found.places.values()} == {"float32", "bool"}
    assert run([X])[0] == np.sum((np.exp(X) > 1) & (np.sin(X) < 0))


def test_small_results_are_numpys_own():
    assert not replayed(chain, X[:100])[1].places


@pytest.mark.parametrize(
    "escaping",
    [
        lambda x: np.exp(x),
        lambda x: np.exp(x)[5:],
        lambda x: np.exp(x).reshape(2, -1).T,
        lambda x: np.flip(np.broadcast_to(np.exp(x), (2, N)), 1)[0, ::2],
    ],
)
def test_results_and_views_of_them_are_the_callers_own(escaping):
    run, found = replayed(lambda x: [escaping(x), np.sum(np.sin(np.cos(x)))], X)
    assert len(found.places) == 2
    first = run([X])[0]
    kept = first.copy()
    run([-X])
    np.testing.assert_array_equal(first, kept)
    np.testing.assert_array_equal(first, escaping(X))


def test_a_view_keeps_its_buffer():
    def f(x):
        turned = np.exp(x).reshape(2, -1)[:, ::-1]
        y = np.sin(np.cos(x))  # must not lie where `turned` does
        return np.sum(turned * y.reshape(2, -1))

    run, _ = replayed(f, X)
    for x in (X, -X):
        assert run([x])[0] == f(x)


def test_a_result_beside_a_view_of_the_operand_it_would_overwrite():
    def f(x):
        y = np.exp(x.reshape(128, 128))
        return np.sum(y + y.T, axis=0)

    run, _ = replayed(f, X)
    for x in (X, -X):
        np.testing.assert_array_equal(run([x])[0], f(x))


HANDED_ON = {
    "a branch": lambda y, n: lax.cond(n > 0, lambda y: y * 2, lambda y: y, y),
    "a loop of no steps": lambda y, n: lax.while_loop(
        lambda c: c[1] > 0, lambda c: (c[0] * 2, c[1] - 1), (y, n)
    )[0],
}


@pytest.mark.parametrize("name", HANDED_ON)
def test_an_operand_that_later_calls_hand_on_has_no_buffer(name):
    """The first call, from which buffers are learnt, makes another array of it."""

    def f(x, n):
        return HANDED_ON[name](np.exp(x) + 1, n)

    def g(x, n):
        return f(x, n) + np.sin(np.cos(x) * 2)

    for function in (f, g):
        staged = wf.jit(function, executor="numpy")
        calls = [(X * k, np.int64(n)) for k, n in enumerate((2, 1, 0, 0, 1, 0))]
        found = [staged(*given) for given in calls]
        for z, given in zip(found, calls, strict=True):
            np.testing.assert_array_equal(z, function(*given))


def test_layouts_are_those_of_eager_code():
    """Sums go by the order of memory, so a buffer lies as NumPy would lay its result."""
    x = np.asfortranarray(X.reshape(64, 256))
    run, found = replayed(lambda x: np.sum(np.exp(x), axis=1), x)
    ((_, shape, _, strides),) = found.places.values()
    assert (shape, strides) == ((64, 256), x.strides)
    np.testing.assert_array_equal(run([x])[0], np.sum(np.exp(x), axis=1))


def test_products_write_into_buffers_but_not_over_their_operands():
    x = X.reshape(128, 128)
    run, found = replayed(lambda x: np.sum(np.exp(x) @ np.exp(x)), x)
    assert len(found.places) == 2 and found.size == 2 * x.nbytes
    assert run([x])[0] == np.sum(np.exp(x) @ np.exp(x))


def test_memory_is_used_again_from_call_to_call():
    run, found = replayed(chain, X)
    run([X])
    (frame,) = found.frames
    run([X])
    assert found.frames == [frame] and found.frames[0] is frame
