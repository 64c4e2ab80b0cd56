"""Every piece of a loop runs once, whoever runs it; and nothing hangs."""

import ctypes
import os
import subprocess
import sys
import threading

import numpy as np
import pytest

from wonderland.shared.schedule.native import linking, parallel

LOOPS = """
declare void @parallel_for(ptr, ptr, i64, i64, i64)

define void @add(ptr %c, i64 %b, i64 %e) {
s: br label %l
l: %i = phi i64 [ %b, %s ], [ %j, %l ]
 %p = getelementptr i64, ptr %c, i64 %i
 %v = load i64, ptr %p
 %w = add i64 %v, 1
 store i64 %w, ptr %p
 %j = add i64 %i, 1
 %m = icmp slt i64 %j, %e
 br i1 %m, label %l, label %x
x: ret void }

; A loop whose pieces are loops themselves.
define void @nested(ptr %c, i64 %b, i64 %e) {
s: br label %l
l: %i = phi i64 [ %b, %s ], [ %j, %l ]
 %at = mul i64 %i, 100
 %p = getelementptr i64, ptr %c, i64 %at
 call void @parallel_for(ptr @add, ptr %p, i64 0, i64 100, i64 7)
 %j = add i64 %i, 1
 %m = icmp slt i64 %j, %e
 br i1 %m, label %l, label %x
x: ret void }

define void @every(i64 %n, ptr %c, i64 %size, i64 %grain) {
s: br label %l
l: %i = phi i64 [ 0, %s ], [ %j, %l ]
 call void @parallel_for(ptr @add, ptr %c, i64 0, i64 %size, i64 %grain)
 %j = add i64 %i, 1
 %m = icmp slt i64 %j, %n
 br i1 %m, label %l, label %x
x: ret void }
"""
FOR = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 2, *[ctypes.c_int64] * 3)
EVERY = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_void_p, *[ctypes.c_int64] * 2)


@pytest.fixture(scope="module")
def code():
    given = {"parallel_for": parallel.parallel_for()}
    return linking.load(LOOPS, ["add", "nested", "every"], given)


@pytest.fixture(params=["workers", "alone"])
def run(request):
    """`parallel_for`, of a pool with a worker however few cores there are, and of none."""
    if request.param == "alone":
        pool = linking.load(parallel.ALONE, parallel.NAMES)
    else:
        pool = parallel.pool()
        ctypes.CFUNCTYPE(None, ctypes.c_int)(pool["configure"])(max(1, parallel.cores() - 1))
    yield FOR(pool["parallel_for"])
    ctypes.CFUNCTYPE(None, ctypes.c_int)(parallel.pool()["configure"])(parallel.cores() - 1)


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 10_000])
@pytest.mark.parametrize("grain", [1, 64, 100_000])
def test_every_entry_is_visited_once(code, run, size, grain):
    counts = np.zeros(size + 8, np.int64)
    run(code["add"], counts.ctypes.data, 3 if size > 3 else 0, size, grain)
    wanted = np.zeros_like(counts)
    wanted[3 if size > 3 else 0 : size] = 1
    assert np.array_equal(counts, wanted)


def test_many_jobs_one_after_the_other(code, run):
    counts = np.zeros(256, np.int64)
    EVERY(code["every"])(20_000, counts.ctypes.data, 256, 16)
    assert (counts == 20_000).all()


def test_a_loop_within_a_loop_runs_alone(code, run):
    counts = np.zeros(2000, np.int64)
    run(code["nested"], counts.ctypes.data, 0, 20, 3)
    assert (counts == 1).all()


def test_calls_from_several_threads(code, run):
    counts = np.zeros((4, 1000), np.int64)

    def job(row):
        for _ in range(300):
            run(code["add"], row.ctypes.data, 0, 1000, 50)

    threads = [threading.Thread(target=job, args=(row,)) for row in counts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (counts == 300).all()


PROGRAM = """
import ctypes, os, sys
import numpy as np
sys.path.insert(0, sys.argv[1])
from test_parallel import FOR, LOOPS, linking, parallel

pool = parallel.pool()
ctypes.CFUNCTYPE(None, ctypes.c_int)(pool["configure"])(3)
code = linking.load(LOOPS, ["add"], {"parallel_for": pool["parallel_for"]})
run, counts = FOR(pool["parallel_for"]), np.zeros(5000, np.int64)
for _ in range(100):
    run(code["add"], counts.ctypes.data, 0, 5000, 64)
"""
CHILD = """
if not (child := os.fork()):
    for _ in range(100):
        run(code["add"], counts.ctypes.data, 0, 5000, 64)
    sys.exit(not (counts == 200).all())
assert os.waitpid(child, 0)[1] == 0
run(code["add"], counts.ctypes.data, 0, 5000, 64)
assert (counts == 101).all()
"""


@pytest.mark.parametrize("more", ["", CHILD], ids=["exit", "fork"])
def test_a_process_that_used_the_pool_ends_and_forks(more):
    if more and not hasattr(os, "fork"):
        pytest.skip("no fork here")
    command = [sys.executable, "-c", PROGRAM + more, os.path.dirname(__file__)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("setting", "wanted"), [("1", 1), ("1,4", 1), ("100000", None), ("", None), ("many", None)]
)
def test_threads_are_as_many_as_the_environment_and_the_cores_allow(monkeypatch, setting, wanted):
    monkeypatch.setenv("OMP_NUM_THREADS", setting)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2}, raising=False)
    assert parallel.cores() == (wanted or 3)


def test_without_threads_the_loop_runs_alone(monkeypatch):
    def load_cached(ir_text, names, quick):
        if "pthread" in ir_text:
            raise RuntimeError("Symbols not found: [ pthread_create ]")
        return linking.load(ir_text, names)

    monkeypatch.setattr(parallel, "load_cached", load_cached)
    monkeypatch.setattr(parallel.atexit, "register", lambda function: None)
    monkeypatch.setattr(os, "register_at_fork", lambda **hooks: None, raising=False)
    pool = parallel.pool.__wrapped__()
    code = linking.load(LOOPS, ["add"], {"parallel_for": pool["parallel_for"]})
    counts = np.zeros(100, np.int64)
    FOR(pool["parallel_for"])(code["add"], counts.ctypes.data, 0, 100, 9)
    assert (counts == 1).all()
