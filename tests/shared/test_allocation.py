"""Freed memory stays, unless somebody has said otherwise."""

import os
import subprocess
import sys

import pytest

FAULTS = """
import resource
import numpy as np
{first}
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(3):
    xs = [np.ones(1 << 18) for _ in range(8)]
    del xs
before = faults()
for _ in range(5):
    xs = [np.ones(1 << 18) for _ in range(8)]
    del xs
print(faults() - before)
"""


def faults(first, **surroundings):
    """Page faults of making and dropping 16 MB five times, 20,000 pages in all."""
    names = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES", "LD_PRELOAD")
    clean = {k: v for k, v in os.environ.items() if k not in (*names, "WONDERLAND_KEEP_MEMORY")}
    done = subprocess.run(
        [sys.executable, "-c", FAULTS.format(first=first)], env=clean | surroundings,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return int(done.stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's malloc is meant")
def test_arrays_are_made_of_memory_that_is_there():
    plain = faults("")
    if plain < 5_000:
        pytest.skip("this malloc keeps its memory by itself")
    assert faults("import wonderland.oop") < 500
    assert faults("import wonderland.oop", WONDERLAND_KEEP_MEMORY="0") > plain // 2
    threshold = faults("import wonderland.oop", MALLOC_TRIM_THRESHOLD_="131072")
    assert threshold > plain // 2
