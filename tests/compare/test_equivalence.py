import numpy as np
import pytest

from wonderland.compare.equivalence import Finding, difference, train_side_by_side
from wonderland.compare.quality import ACCURACY


@pytest.mark.parametrize(
    ("x", "y", "text"),
    [
        (np.float32([1, 2]), np.float32([1, 2]), ""),
        (np.float32([np.nan]), np.float32([np.nan]), ""),
        (np.float32([1, 2]), np.float64([1, 2]), "are float32[2] and float64[2]"),
        (np.zeros((2, 1)), np.zeros(2), "are float64[2, 1] and float64[2]"),
        (np.ones((1, 2)), np.eye(1, 2), "differ in 1 of 2 entries, first [0, 1]: 1.0 and 0.0"),
        (np.zeros(3), np.full(3, -0.0), "differ in 3 of 3 entries, first [0]: 0.0 and -0.0"),
        (np.array(True), np.array(False), "differ in 1 of 1 entries, True and False"),
    ],
)  # fmt: skip
def test_difference_is_of_bytes(x, y, text):
    assert difference(x, y) == text


def test_a_finding_keeps_the_first_difference():
    finding = Finding("claim")
    finding.check("step 1", {"a": np.ones(2)}, {"a": np.ones(2)}, ("oop", "purified"))
    assert finding.holds and finding.compared == 1
    for step in (2, 3):
        other = {"a": np.ones(2), "b": np.arange(2.0)}
        finding.check(
            f"step {step}", {"a": np.ones(2), "b": np.ones(2)}, other, ("oop", "purified")
        )
    assert finding.difference.startswith("step 2, leaf 'b': oop and purified differ in 1 of 2")


def test_a_leaf_that_one_side_lacks():
    finding = Finding("claim")
    finding.check("step 1", {"a": np.ones(2)}, {"b": np.ones(2)}, ("oop", "purified"))
    assert finding.difference == "step 1, leaf 'a': only oop has it"


class Countdown:
    """A model of one leaf, which halves it; different from `step` on where a fault is planted."""

    def __init__(self, name, fault=0):
        self.name, self.fault, self.steps, self.w = name, fault, 0, np.float32([8, 4])

    def leaves(self):
        return {"w": self.w, "b": np.zeros(1)}

    def outputs(self, x):
        return {"output": self.w * x}

    def output(self, x):
        return self.w * x

    def gradients(self, x, y):
        return {"loss": self.w.sum(), "w": self.w}

    def step(self, x, y):
        self.steps += 1
        self.w = self.w / 2
        if self.steps == self.fault:
            self.w = np.nextafter(self.w, np.float32(1))
        return np.float32(1 / self.steps)


def test_equal_styles():
    ticks = []
    styles = [Countdown("one"), Countdown("two"), Countdown("three")]
    batches = [(np.ones((3, 1)), np.zeros(3))] * 9
    training = train_side_by_side(styles, batches, np.ones((3, 1)), lambda: ticks.append(1))
    assert training.holds and len(ticks) == 9
    assert [f.compared for f in training.findings] == [4, 2, 4, 54]
    assert (
        training.losses["one"]
        == training.losses["three"]
        == [float(np.float32(1 / i)) for i in range(1, 10)]
    )


def test_the_first_differing_step_and_leaf_are_named():
    styles = [Countdown("one"), Countdown("two"), Countdown("three", fault=7)]
    batches = [(np.ones((3, 1)), np.zeros(3))] * 9
    training = train_side_by_side(styles, batches, np.ones((3, 1)), lambda: None)
    *before, steps = training.findings
    assert not training.holds and all(f.holds for f in before)
    assert steps.difference.startswith("step 7, leaf 'w': one and three differ in 2 of 2 entries")


def test_how_good_each_style_is():
    style = Countdown("one")
    training = train_side_by_side([style], [(np.ones((4, 1)), None)], np.ones((4, 1)), lambda: None)
    training.measure_quality([style], np.ones((4, 1)), np.array([0, 0, 0, 1]), ACCURACY)
    assert training.qualities == {"one": 0.75}
