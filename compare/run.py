"""`wonderland compare`: train in all styles, check, time, report."""

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ..functional import random
from ..shared.backend import cuda_available, to_device
from .environment import environment
from .equivalence import Training, train_side_by_side
from .report import write_report
from .styles import ObjectOriented, Purified, three_styles
from .timing import time_styles
from .twins import TWINS
from .user_model import UnusableModelError, default_loss, load

TIMED_STEPS = 200


@dataclass
class Result:
    """All that was found out about one model."""

    title: str
    training: Training
    timings: list
    accuracy_goal: float | None = None

    @property
    def holds(self):
        """True where every claim holds and the accuracies are equal and good enough."""
        accuracies = list(self.training.accuracies.values())
        good = self.accuracy_goal is None or min(accuracies) >= self.accuracy_goal
        return self.training.holds and good and len(set(accuracies)) <= 1


def compare(arguments):
    """The command; returns the exit status."""
    console = Console()
    try:
        check(arguments)
        with progress(console) as tracker:
            if arguments.target:
                results = [compare_user_model(arguments, tracker)]
            else:
                results = [compare_twin(TWINS[m], arguments, tracker) for m in arguments.models]
    except UnusableModelError as error:
        print(f"wonderland {error}", file=sys.stderr)
        return 2
    for result in results:
        show(console, result)
    now = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z")
    path = write_report(arguments.out, results, environment(), now)
    console.print(f"report: {path}", highlight=False)
    return 0 if all(result.holds for result in results) else 1


def check(arguments):
    """UnusableModelError where the command line asks for what does not exist."""
    unknown = [m for m in arguments.models if m not in TWINS]
    if unknown:
        raise UnusableModelError(
            f"compare: there is no model {unknown[0]!r}; --models takes {', '.join(TWINS)}"
        )
    if arguments.steps < 1:
        raise UnusableModelError(f"compare: --steps is {arguments.steps}, and at least 1 is needed")
    if arguments.device not in ("cpu", "cuda"):
        raise UnusableModelError(f"compare: --device is {arguments.device!r}; it takes cpu or cuda")
    if arguments.device == "cuda" and not cuda_available():
        raise UnusableModelError(
            "compare: --device cuda needs a CUDA device and CuPy, and `wonderland doctor` finds none"
        )


@contextmanager
def progress(console):
    """A progress bar on the terminal; function start(description, total) -> tick."""
    columns = (
        TextColumn("{task.description:32s}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bar:

        def start(description, total):
            task = bar.add_task(description, total=total)
            return lambda: bar.advance(task)

        yield start


def compare_twin(twin, arguments, start):
    """One hand-written pair, and the module purified: three styles."""
    data = twin.data()
    device = arguments.device
    batches = [
        (to_device(x, device), to_device(y, device))
        for x, y in batches_of(data, twin.batch_size, arguments.steps)
    ]
    test_x, test_y = to_device(data.test_x, device), to_device(data.test_y, device)
    tick = start(f"{twin.name}: train in three styles", len(batches))
    styles = three_styles(twin, device)
    training = train_side_by_side(styles, batches, test_x, test_y, tick)
    timed = batches[:TIMED_STEPS]
    timings = time_styles(styles, timed, start(f"{twin.name}: time each style", len(timed)))
    title = f"{twin.name}: oop, functional and purified, {len(batches)} steps on real digits"
    goal = twin.accuracy_goal if arguments.steps >= 200 else None
    return Result(title, training, timings, goal)


def batches_of(data, size, steps):
    """`steps` batches, drawn without replacement epoch by epoch, each epoch by its own key."""
    batches, epoch = [], 0
    while len(batches) < steps:
        order = random.permutation(random.fold_in(random.key(1), epoch), len(data.train_x))
        epoch += 1
        for i in range(0, len(order) - size + 1, size):
            chosen = order[i : i + size]
            batches.append((data.train_x[chosen], data.train_y[chosen]))
    return batches[:steps]


def compare_user_model(arguments, start):
    """A module of the user's and its purified self: two styles."""
    name, make, (x, y), loss = load(arguments.target)
    loss = loss or default_loss(y, True)
    tick = start(f"{name}: train in two styles", arguments.steps)
    styles = [Purified(make(), on_payload(loss), 1e-3), ObjectOriented(make(), loss, 1e-3)]
    batches = [(x, y)] * arguments.steps
    training = train_side_by_side(styles, batches, x, y, tick)
    training.accuracies.clear()
    timed = batches[:TIMED_STEPS]
    timings = time_styles(styles, timed, start(f"{name}: time each style", len(timed)))
    return Result(f"{name}: oop and purified, {len(batches)} steps", training, timings)


def on_payload(loss):
    """A loss written for Tensors, as a function of arrays and traced values."""
    from_tensor = purified_loss(loss)
    return lambda out, y: from_tensor(out, y)


def purified_loss(loss):
    """The loss inside Tensors born at the present depth, its result taken out again."""
    from ..oop import Tensor

    def wrapped(out, y):
        result = loss(Tensor(out), Tensor(y))
        return result.value if isinstance(result, Tensor) else result

    return wrapped


def show(console, result):
    """The claims, accuracies and times of one model, on the terminal."""
    console.print(f"\n[bold]{result.title}[/bold]", highlight=False)
    for claim in result.training.findings:
        mark = (
            "[green]equal, bit for bit[/green]" if claim.holds else f"[red]{claim.difference}[/red]"
        )
        console.print(f"  {claim.claim}: {mark} ({claim.compared} leaves)", highlight=False)
    table = Table("style", "test accuracy", "median ms/step", "quartiles", "fastest", "peak MiB")
    for t in result.timings:
        accuracy = result.training.accuracies.get(t.name)
        low, high = t.spread
        table.add_row(
            t.name, "" if accuracy is None else f"{accuracy:.4f}", f"{t.median:.3f}",
            f"{low:.3f} to {high:.3f}", f"{t.fastest:.3f}", f"{t.peak / 2**20:.2f}",
        )  # fmt: skip
    console.print(table)
    if result.accuracy_goal is not None and not np.isnan(result.accuracy_goal):
        console.print(f"  goal: accuracy at least {result.accuracy_goal} in every style")
