"""`wonderland compare`: train in every style, check, time, report."""

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle, islice

from ..functional import random
from ..shared import tree
from ..shared.backend import to_device
from . import terminal
from .compiled import CHECKED_STEPS, Compilation, compile_styles
from .environment import environment
from .equivalence import Training, train_side_by_side
from .quality import ACCURACY, Quality
from .report import write_report
from .request import QUALITY_STEPS, UnusableInputError, check, chosen
from .styles import styles_of_model, styles_of_twin
from .timing import time_styles
from .twins import TWINS
from .user_model import load

TIMED_STEPS = 300


@dataclass
class Result:
    """All that was found out about one model; `training_text` says how it was trained."""

    title: str
    training_text: str
    training: Training
    timings: list
    quality: Quality = ACCURACY
    goal: float | None = None
    compilation: Compilation | None = None

    @property
    def findings(self):
        """All claims."""
        compiled = self.compilation.findings if self.compilation else []
        return [*self.training.findings, *compiled]

    @property
    def same(self):
        """True where every claim holds."""
        return all(finding.holds for finding in self.findings)

    @property
    def quality_problem(self):
        """What is wrong with the models on the test set, in words; '' where nothing is."""
        return self.quality.problem(self.training.qualities, self.goal)

    @property
    def holds(self):
        """True where every claim holds and the models are equally good, and good enough."""
        return self.same and not self.quality_problem


def compare(arguments):
    """The command; returns the exit status."""
    try:
        check(arguments)
        user = load(arguments.target) if arguments.target else None
        with terminal.progress() as start:
            if user:
                results = [compare_user_model(user, arguments, start)]
            else:
                names = chosen(arguments.models)
                results = [compare_twin(TWINS[name], arguments, start) for name in names]
    except UnusableInputError as error:
        print(f"wonderland {error}", file=sys.stderr)
        return 2
    now = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z")
    path = write_report(
        arguments.out, results, environment(arguments.device), now, arguments.device
    )
    terminal.show(results, path)
    return 0 if all(result.holds for result in results) else 1


def compare_twin(twin, arguments, start):
    """One hand-written pair, and its module purified: three styles."""
    device, data = arguments.device, twin.data()
    test = tuple(to_device(x, device) for x in (data.test_x, data.test_y))
    batches = [
        tuple(to_device(x, device) for x in batch)
        for batch in batches_of(data, twin.batch_size, arguments.steps)
    ]
    with one_thread():

        def fresh():
            return styles_of_twin(twin, batches[0][0], device)

        styles = fresh()
        training = trained(twin.name, styles, batches, test[0], start)
        training.measure_quality(styles, *test, twin.quality)
        compilation = compiled(twin.name, fresh, batches, twin.learning_rate, device, start)
        count = min(twin.timed_steps, TIMED_STEPS)
        timings = timed(twin.name, styles, compilation, batches, device, start, count)
    text = (
        f"{twin.about} Adam with learning rate {twin.learning_rate:g}, {len(batches)} steps on "
        f"batches of {twin.batch_size}, from {len(data.train_x):,} {twin.samples}; "
        f"{len(data.test_x)} others to test. One thread for matrix products."
    )
    goal = twin.goal(data) if arguments.steps >= QUALITY_STEPS else None
    return Result(twin.title, text, training, timings, twin.quality, goal, compilation)


@contextmanager
def one_thread():
    """Keep NumPy's matrix products to one thread.

    Those of the twins are so small that further threads gain nothing, and where something else
    keeps the cores busy they wait for one another many times as long as they compute.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):
        yield


def compare_user_model(user, arguments, start):
    """A module of the user's, purified, and as a functional layer where the file has one."""
    device = arguments.device
    x, y = tree.map(lambda a: to_device(a, device), (user.x, user.y))
    styles = styles_of_model(user, device)
    batches = [(x, y)] * arguments.steps
    training = trained(user.name, styles, batches, x, start)
    compilation = compiled(
        user.name, lambda: styles_of_model(user, device), batches, user.learning_rate, device, start
    )
    timings = timed(user.name, styles, compilation, batches, device, start, TIMED_STEPS)
    text = (
        f"Adam with learning rate {user.learning_rate:g}, {len(batches)} steps on the one batch of "
        f"example() in {user.path}."
    )
    return Result(user.name, text, training, timings, compilation=compilation)


def trained(name, styles, batches, test_x, start):
    """Train under a progress bar."""
    tick = start(f"{name}: training {len(styles)} styles side by side", len(batches))
    return train_side_by_side(styles, batches, test_x, tick)


def compiled(name, fresh, batches, learning_rate, device, start):
    """Compile under a progress bar."""
    tick = start(f"{name}: compiling each style", min(CHECKED_STEPS, len(batches)))
    return compile_styles(fresh, batches, learning_rate, device, tick)


def timed(name, styles, compilation, batches, device, start, count):
    """Time under a progress bar, eager and compiled, the batches again and again, `count` times."""
    tick = start(f"{name}: timing each style", count)
    order = [style.name for style in styles]
    styles = sorted([*styles, *compilation.styles], key=lambda style: order.index(style.name))
    timings = time_styles(styles, list(islice(cycle(batches), count)), device, tick)
    for timing in timings:
        if timing.mode == "compiled":
            timing.start = compilation.starts[timing.name]
    return timings


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
