"""The numpy executor: eager code's bits at every call, whatever the calls before have been."""

import threading

import numpy as np
import pytest

from tests import standin
from wonderland import functional as wf
from wonderland.shared.schedule.executors import buffers, replay
from wonderland.shared.schedule.executors.replay import Replay

X = np.linspace(-2, 2, 4 * buffers.LEAST, dtype=np.float32).reshape(2, 4, -1)


def f(x):
    y = np.exp(x) * 0.5
    return np.sum(np.sin(y) + x, axis=0), y


def of(function, *given):
    return Replay(wf.make_graph(function)(*given))


def same(found, expected):
    for z, wanted in zip(found, expected, strict=True):
        assert z.tobytes("A") == wanted.tobytes("A") and z.strides == wanted.strides


LAYOUTS = {
    "plain": lambda x: x,
    "transposed": np.asfortranarray,
    "strided": lambda x: np.repeat(x, 2, -1)[..., ::2],
    "reversed": lambda x: np.ascontiguousarray(x[::-1])[::-1],
    "axes swapped": lambda x: np.ascontiguousarray(x.swapaxes(0, 1)).swapaxes(0, 1),
    "constant": lambda x: np.broadcast_to(x[:1, :1, :1], x.shape),
}


def test_each_layout_learns_its_own_plan():
    run = of(f, X)
    for _ in range(2):
        for number, lay in enumerate(LAYOUTS.values(), start=1):
            x = lay(X)
            same(run([x]), f(x))
            assert len(run.layouts) >= min(number, replay.LAYOUTS)
    assert len(LAYOUTS) > replay.LAYOUTS == len(run.layouts)  # the others do without


def test_results_stay_as_they_are():
    run = of(f, X)
    given = [X * k for k in range(5)]
    found = [run([x]) for x in given]
    for z, x in zip(found, given, strict=True):
        same(z, f(x))


def test_threads_have_buffers_of_their_own():
    run, wrong, ready = of(f, X), [], threading.Barrier(4)

    def call(k):
        x = X * k
        expected = f(x)
        ready.wait()
        for _ in range(20):
            found = run([x])
            wrong.extend(z for z, e in zip(found, expected, strict=True) if (z != e).any())

    threads = [threading.Thread(target=call, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    ((found),) = run.layouts.values()
    assert len(found.frames) <= 4


@pytest.mark.parametrize("calls", [0, 1, 2])
def test_an_error_in_the_middle_leaves_the_next_call_right(calls):
    """Warnings as errors stop a ufunc that writes into a buffer."""

    def g(x):
        return np.sum(np.log(np.exp(x) - 0.5) + x)

    run = of(g, X)
    good, bad = abs(X), X
    for _ in range(calls):
        assert run([good])[0] == g(good)
    with np.errstate(invalid="raise"), pytest.raises(FloatingPointError) as caught:
        run([bad])
    assert "in log, written at" in caught.value.__notes__[-1]
    for _ in range(3):
        assert run([good])[0] == g(good)


def test_a_call_within_a_call_has_buffers_of_its_own():
    x, found = X[0], []
    run = of(lambda x: np.sum(np.sin(np.exp(x)) + x), x)
    expected = run([x])[0]
    plain = run.apply

    def apply(step, registers):
        if len(found) < 3:
            found.append(None)
            found[-1] = run([x * 2])[0]
        return plain(step, registers)

    run.apply = apply
    assert run([x])[0] == expected
    assert found[-1] == np.sum(np.sin(np.exp(x * 2)) + x * 2)


def test_constants_are_handed_out_as_copies():
    run = of(lambda x: [x.sum(), np.ones(3)], X)
    run([X])[1][:] = 7
    np.testing.assert_array_equal(run([X])[1], np.ones(3))


def test_what_a_host_array_taught_does_not_hold_for_a_device():
    run = of(f, X)
    expected = run([X])
    with standin.installed():
        x = standin.lift(X.copy())
        for _ in range(2):
            for z, e in zip(run([x]), expected, strict=True):
                np.testing.assert_array_equal(standin.peek(z), e)
            same(run([X]), expected)


def test_single_numbers_of_the_host_go_along_with_a_device():
    run = of(lambda x, s: x * s, X, np.float32(2))
    with standin.installed():
        found = run([standin.lift(X.copy()), np.float32(3)])[0]
        np.testing.assert_array_equal(standin.peek(found), X * 3)
        with pytest.raises(ValueError, match="mul: x is on cuda:0 but y is on cpu"):
            of(lambda x, y: x * y, X, X)([standin.lift(X.copy()), X])
