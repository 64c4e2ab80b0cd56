"""Functions found on disk or compiled: in parts, at one time; what is on disk is not written."""

import threading

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.shared.schedule.native import compiling, parallel
from wonderland.shared.schedule.native.compiling import Function, in_threads, parts

X = np.linspace(-1, 1, 24, dtype=np.float32).reshape(4, 6)


@pytest.fixture
def written(monkeypatch, tmp_path):
    """The names of the functions whose IR was written, on a cache of the test's own."""
    monkeypatch.setenv("WONDERLAND_CACHE", str(tmp_path))
    seen, text = [], compiling.text

    def spy(part):
        seen.extend(f.name for f in part)
        return text(part)

    monkeypatch.setattr(compiling, "text", spy)
    return seen


def program(x, w):
    """Loops and a product."""
    y = wf.numpy.tanh(x) @ w
    return y, (y * y).sum(0)


def run(f, *args):
    return wf.jit(f, executor="native")(*args)


def test_what_is_on_disk_is_not_written_again(written):
    first = run(program, X, X.T)
    count = len(written)
    second = run(program, X, X.T)
    assert count == len(set(written)) >= 3 and len(written) == count
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)


NEARLY_EQUAL = [
    lambda x: wf.numpy.tanh(x) * 2,
    lambda x: wf.numpy.tanh(x) * 3,
    lambda x: wf.numpy.tanh(x) * 2.5,
    lambda x: wf.numpy.tanh(x) * -0.0,
    lambda x: wf.numpy.tanh(x) * 0.0,
    lambda x: wf.numpy.tanh(x) + 2,
    lambda x: wf.numpy.tanh(x).sum(0),
    lambda x: wf.numpy.tanh(x).sum(1),
    lambda x: wf.numpy.tanh(x).max(1),
    lambda x: wf.numpy.tanh(x.T) * x.T,
    lambda x: wf.numpy.tanh(x)[::2],
    lambda x: wf.numpy.tanh(x).astype(np.float64),
    lambda x: wf.numpy.tanh(x) > 0,
    lambda x: x.T @ x,
    lambda x: x @ x.T,
]


def test_no_program_is_taken_for_another(written):
    counts = []
    for f in NEARLY_EQUAL * 2:
        found, expected = run(f, X), f(X)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-7)
        np.testing.assert_array_equal(np.signbit(found), np.signbit(expected))
        counts.append(len(written))
    assert len(set(counts)) == len(NEARLY_EQUAL)


def test_the_number_of_threads_is_part_of_the_key(written, monkeypatch):
    x = np.ones((512, 600), np.float32)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    alone = run(lambda x: wf.numpy.tanh(x).sum(0), x)
    count = len(written)
    monkeypatch.setattr(parallel.os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    np.testing.assert_allclose(run(lambda x: wf.numpy.tanh(x).sum(0), x), alone, rtol=1e-6)
    assert len(written) > count


def test_parts_hold_each_function_once_in_order():
    functions = [Function(f"f{i}", i, 1 + i % 5, None) for i in range(23)]
    found = parts(functions, 3)
    assert sorted(f.name for part in found for f in part) == sorted(f.name for f in functions)
    assert max(sum(f.cost for f in part) for part in found) <= 25
    assert all(part == sorted(part, key=functions.index) for part in found)
    assert parts(functions[:1], 4) == [functions[:1]] and parts([], 4) == []


def test_tasks_run_at_one_time_and_results_keep_their_order():
    barrier = threading.Barrier(3, timeout=20)  # which opens only to all three at once

    def task(i):
        barrier.wait()
        return i

    assert in_threads([lambda i=i: task(i) for i in range(3)]) == [0, 1, 2]
    assert in_threads([]) == []


@pytest.mark.parametrize("place", [0, 1])
def test_an_error_in_a_thread_is_raised(place):
    tasks = [lambda: 1, lambda: 2]
    tasks[place] = lambda: 1 / 0
    with pytest.raises(ZeroDivisionError):
        in_threads(tasks)
