"""How long does `import wonderland.functional` take on top of `import numpy`?

    python benchmarks/import_time.py [module ...]

Fresh processes in turns, the medians of RUNS each; what the interpreter and NumPy take is measured
in the same way and subtracted. Bytecode is cached, as it is wherever a package is installed: in a
folder of the benchmark's own, since PYTHONDONTWRITEBYTECODE may forbid it elsewhere. The budget of
wonderland.functional is 0.1 s.
"""

import os
import statistics
import subprocess
import sys
import tempfile

RUNS = 10
BUDGETS = {"wonderland.functional": 0.1, "wonderland.oop": None, "wonderland.purify": None}
CODE = "import time; start = time.perf_counter(); import {}; print(time.perf_counter() - start)"


def seconds(module, cache):
    """The time of one import in a fresh process."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    run = subprocess.run(
        [sys.executable, "-c", CODE.format(module)],
        env=environment | {"PYTHONPYCACHEPREFIX": cache},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(run.stdout)


def measure(modules):
    """{module: the times of its imports}, NumPy's among them."""
    times = {module: [] for module in ("numpy", *modules)}
    with tempfile.TemporaryDirectory() as cache:
        for module in times:
            seconds(module, cache)  # fills the cache
        for _ in range(RUNS):
            for module, found in times.items():
                found.append(seconds(module, cache))
    return times


def main(modules):
    """Print the medians."""
    times = measure(modules)
    numpy = statistics.median(times["numpy"])
    print(f"import numpy: {numpy:.3f} s")
    for module in modules:
        more = statistics.median(times[module]) - numpy
        budget = BUDGETS.get(module)
        verdict = "" if budget is None else f" (budget {budget} s)"
        print(f"import {module}: {more:+.3f} s{verdict}")


if __name__ == "__main__":
    main(sys.argv[1:] or BUDGETS)
