"""What an import costs: `wonderland.functional` brings nothing heavy along with NumPy."""

import subprocess
import sys

# Small modules of the standard library that are needed; each was weighed.
ALLOWED = {"bisect", "cmath", "hashlib", "heapq", "string", "threading"}

REPORT = """
import sys, numpy
before = set(sys.modules)
import wonderland.functional
print("\\n".join(sorted(set(sys.modules) - before)))
"""


def test_functional_imports_numpy_and_little_else():
    run = subprocess.run([sys.executable, "-c", REPORT], capture_output=True, text=True, check=True)
    brought = {name.split(".")[0] for name in run.stdout.split()}
    heavy = {name for name in brought if not name.startswith("_")} - {"wonderland"} - ALLOWED
    assert not heavy
    assert not {
        n for n in run.stdout.split() if n.startswith(("wonderland.oop", "wonderland.purify"))
    }
