"""The training step compiled: is it still the same program, how long until it runs, its graph."""

import time
from dataclasses import dataclass, field

import numpy as np

from ..shared.backend import host
from ..shared.schedule.executors import native
from ..shared.testing.closeness import eps_of, largest, wide
from .equivalence import Finding

CHECKED_STEPS = 20
STARTING_STEPS = 3  # in these everything is captured and compiled that a training loop needs
BOUNDS = {"loss": 256, "output": 1024}  # in units of eps, relative to the largest entry


@dataclass
class Closeness(Finding):
    """A claim of closeness, for an executor that rounds in another order.

    The losses and the outputs are held to BOUNDS. Adam divides each gradient by its own size, so
    that one which is nothing but rounding (of a bias before batch normalisation, say, on which the
    loss does not depend) moves its parameter by the learning rate in each step, to either side: the
    parameters are held to two such walks.
    """

    walk: float = 0.0
    seen: dict = field(default_factory=dict)
    bounds: dict = field(default_factory=dict)

    @property
    def word(self):
        """What was found, in a word."""
        return "within" if self.holds else super().word

    @property
    def detail(self):
        """The largest differences, and what they may be; or the first that is too large."""
        if not self.holds:
            return self.difference
        limits = self.bounds.items()
        return ", ".join([f"{kind} {self.seen[kind]:.0e} (limit {n:.0e})" for kind, n in limits])

    def difference_of(self, x, y, kind):
        """'' where two leaves are close; else what differs, in words."""
        x, y = np.asarray(x), np.asarray(y)
        if x.shape != y.shape or x.dtype != y.dtype or x.dtype.kind not in "fc":
            return super().difference_of(x, y, kind)
        scale = largest(x) or 1.0
        bound, scale = (
            (BOUNDS[kind] * eps_of(x), scale) if kind in BOUNDS else (self.walk, max(scale, 1.0))
        )
        apart = distance(x, y) / scale
        self.bounds[kind] = bound
        self.seen[kind] = max(self.seen.get(kind, 0.0), apart)
        return "" if apart <= bound else f"differ by {apart:.1e}, more than {bound:.1e}"


def distance(x, y):
    """The largest difference of two arrays; an infinity and NaN are no distance from themselves."""
    x, y = wide(x), wide(y)
    same = (x == y) | (np.isnan(x) & np.isnan(y))
    with np.errstate(invalid="ignore"):
        apart = np.where(same, 0.0, np.abs(x - y))
    return float(np.max(np.where(np.isnan(apart), np.inf, apart), initial=0.0))


@dataclass
class Compilation:
    """What came of compiling the styles.

    executor: the one whose steps are timed. styles: those compiled by it, warm. starts: {style:
    seconds of the first steps}. failures: {(style, executor): why it is not compiled}. graph:
    (style, count of equations, SVG) of a training step, or ().
    """

    executor: str
    styles: list = field(default_factory=list)
    findings: list = field(default_factory=list)
    starts: dict = field(default_factory=dict)
    failures: dict = field(default_factory=dict)
    graph: tuple = ()

    @property
    def problems(self):
        """What could not be compiled, a line each; once where every executor says the same."""
        found: dict = {}
        for (style, executor), text in self.failures.items():
            found.setdefault((style, text), []).append(executor)
        return [
            f"{style} is not compiled ({', '.join(executors)}): {text}"
            for (style, text), executors in found.items()
        ]


def executors_for(device):
    """The executors that run on the device; the last is the fastest."""
    return ("numpy", "native") if device == "cpu" and native() else ("numpy",)


def compile_styles(fresh, batches, learning_rate, device, tick):
    """Train what fresh() gives, eager and compiled, side by side; tick() is called once a step."""
    reference, *_ = fresh()
    batches = batches[:CHECKED_STEPS]
    found = Compilation(executors_for(device)[-1])
    runs = [
        (claim_about(executor, len(batches), learning_rate), executor,
         [style.compile(executor) for style in fresh()])
        for executor in executors_for(device)
    ]  # fmt: skip
    for number, batch in enumerate(batches, 1):
        wanted = after(reference, reference.step(*batch))
        for finding, executor, styles in runs:
            for style in list(styles):
                loss = advance(style, executor, batch, number, found)
                if loss is None:
                    styles.remove(style)
                else:
                    check(finding, f"step {number}", style, wanted, after(style, loss))
        tick()
    wanted = {"output": reference.outputs(batches[-1][0])}
    for finding, _, styles in runs:
        for style in styles:
            now = {"output": style.outputs(batches[-1][0])}
            check(finding, f"after step {len(batches)}", style, wanted, now)
    found.styles = runs[-1][2]
    found.findings = [finding for finding, *_ in runs if finding.compared]
    found.graph = picture(found, fresh, batches[0])
    return found


def claim_about(executor, count, learning_rate):
    """What a compiled step owes the eager one."""
    text = f"{count} steps compiled ({executor}): loss, parameters, output"
    return Finding(text) if executor == "numpy" else Closeness(text, walk=2 * learning_rate * count)


def after(style, loss):
    """{kind: {leaf: array}} to compare after a step."""
    return {"loss": {"loss": host(loss)}, "parameters": style.leaves()}


def check(finding, place, style, wanted, now):
    """Compare all kinds of leaves of a compiled style with those of the eager reference."""
    for kind, leaves in wanted.items():
        names = ("eager oop", f"compiled {style.name}")
        finding.check(place, leaves, now[kind], names, kind)


def advance(style, executor, batch, number, found):
    """The loss of one step; None where the style cannot be compiled."""
    start = time.perf_counter()
    try:
        loss = style.step(*batch)
    except Exception as error:  # a user's own code, and whatever it does
        line = (str(error).splitlines() or [""])[0]
        found.failures[style.name, executor] = f"{type(error).__name__}: {line}"
        return None
    if executor == found.executor and number <= STARTING_STEPS:
        spent = time.perf_counter() - start
        found.starts[style.name] = found.starts.get(style.name, 0.0) + spent
    return loss


def picture(found, fresh, batch):
    """(style, count of equations, SVG) of a step of the first functional style that is compiled."""
    there = {style.name for style in found.styles}
    for style in fresh()[1:]:
        if style.name in there:
            graph = style.graph(*batch)
            return style.name, len(graph.equations), graph.draw()
    return ()
