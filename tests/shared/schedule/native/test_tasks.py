"""Work in pieces: the same results by several threads as by one."""

import os
import subprocess
import sys

import pytest

pytest.importorskip("llvmlite")
from wonderland.shared.schedule.native import tasks

PROGRAM = """
import numpy as np
from wonderland import functional as wf
from wonderland.shared.schedule.native.parallel import cores

assert cores() == 2
r = np.random.default_rng(0)
x, y = r.normal(size=(700, 520)).astype("f"), r.normal(size=(520, 300)).astype("f")
many = r.normal(size=(40, 60, 50)).astype("f")

def f(x, y, many):
    h = np.tanh(x @ y)
    soft = np.exp(h) / np.exp(h).sum(axis=1, keepdims=True)
    wide = np.tanh(x[:, :512]) * x[:, :512].mean(axis=1, keepdims=True)
    sums = wide.sum(axis=0), wide.sum(), (h * 2).sum(axis=0)
    return *sums, wide, soft, many @ many.swapaxes(1, 2), np.sin(x) * x + 1

expected, found = f(x, y, many), wf.jit(f, executor="native")(x, y, many)
for a, b in zip(found, expected):
    np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-5)
print("equal")
"""


def test_two_threads_give_what_one_gives():
    surroundings = os.environ | {"OMP_NUM_THREADS": "2"}
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("there is one core only")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=surroundings, capture_output=True, text=True
    )
    assert done.stdout.strip() == "equal", done.stderr


@pytest.mark.parametrize("count", [1, 2, 8])
def test_pieces_cover_the_range(count, monkeypatch):
    monkeypatch.setattr(tasks, "cores", lambda: count)
    for length in (1, 7, 100, 4097):
        for work in (10, 10**6, 10**9):
            piece = tasks.grain(work, length, 16)
            assert piece == length or (count > 1 and piece % 16 == 0 and 0 < piece < length)


def test_little_work_is_not_cut(monkeypatch):
    monkeypatch.setattr(tasks, "cores", lambda: 8)
    assert tasks.grain(tasks.PIECE, 1000) == 1000
    assert tasks.grain(8 * tasks.PIECE, 1000) == 125
    assert tasks.grain(10**9, 1000, most=2) == 500
