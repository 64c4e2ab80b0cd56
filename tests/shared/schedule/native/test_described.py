"""Keys as text: the same in every process, different where the code could be."""

import itertools
import subprocess
import sys

import numpy as np
import pytest

from wonderland.shared.primitives.arithmetic import add, mul
from wonderland.shared.schedule.native import described as module
from wonderland.shared.schedule.native.described import described, sources

DIFFERENT = [
    1, 1.0, True, -1, 0.0, -0.0, "1", None, (), (1,), ((1,),), (1, 1), (11,), float, int, add, mul,
    np.dtype(np.float32), np.dtype(np.float64), np.dtype(bool), np.float32(1), np.float64(1),
]  # fmt: skip


def test_what_differs_reads_differently():
    for a, b in itertools.combinations(DIFFERENT, 2):
        assert described((a,)) != described((b,)), (a, b)


@pytest.mark.parametrize(
    "a", [object(), [1], lambda: 1, np.ones(2)], ids=lambda a: type(a).__name__
)
def test_what_another_process_would_not_know_has_no_name(a):
    assert described((1, (a,))) is None


def test_another_process_says_the_same():
    code = "from wonderland.shared.schedule.native.described import sources; print(sources())"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == sources()


def test_a_changed_source_is_another_digest(monkeypatch, tmp_path):
    (tmp_path / "native").mkdir()
    source = tmp_path / "native" / "loops.py"
    monkeypatch.setattr(module, "__file__", str(source))
    found = [sources.__wrapped__()]
    for text in ("x = 1", "x = 2"):
        source.write_text(text)
        found.append(sources.__wrapped__())
    assert found[0] is None and len(set(found)) == 3
