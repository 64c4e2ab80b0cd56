"""A process for one column and row: orders come on stdin, one JSON a line, answers go to stdout.

    python -m work torch.compile gpt
    "first"     seconds from the imports to the first step done; the first results; peak memory
    0.1         the seconds of each of the steps that fit into 0.1 s (three at least)

While another framework is timed this process waits for its next line, so they do not disturb
each other.
"""

import gc
import importlib.metadata
import json
import sys
import time
import traceback
from pathlib import Path

import numpy as np

from . import ROWS, memcpy
from .columns import COLUMNS, YARDSTICK

CHECKED = 3  # steps whose results are compared
SAMPLES = 64  # numbers compared of each array
STATUS = Path("/proc/self/status")


def say(answer):
    """One line to the parent."""
    print(json.dumps(answer), file=ANSWERS, flush=True)


def resident(field):
    """Bytes of VmRSS (now) or VmHWM (the peak), from the kernel's own count."""
    lines = STATUS.read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


def forget_peak():
    """Begin the kernel's count of the peak anew: importing takes more than it keeps."""
    Path("/proc/self/clear_refs").write_text("5")


def numbers(face, result):
    """What is compared: a loss, or some entries of each array, as floats."""
    results = result if isinstance(result, tuple) else (result,)
    arrays = [np.ravel(face.host(a)) for a in results]
    return [[float(v) for v in a[:: -(-a.size // SAMPLES)]] for a in arrays]


def first(column, row, face, arrays):
    """(step, the answer to "first")."""
    gc.collect()
    forget_peak()
    before, start = resident("VmRSS"), time.perf_counter()
    step = getattr(row.work, column.style)(face, arrays)
    result = step()
    face.wait(result)
    seconds = time.perf_counter() - start
    values = [numbers(face, result)]
    for _ in range(CHECKED - 1):
        result = step()
        face.wait(result)
        values.append(numbers(face, result))
    return step, {"first": seconds, "values": values, "peak": resident("VmHWM") - before}


def timed(step, wait, budget):
    """Seconds of each step within the budget; the first one, which wakes the threads, aside."""
    wait(step())
    times, clock = [], time.perf_counter
    end = clock() + budget
    while len(times) < 3 or clock() < end:
        start = clock()
        wait(step())
        times.append(clock() - start)
    return times


def serve(make):
    """Answer orders until stdin closes; `make` answers the first one."""
    step = wait = None
    for line in sys.stdin:
        order = json.loads(line)
        if order == "first":
            step, wait, answer = make()
            say(answer)
        else:
            say(timed(step, wait, order))


def main(name, row):
    """The yardstick, or a framework."""
    if name == YARDSTICK:
        say({"version": np.__version__})
        return serve(lambda: (memcpy.prepare(ROWS[row].traffic), lambda _: None, {}))
    column, row = COLUMNS[name], ROWS[row]
    face = column.face()
    arrays = row.work.draw(*row.arguments)
    say({"version": importlib.metadata.version(face.package)})

    def make():
        step, answer = first(column, row, face, arrays)
        return step, face.wait, answer

    serve(make)


if __name__ == "__main__":
    ANSWERS, sys.stdout = sys.stdout, sys.stderr  # what a framework prints is no answer
    try:
        main(*sys.argv[1:])
    except (NotImplementedError, AttributeError) as error:
        say({"missing": str(error)})
    except Exception as error:  # a column that fails is named, and the others run
        traceback.print_exc()
        say({"missing": f"failed: {type(error).__name__}: {error}"})
