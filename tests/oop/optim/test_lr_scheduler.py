import math

import numpy as np
import pytest

from wonderland import oop
from wonderland.oop.optim import SGD
from wonderland.oop.optim import lr_scheduler as lr


@pytest.fixture
def optimizer():
    groups = [{"params": [oop.Tensor(np.ones(2), requires_grad=True)], "lr": x} for x in (1.0, 0.5)]
    return SGD(groups, lr=0.1)


FORMULAS = {
    "StepLR": (lambda o: lr.StepLR(o, 3, gamma=0.5), lambda t: 0.5 ** (t // 3)),
    "MultiStepLR": (
        lambda o: lr.MultiStepLR(o, [4, 2]),
        lambda t: 0.1 ** ((t >= 2) + (t >= 4)),
    ),
    "ExponentialLR": (lambda o: lr.ExponentialLR(o, 0.9), lambda t: 0.9**t),
    "LinearLR": (lambda o: lr.LinearLR(o, 0.5, total_iters=4), lambda t: 0.5 + 0.125 * min(t, 4)),
    "CosineAnnealingLR": (
        lambda o: lr.CosineAnnealingLR(o, 4),
        lambda t: (1 + math.cos(math.pi * t / 4)) / 2,
    ),
    "LambdaLR": (lambda o: lr.LambdaLR(o, lambda t: 1 / (1 + t)), lambda t: 1 / (1 + t)),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_the_rates_of_all_groups_follow_the_formula(optimizer, name):
    make, factor = FORMULAS[name]
    scheduler = make(optimizer)
    for t in range(8):
        assert scheduler.last_epoch == t
        assert scheduler.get_last_lr() == pytest.approx([factor(t), 0.5 * factor(t)], abs=1e-15)
        assert [g["lr"] for g in optimizer.param_groups] == scheduler.get_last_lr()
        optimizer.step()
        scheduler.step()


@pytest.mark.parametrize("name", FORMULAS)
def test_a_scheduler_goes_on_from_its_state_dict(optimizer, name):
    make, factor = FORMULAS[name]
    first = make(optimizer)
    first.step(), first.step()
    saved = first.state_dict()
    assert not {"optimizer", "lr_lambdas"} & set(saved)
    second = make(optimizer)
    second.load_state_dict(saved)
    second.step()
    assert second.get_last_lr() == pytest.approx([factor(3), 0.5 * factor(3)], abs=1e-15)


def test_a_lower_end_for_the_cosine(optimizer):
    scheduler = lr.CosineAnnealingLR(optimizer, 2, eta_min=0.25)
    scheduler.step(2)
    assert scheduler.get_last_lr() == [0.25, 0.25]


def test_one_function_per_group(optimizer):
    scheduler = lr.LambdaLR(optimizer, [lambda t: 1.0, lambda t: 2.0])
    assert scheduler.get_last_lr() == [1.0, 1.0]
    with pytest.raises(ValueError, match="LambdaLR: there are 1 functions but 2 groups"):
        lr.LambdaLR(optimizer, [lambda t: 1.0])


def test_to_continue_needs_the_initial_rate(optimizer):
    with pytest.raises(KeyError, match="group 0 has no 'initial_lr' to continue epoch 3"):
        lr.ExponentialLR(optimizer, 0.9, last_epoch=3)
    lr.ExponentialLR(optimizer, 0.5)
    scheduler = lr.ExponentialLR(optimizer, 0.5, last_epoch=1)
    assert scheduler.get_last_lr() == [0.25, 0.125]


def test_a_schedule_of_ones_own_says_its_rate(optimizer):
    with pytest.raises(NotImplementedError):
        lr.LRScheduler(optimizer)
