"""How good is a trained model on what it has not seen?  One number, and what it should reach."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


def accuracy(output, labels):
    """The share of rows whose largest entry stands at the label."""
    return float(np.mean(np.argmax(output, axis=-1) == labels))


def mean_loss(output, labels):
    """-log softmax(output) at the label, averaged, in double precision."""
    x = np.asarray(output, np.float64)
    x = x - x.max(axis=-1, keepdims=True)
    chosen = np.take_along_axis(x, labels[..., None], axis=-1)[..., 0]
    return float(np.mean(np.log(np.exp(x).sum(axis=-1)) - chosen))


@dataclass(frozen=True)
class Quality:
    """A measure of (output, labels), whether more of it is better, and the words for it.

    name: as in "the test accuracy"; heading and column: of its section and its columns; written:
    how a value is shown; aim: the sentence about a goal.
    """

    name: str
    heading: str
    column: str
    measure: Callable
    more_is_better: bool
    written: str
    aim: str

    def problem(self, found, goal):
        """What is wrong with {style: value}, in words; '' where nothing is. goal: None for none."""
        if len(set(found.values())) > 1:
            each = ", ".join(f"{style} {value:.4g}" for style, value in found.items())
            return f"the styles differ in {self.name}: {each}"
        if goal is None or not found:
            return ""
        worst = min(found.values()) if self.more_is_better else max(found.values())
        if self.more_is_better and worst < goal:
            return f"the {self.name} is {worst:.4f}, below the goal of {goal}"
        if not self.more_is_better and not worst < goal:
            return f"the {self.name} is {worst:.4f}, not below the {goal:.4f} to beat"
        return ""


ACCURACY = Quality(
    name="test accuracy",
    heading="Accuracy on images it has not seen",
    column="accuracy",
    measure=accuracy,
    more_is_better=True,
    written="{:.2%}",
    aim="The goal is at least {:.0%}.",
)
HELD_OUT_LOSS = Quality(
    name="held-out loss",
    heading="Loss on text it has not seen",
    column="held-out",
    measure=mean_loss,
    more_is_better=False,
    written="{:.4f}",
    aim="To beat: {:.4f}, the loss of guessing each character by how often it occurs.",
)
