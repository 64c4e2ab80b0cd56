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


def test_a_plateau_lowers_the_rates_once_patience_is_over(optimizer):
    scheduler = lr.ReduceLROnPlateau(optimizer, factor=0.5, patience=1, cooldown=1, min_lr=0.2)
    found = []
    for metric in (3.0, 3.0, oop.tensor(3.0), 3.0, 3.0, 3.0, 2.0, 2.0):
        scheduler.step(metric)
        found.append(scheduler.get_last_lr()[0])
    assert found == [1.0, 1.0, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25]
    assert optimizer.param_groups[1]["lr"] == 0.2 and scheduler.best == 2.0


@pytest.mark.parametrize("mode", ["min", "max"])
def test_what_a_plateau_calls_better(optimizer, mode):
    sign = 1 if mode == "min" else -1
    scheduler = lr.ReduceLROnPlateau(optimizer, mode, threshold=0.1, threshold_mode="abs")
    assert scheduler.is_better(sign * 1e9)
    scheduler.step(2.0)
    assert scheduler.is_better(2 - sign * 0.2) and not scheduler.is_better(2 - sign * 0.05)
    scheduler = lr.ReduceLROnPlateau(optimizer, mode, threshold=0.1)
    scheduler.step(2.0)
    assert scheduler.is_better(2 - sign * 0.3) and not scheduler.is_better(2 - sign * 0.1)


def test_one_cycle_turns_the_momentum_the_other_way():
    adam = oop.optim.Adam([oop.Tensor(np.ones(2), requires_grad=True)])
    scheduler = lr.OneCycleLR(adam, 1.0, total_steps=10, anneal_strategy="linear", pct_start=0.5)
    group = adam.param_groups[0]
    assert (group["lr"], group["betas"]) == (0.04, (0.95, 0.999))
    for _ in range(4):
        scheduler.step()
    assert (group["lr"], group["betas"]) == (1.0, (0.85, 0.999))
    for _ in range(6):
        scheduler.step()
    assert group["lr"] == pytest.approx(4e-6) and group["betas"][0] == pytest.approx(0.95)
    with pytest.raises(ValueError, match="OneCycleLR: step 11 is beyond total_steps, 10"):
        scheduler.step()


def test_bad_schedules_are_refused(optimizer):
    text = "OneCycleLR: give total_steps, or epochs and steps_per_epoch"
    with pytest.raises(ValueError, match=text):
        lr.OneCycleLR(optimizer, 1.0, epochs=3)
    with pytest.raises(ValueError, match="anneal_strategy is 'cos' or 'linear', not 'exp'"):
        lr.OneCycleLR(optimizer, 1.0, 10, anneal_strategy="exp")
    with pytest.raises(ValueError, match="OneCycleLR: max_lr has 1 values but there are 2 groups"):
        lr.OneCycleLR(optimizer, [1.0], 10)
    with pytest.raises(ValueError, match=r"ReduceLROnPlateau: factor is 1\.5 but must be less"):
        lr.ReduceLROnPlateau(optimizer, factor=1.5)
    with pytest.raises(ValueError, match="ReduceLROnPlateau: mode is 'min' or 'max', not 'low'"):
        lr.ReduceLROnPlateau(optimizer, mode="low")
    plain = oop.optim.SGD([oop.Tensor(np.ones(2), requires_grad=True)], lr=0.1)
    del plain.param_groups[0]["momentum"]
    with pytest.raises(ValueError, match="neither momentum nor betas to cycle; pass cycle_mom"):
        lr.OneCycleLR(plain, 1.0, 10)
