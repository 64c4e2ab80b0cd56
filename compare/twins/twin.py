"""What makes a pair of hand-written models comparable."""

from collections.abc import Callable
from dataclasses import dataclass

from ..quality import ACCURACY, HELD_OUT_LOSS


@dataclass(frozen=True)
class Twin:
    """One model in both styles, and how it is trained.

    name           what `--models` calls it; title and about: for the report
    module         () -> nn.Module
    layer          () -> functional Layer with the same parameter paths
    data           () -> Data
    oop_loss       (model output, labels) -> Tensor, and functional_loss the same on arrays
    learning_rate  of Adam, in both styles
    accuracy_goal  the share of right answers on the test set that it must reach; or
    baseline       Data -> the loss on the test set that it must stay below
    samples        what x holds many of, for the report
    timed_steps    how many steps are timed
    """

    name: str
    title: str
    about: str
    module: Callable
    layer: Callable
    data: Callable
    oop_loss: Callable
    functional_loss: Callable
    learning_rate: float
    batch_size: int
    accuracy_goal: float | None = None
    baseline: Callable | None = None
    samples: str = "images"
    timed_steps: int = 300

    @property
    def quality(self):
        """What is measured on the test set."""
        return ACCURACY if self.baseline is None else HELD_OUT_LOSS

    def goal(self, data):
        """What the measure should reach, or None."""
        return self.accuracy_goal if self.baseline is None else self.baseline(data)


@dataclass(frozen=True)
class Data:
    """Training and test sets.

    x: float32 (n, features) or more axes, or integers (n, length); y: int64 (n,), or (n, length).
    """

    train_x: object
    train_y: object
    test_x: object
    test_y: object
