"""A process for one framework: orders come on stdin, one JSON list a line, answers go to stdout.

    python -m benchmarks.steps torch_eager
    ["losses", "8-16-16-1", 5]   the first losses of a fresh training run
    ["time", "8-16-16-1", 100]   seconds per step over 100 further steps

While another framework is timed this process waits for its next line, so they do not disturb
each other.
"""

import functools
import importlib
import importlib.metadata
import json
import os
import sys
import time

from . import draw


def say(answer):
    """One line to the parent."""
    print(json.dumps(answer), flush=True)


def limit_threads():
    """torch reads no limit that was set for the BLAS libraries alone."""
    if "torch" in sys.modules and os.environ.get("OMP_NUM_THREADS"):
        sys.modules["torch"].set_num_threads(int(os.environ["OMP_NUM_THREADS"]))


def losses(framework, model, count):
    """The first losses of a fresh run."""
    step = framework.prepare(*draw(model))
    return [step().item() for _ in range(count)]


def timed(step, count):
    """Seconds per step, the first one (which wakes the threads) aside."""
    step()
    start = time.perf_counter()
    for _ in range(count):
        step()
    return (time.perf_counter() - start) / count


def main(name):
    """Answer orders until stdin closes."""
    try:
        framework = importlib.import_module(f"{__package__}.{name}")
    except ImportError as error:
        return say({"missing": str(error)})
    limit_threads()
    running = functools.cache(lambda model: framework.prepare(*draw(model)))
    say({"version": importlib.metadata.version(framework.PACKAGE)})
    for line in sys.stdin:
        order, model, count = json.loads(line)
        if order == "losses":
            say(losses(framework, model, count))
        else:
            say(timed(running(model), count))


if __name__ == "__main__":
    main(sys.argv[1])
