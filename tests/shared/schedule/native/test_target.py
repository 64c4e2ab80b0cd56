"""The machine that code is for: LLVM is asked once, and not at all on a warm start."""

import os
import subprocess
import sys

import pytest

from wonderland.shared.schedule.native import cache, elf, target


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """How often LLVM was asked, by processes that have a folder of their own."""
    monkeypatch.setenv("WONDERLAND_CACHE", str(tmp_path))
    seen, ask = [], target.compiler().ask
    monkeypatch.setattr(target.compiler(), "ask", lambda: seen.append(1) or ask())
    return seen


known = target.host.__wrapped__  # as if each call were the first of a process


def test_the_host_is_known():
    host = target.host()
    assert host.triple and host.cpu and target.vector_bytes() in (16, 32, 64)
    assert target.has_feature("fma") == ("+fma" in host.features.split(","))


def test_llvm_is_asked_once(asked):
    assert known() == known() == target.compiler().ask() and len(asked) == 2


def test_another_processor_is_asked_again(asked, monkeypatch):
    known()
    monkeypatch.setattr(target, "processor", lambda: "another")
    known()
    assert len(asked) == 2


def test_a_damaged_answer_is_asked_again(asked):
    known()
    (path,) = cache.folder().iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    assert known() == target.host() and len(asked) == 2


def test_where_the_kernel_tells_nothing_llvm_is_asked_each_time(asked, monkeypatch, tmp_path):
    assert target.processor(tmp_path / "none") is None
    monkeypatch.setattr(target, "processor", lambda: None)
    assert known() == known() and len(asked) == 2


def test_what_changes_as_a_processor_runs_is_left_out(tmp_path):
    text = "processor : 0\nmodel name : A\ncpu MHz : {}\nflags : sse avx\n\nprocessor : 1\n"
    found = []
    for speed in (1000, 2000):
        (tmp_path / "cpuinfo").write_text(text.format(speed))
        found.append(target.processor(tmp_path / "cpuinfo"))
    assert found[0] == found[1] and "sse avx" in found[0]


PROGRAM = """
import sys
import numpy as np
from wonderland import functional as wf
x = np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4)
f = wf.jit(lambda x: (wf.numpy.tanh(x) @ x.T).sum(0), executor="native")
print(f(x), "llvmlite.binding" in sys.modules)
"""


@pytest.mark.skipif(not elf.available(), reason="LLVM links here")
def test_a_warm_start_does_not_load_llvm(tmp_path):
    command = [sys.executable, "-c", PROGRAM]
    environment = {**os.environ, "WONDERLAND_CACHE": str(tmp_path)}
    cold, warm = [
        subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
        for _ in range(2)
    ]
    assert cold.split()[-1] == "True" and warm.split()[-1] == "False"
    assert cold.split()[:-1] == warm.split()[:-1]
