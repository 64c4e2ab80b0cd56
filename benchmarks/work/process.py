"""One column's process for one row, seen from the parent."""

import json
import os
import subprocess
from pathlib import Path

from .columns import COLUMNS

BENCHMARKS = Path(__file__).resolve().parents[1]
ROOT = BENCHMARKS.parent


class Runner:
    """A column at work on one row; see __main__.py for what it answers.

    cache: a folder for what compilers keep on disk, so that a cold start is cold.
    """

    def __init__(self, column, row, cache, warm=False):
        environment = COLUMNS[column].environment if column in COLUMNS else ".venv"
        self.process = subprocess.Popen(
            [ROOT / environment / "bin" / "python", "-m", "work", column, row],
            cwd=BENCHMARKS,
            env=os.environ | caches(Path(cache), persistent=warm),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.column, self.about, self.started = column, self.hear(), {}
        self.missing = self.about.get("missing")
        self.times = []

    def hear(self):
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"missing": "failed: its process died"}

    def ask(self, order):
        """The answer to one order; {} once it has failed."""
        if self.missing:
            return {}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        answer = self.hear()
        if isinstance(answer, dict) and "missing" in answer:
            self.missing, answer = answer["missing"], {}
        return answer

    def start(self):
        """The first steps."""
        self.started = self.ask("first")

    def burst(self, seconds):
        """More times of single steps."""
        self.times.extend(self.ask(seconds))

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def caches(folder, persistent):
    """Where each compiler keeps its results; jax keeps none unless asked to."""
    places = {
        "TORCHINDUCTOR_CACHE_DIR": str(folder / "torch"),
        "WONDERLAND_CACHE": str(folder / "wonderland"),
    }
    if persistent:
        places |= {
            "JAX_COMPILATION_CACHE_DIR": str(folder / "jax"),
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        }
    return places
