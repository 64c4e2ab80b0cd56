"""How fast is a compiled step next to torch, torch.compile and jax.jit?  Time, first step, memory.

    .venv/bin/python benchmarks/peers.py [--only gpt cnn] [--rounds 20] [--warm] [--json FILE]

The work is in work/, one file each; the columns in work/columns.py. Each column has a process of
its own for each row, in .venv or .venv-peers, on the same two cores. The processes take turns in
short bursts and otherwise wait, so that a slow spell of the machine hits all alike. Each step is
timed singly, to its end. The first results of all columns must agree: they do the same work.
`memcpy` copies as many bytes as the row must read and write, by two threads. What is not there yet
is named so; no figure stands in for it.

--warm starts each column once more, on the compilers' caches that the first start has left on disk.
"""

import argparse
import compileall
import datetime
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path

from work import ROWS
from work.agreement import disagreements
from work.columns import COLUMNS, TUNED, YARDSTICK
from work.process import ROOT, Runner
from work.tables import print_row, print_tables

BURST = 0.1  # seconds
PAUSE = 0.05  # between bursts: the thread pools of OpenBLAS and OpenMP spin for some 30 ms
CORES = 2
PACKAGES = ("shared", "functional", "oop", "purify")
BUSY = 0.5  # load: from here on steps wait for other programs, those of several threads the longest


def measure(name, columns, rounds, warm):
    """The record of one row: by column, its times, its start, its memory, or why it has none."""
    with tempfile.TemporaryDirectory() as cache:
        runners = []
        for column in columns:
            runner = Runner(column, name, Path(cache, column), warm)
            runner.start()
            runners.append(runner)
        take_turns([r for r in runners if not r.missing], rounds)
        for runner in runners:
            runner.close()
        again = {r.column: restart(r, name, Path(cache, r.column)) for r in runners if warm}
    found = {r.column: figures(r) | again.get(r.column, {}) for r in runners}
    return {"row": name, "columns": found, "different": disagreements(found)}


def take_turns(runners, rounds):
    """Bursts, in each round beginning with another column."""
    for i in range(rounds):
        first = i % len(runners)
        for runner in runners[first:] + runners[:first]:
            time.sleep(PAUSE)
            runner.burst(BURST)


def restart(runner, name, cache):
    """{"warm": the first step's seconds, "warm peak": bytes} of a second process."""
    if runner.missing or runner.column == YARDSTICK:
        return {}
    second = Runner(runner.column, name, cache, warm=True)
    second.start()
    second.close()
    return {"warm": second.started.get("first"), "warm peak": second.started.get("peak")}


def figures(runner):
    """What is reported of one column, in seconds and bytes."""
    if runner.missing:
        return {"missing": runner.missing}
    times = runner.times
    return runner.about | runner.started | {
        "minimum": min(times), "median": statistics.median(times), "steps": len(times),
    }  # fmt: skip


def machine():
    """What the figures were measured on."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line for line in lines if line.startswith("model name")]
    return {
        "processor": models[0].partition(": ")[2] if models else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "system": platform.platform(),
        "load": os.getloadavg(),
    }


def chosen(prefixes, all_names):
    """The names that begin with one of the prefixes; all without any."""
    return [n for n in all_names if not prefixes or any(n.startswith(p) for p in prefixes)]


def columns_of(name, columns):
    """Those that have something to say about this row."""
    row = ROWS[name]
    return [c for c in columns if row.tuned or c not in TUNED] + [YARDSTICK] * bool(row.traffic)


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", metavar="ROW", help="rows, by how they begin")
    parser.add_argument("--columns", nargs="+", metavar="COLUMN", help="columns, by how they begin")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--warm", action="store_true", help="a second start, on warm caches")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    return parser.parse_args()


def without_results(record):
    """The record without the columns' results, which are long and have been compared."""
    rows = [dict(row) for row in record["rows"]]
    for row in rows:
        columns = row["columns"].items()
        row["columns"] = {k: {n: x for n, x in c.items() if n != "values"} for k, c in columns}
    return record | {"rows": rows}


def main():
    """Run, print as rows are done, then the tables; status 1 where the results differ."""
    options = arguments()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    for package in PACKAGES:  # as an installed package has it: torch's and jax's bytecode is there
        compileall.compile_dir(ROOT / package, quiet=1)
    record = {"date": datetime.date.today().isoformat(), "machine": machine(), "rows": []}
    if (load := record["machine"]["load"][0]) > BUSY:
        print(f"the machine is busy (load {load:.1f}): read the minima, or run this again later")
    for name in chosen(options.only, ROWS):
        columns = columns_of(name, chosen(options.columns, COLUMNS))
        record["rows"].append(measure(name, columns, options.rounds, options.warm))
        print_row(record["rows"][-1])
        if options.json:
            options.json.write_text(json.dumps(without_results(record), indent=1) + "\n")
    print_tables(record["rows"])
    sys.exit(any(row["different"] for row in record["rows"]))


if __name__ == "__main__":
    main()
