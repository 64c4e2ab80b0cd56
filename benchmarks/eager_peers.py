"""An eager training step next to torch, autograd and MyGrad: how long?  Ratios, ours over theirs.

    .venv-peers/bin/python benchmarks/eager_peers.py [--rounds 40] [--save]

The frameworks take turns in short bursts, each in a process of its own that otherwise waits, so
that a slow spell of the machine hits all alike and no thread pool disturbs another. A burst gives
one time per step; ratios are those of the minima, and of the medians, over all rounds. Before any
is timed all must agree on the losses of the first steps: they do the same work. A framework that
is not installed is named, and the others run.
"""

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

from steps import MODELS

ROOT = Path(__file__).resolve().parents[1]
OURS = ("wonderland_oop", "wonderland_functional", "wonderland_plain", "wonderland_pure")
PEERS = (
    "torch_eager", "autograd_functions", "mygrad_tensors", "mygrad_unguarded", "numpy_by_hand",
)  # fmt: skip
TARGETS = {  # (ours, theirs): at most, on 8-16-16-1
    ("wonderland_oop", "torch_eager"): 0.45,
    ("wonderland_oop", "mygrad_tensors"): 0.8,
    ("wonderland_functional", "autograd_functions"): 0.4,
}
BURST = 0.01  # seconds
PAUSE = (
    0.05  # between bursts: OpenBLAS's and OpenMP's threads spin for some 30 ms before they sleep
)


class Runner:
    """One framework in its process; see steps/__main__.py for what it answers."""

    def __init__(self, framework, threads):
        limit = {name: str(threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "steps", framework],
            cwd=Path(__file__).parent,
            env=os.environ | (limit if threads else {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.framework, self.threads = framework, threads
        self.about = self.hear()
        self.missing = self.about.get("missing")
        self.counts, self.times = {}, {model: [] for model in MODELS}

    def hear(self):
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"missing": "its process failed, see above"}

    def ask(self, *order):
        """The answer to one order."""
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return self.hear()

    def calibrate(self, model):
        """Warm up, and fix how many steps make a burst."""
        self.ask("time", model, 3)
        self.counts[model] = max(1, round(BURST / self.ask("time", model, 10)))

    def burst(self, model):
        """One more time per step."""
        self.times[model].append(self.ask("time", model, self.counts[model]))

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def start(threads):
    """The runners of every framework that is there; the others are named."""
    runners = {framework: Runner(framework, threads) for framework in OURS + PEERS}
    for framework, runner in runners.items():
        if runner.missing and threads is None:
            print(f"{framework} is missing, the others run: {runner.missing}")
    return {name: runner for name, runner in runners.items() if not runner.missing}


def check_same_work(runners):
    """SystemExit unless all frameworks have the same losses over the first steps, and they fall."""
    for model in MODELS:
        wanted = runners["numpy_by_hand"].ask("losses", model, 5)
        smallest_change = min(abs(b - a) for a, b in pairwise(wanted))
        tolerance = 1e-5 * wanted[0]
        assert tolerance < smallest_change / 50, "a step without its update would pass"
        for name, runner in runners.items():
            found = runner.ask("losses", model, 5)
            if any(abs(a - b) > tolerance for a, b in zip(found, wanted, strict=True)):
                raise SystemExit(f"{name} does other work on {model}: {found} not {wanted}")


def measure(groups, rounds):
    """Bursts in turns, in each round beginning with another framework."""
    everyone = [runner for runners in groups.values() for runner in runners.values()]
    for runner in everyone:
        for model in MODELS:
            runner.calibrate(model)
    for i in range(rounds):
        for model in MODELS:
            first = i % len(everyone)
            for runner in everyone[first:] + everyone[:first]:
                time.sleep(PAUSE)
                runner.burst(model)
        show_progress(i + 1, rounds)


def show_progress(done, rounds):
    """A line that rewrites itself, on a terminal only."""
    if sys.stderr.isatty():
        end = "\n" if done == rounds else ""
        print(f"\rround {done} of {rounds}", end=end, file=sys.stderr, flush=True)


def figures(groups):
    """One record per framework, model and number of threads; times in microseconds."""
    return [
        {
            "framework": name,
            "version": runner.about["version"],
            "threads": threads or "default",
            "model": model,
            "minimum": min(times) * 1e6,
            "median": statistics.median(times) * 1e6,
        }
        for threads, runners in groups.items()
        for name, runner in runners.items()
        for model, times in runner.times.items()
    ]


def print_times(found):
    """Microseconds per step."""
    print(f"\n{'us per step, minimum / median':38s}" + "".join(f"{m:>22s}" for m in MODELS))
    rows = {}
    for r in found:
        key = (r["threads"], r["framework"])
        rows.setdefault(key, []).append(f"{r['minimum']:.0f} / {r['median']:.0f}")
    for (threads, framework), cells in rows.items():
        name = f"{framework}, {threads} thread{'s' * (threads != 1)}"
        print(f"{name:38s}" + "".join(f"{cell:>22s}" for cell in cells))


def ratios(found):
    """One record per pair of ours and theirs, of the same model and number of threads."""
    return [
        {
            "model": a["model"],
            "threads": a["threads"],
            "ours": a["framework"],
            "theirs": b["framework"],
            "minimum": a["minimum"] / b["minimum"],
            "median": a["median"] / b["median"],
        }
        for a in found
        for b in found
        if a["framework"] in OURS
        and b["framework"] in PEERS
        and (a["model"], a["threads"]) == (b["model"], b["threads"])
    ]


def print_ratios(pairs):
    """Ours over theirs, below 1 where we are faster; then the targets, and whether they are met."""
    print(f"\n{'ours / theirs, of minima / medians':56s}" + "".join(f"{p:>20s}" for p in PEERS))
    rows = {}
    for r in pairs:
        name = f"{r['model']}: {r['ours']}, {r['threads']} thread{'s' * (r['threads'] != 1)}"
        rows.setdefault(name, {})[r["theirs"]] = f"{r['minimum']:.2f} / {r['median']:.2f}"
    for name, cells in rows.items():
        print(f"{name:56s}" + "".join(f"{cells.get(p, '-'):>20s}" for p in PEERS))
    print()
    for r in pairs:
        aim = TARGETS.get((r["ours"], r["theirs"]))
        if aim and r["model"] == "8-16-16-1" and r["threads"] == "default":
            verdict = "met" if max(r["minimum"], r["median"]) <= aim else "MISSED"
            print(
                f"target: {r['ours']} <= {aim} of {r['theirs']} on {r['model']}: "
                f"{r['minimum']:.2f} / {r['median']:.2f}, {verdict}"
            )


def save(found, pairs, rounds):
    """benchmarks/results/eager-<date>.json."""
    today = datetime.date.today().isoformat()
    path = ROOT / "benchmarks" / "results" / f"eager-{today}.json"
    path.parent.mkdir(exist_ok=True)
    machine = {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.platform(),
        "load": os.getloadavg(),
    }
    record = {"date": today, "rounds": rounds, "machine": machine, "times": found, "ratios": pairs}
    path.write_text(json.dumps(record, indent=1) + "\n")
    print(f"\nsaved {path.relative_to(ROOT)}")


def main():
    """Run, print, and save where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--save", action="store_true", help="write results/eager-<date>.json")
    options = parser.parse_args()
    groups = {threads: start(threads) for threads in (None, 1)}
    for runners in groups.values():
        check_same_work(runners)
    measure(groups, options.rounds)
    for runners in groups.values():
        for runner in runners.values():
            runner.close()
    found = figures(groups)
    pairs = ratios(found)
    print_times(found)
    print_ratios(pairs)
    if options.save:
        save(found, pairs, options.rounds)


if __name__ == "__main__":
    main()
