"""What makes a pair of hand-written models comparable."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Twin:
    """One model in both styles, and how it is trained.

    name           what `--models` calls it; title and about: for the report
    module         () -> nn.Module
    layer          () -> functional Layer with the same parameter paths
    data           () -> Data
    oop_loss       (model output, labels) -> Tensor, and functional_loss the same on arrays
    learning_rate  of Adam, in both styles
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
    accuracy_goal: float


@dataclass(frozen=True)
class Data:
    """Training and test sets: x float32 (n, features), y int64 (n,)."""

    train_x: object
    train_y: object
    test_x: object
    test_y: object
