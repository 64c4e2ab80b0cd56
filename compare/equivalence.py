"""Are these the same program?  Compared on the bytes, with the first differing step and leaf."""

from dataclasses import dataclass, field

import numpy as np

from ..shared.backend import host
from ..shared.testing.closeness import first_other_bit


@dataclass
class Finding:
    """One claim of equality: whether it holds, or where it first fails.

    compared: how many pairs of arrays were compared, byte by byte.
    """

    claim: str
    difference: str = ""
    compared: int = 0

    @property
    def holds(self):
        """True where no difference was found."""
        return not self.difference

    @property
    def word(self):
        """What was found, in a word."""
        return "equal" if self.holds else "DIFFERS"

    @property
    def detail(self):
        """What else there is to say of it."""
        return self.difference

    @property
    def result(self):
        """What was found, in words."""
        return f"{self.word}: {self.detail}" if self.detail else self.word

    def check(self, place, one, other, names, kind=""):
        """Compare two {leaf: array} of a kind, of the styles `names`; keep the first difference."""
        if not self.holds:
            return
        alone = sorted(one.keys() ^ other.keys())
        if alone:
            owner = names[0] if alone[0] in one else names[1]
            self.difference = f"{place}, leaf {alone[0]!r}: only {owner} has it"
            return
        for leaf, x in one.items():
            self.compared += 1
            found = self.difference_of(x, other[leaf], kind)
            if found:
                self.difference = f"{place}, leaf {leaf!r}: {names[0]} and {names[1]} {found}"
                return

    def difference_of(self, x, y, kind):
        """'' where two leaves are what the claim says; else what differs, in words."""
        return difference(x, y)


def difference(x, y):
    """'' for the same shape, dtype and bytes; else how two leaves differ, in words."""
    x, y = np.asarray(x), np.asarray(y)
    if x.shape != y.shape or x.dtype != y.dtype:
        return f"are {x.dtype}{list(x.shape)} and {y.dtype}{list(y.shape)}"
    if x.tobytes() == y.tobytes():
        return ""
    index = first_other_bit(x, y)
    entry = f"first {list(index)}: " if index else ""
    count = count_differing(x, y)
    return f"differ in {count} of {x.size} entries, {entry}{x[index]!s} and {y[index]!s}"


def count_differing(x, y):
    """The number of entries whose bytes differ."""
    bits = [np.frombuffer(a.tobytes(), np.uint8).reshape(a.size, -1) for a in (x, y)]
    return int(np.count_nonzero((bits[0] != bits[1]).any(axis=1)))


@dataclass
class Training:
    """What came of training the styles side by side: findings, {style: losses, quality}."""

    findings: list
    losses: dict
    qualities: dict = field(default_factory=dict)

    @property
    def holds(self):
        """True where every claim holds."""
        return all(finding.holds for finding in self.findings)

    def measure_quality(self, styles, x, y, quality):
        """Note how good each style is on what it has not seen."""
        for style in styles:
            self.qualities[style.name] = quality.measure(host(style.output(x)), host(y))


def train_side_by_side(styles, batches, test_x, tick):
    """Run all styles in lockstep and compare after every step; tick() is called once a step."""
    losses = {style.name: [] for style in styles}
    findings = before_training(styles, batches[0], test_x)
    steps = Finding(f"{len(batches)} training steps: the loss and every parameter")
    for number, (x, y) in enumerate(batches, 1):
        for style in styles:
            losses[style.name].append(host(style.step(x, y)))
        if steps.holds:
            last = {name: values[-1] for name, values in losses.items()}
            against_first(
                steps,
                f"step {number}",
                styles,
                lambda s, now=last: {"loss": now[s.name], **s.leaves()},
            )
        tick()
    return Training([*findings, steps], {n: [float(v) for v in vs] for n, vs in losses.items()})


def before_training(styles, batch, test_x):
    """The claims about the untrained models: initial values, outputs, gradients."""
    initial = Finding("initial values: every parameter")
    forward = Finding("forward: the output")
    gradients = Finding("gradients: the loss and every gradient")
    against_first(initial, "before training", styles, lambda style: style.leaves())
    against_first(forward, "forward", styles, lambda style: style.outputs(test_x))
    against_first(gradients, "first batch", styles, lambda style: style.gradients(*batch))
    return [initial, forward, gradients]


def against_first(finding, place, styles, table):
    """Check table(style), a {leaf: array}, of every style against that of the first."""
    first, *others = [(style.name, table(style)) for style in styles]
    for name, other in others:
        finding.check(place, first[1], other, (first[0], name))
