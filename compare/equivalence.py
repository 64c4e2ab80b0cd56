"""Are these the same program?  Compared on the bytes, with the first differing step and leaf."""

from dataclasses import dataclass, field

import numpy as np

from ..shared.backend import host


@dataclass
class Finding:
    """One claim of equality: whether it holds, or where it first fails."""

    claim: str
    holds: bool = True
    difference: str = ""
    compared: int = 0

    def check(self, place, one, other, names):
        """Compare two {name: array}; note the first difference at `place`."""
        if not self.holds:
            return
        if one.keys() != other.keys():
            missing = sorted(one.keys() ^ other.keys())
            self.holds, self.difference = False, f"{place}: leaves {missing} on one side only"
            return
        for leaf, x in one.items():
            y = other[leaf]
            self.compared += 1
            if not same_bits(x, y):
                self.holds = False
                self.difference = f"{place}, leaf {leaf!r}: {names[0]} and {names[1]} {apart(x, y)}"
                return


def same_bits(x, y):
    """True for equal shape, dtype and bytes."""
    x, y = np.asarray(x), np.asarray(y)
    return x.shape == y.shape and x.dtype == y.dtype and x.tobytes() == y.tobytes()


def apart(x, y):
    """How far two leaves are apart, in words."""
    x, y = np.asarray(x), np.asarray(y)
    if x.shape != y.shape or x.dtype != y.dtype:
        return f"are {x.dtype}{list(x.shape)} and {y.dtype}{list(y.shape)}"
    differing = np.count_nonzero(x != y)
    largest = np.max(np.abs(x - y)) if x.size else 0
    return f"differ in {differing} of {x.size} entries, at most by {largest:.3g}"


@dataclass
class Training:
    """What came of training the styles side by side."""

    findings: list
    losses: dict = field(default_factory=dict)
    accuracies: dict = field(default_factory=dict)

    @property
    def holds(self):
        """True where every claim holds."""
        return all(finding.holds for finding in self.findings)


def train_side_by_side(styles, batches, test_x, test_y, tick):
    """Run all styles in lockstep and compare after every step; tick() is called once a step."""
    forward = Finding("forward: the outputs on the test set")
    gradients = Finding("gradients: the loss and every leaf, first batch")
    steps = Finding(f"training: loss and every parameter, {len(batches)} steps")
    first, others = styles[0], styles[1:]
    for other in others:
        names = (first.name, other.name)
        forward.check("forward", output(first, test_x), output(other, test_x), names)
        gradients.check("gradients", slopes(first, batches[0]), slopes(other, batches[0]), names)
    losses = {style.name: [] for style in styles}
    for number, (x, y) in enumerate(batches, 1):
        for style in styles:
            losses[style.name].append(host(style.step(x, y)))
        if steps.holds:
            one = first.parameters() | {"loss": losses[first.name][-1]}
            for other in others:
                two = other.parameters() | {"loss": losses[other.name][-1]}
                steps.check(f"step {number}", one, two, (first.name, other.name))
        tick()
    right = {s.name: accuracy(host(s.logits(test_x)), host(test_y)) for s in styles}
    return Training([forward, gradients, steps], losses, right)


def output(style, x):
    """The output, as a table of leaves."""
    return {"output": host(style.logits(x))}


def slopes(style, batch):
    """The loss and the gradients, as a table of leaves."""
    loss, gradients = style.gradients(*batch)
    return gradients | {"loss": host(loss)}


def accuracy(logits, labels):
    """The share of rows whose largest entry stands at the label."""
    return float(np.mean(np.argmax(logits, axis=1) == labels))
