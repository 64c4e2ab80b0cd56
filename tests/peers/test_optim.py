"""The optimisers against torch's: twenty steps in float64."""

import numpy as np
import pytest

from wonderland import oop
from wonderland.oop import optim

pytestmark = pytest.mark.peers

torch = pytest.importorskip("torch")

RNG = np.random.default_rng(0)
P, GRADIENTS = RNG.standard_normal((3, 2)), RNG.standard_normal((20, 3, 2))
CASES = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1, "maximize": True}),
    ("SGD", {}),
    ("Adam", {}),
    ("Adam", {"lr": 0.1, "betas": (0.8, 0.9), "eps": 1e-4, "weight_decay": 0.1}),
    ("Adam", {"lr": 0.1, "amsgrad": True}),
    ("Adam", {"lr": 0.1, "maximize": True}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.1, "weight_decay": 0.5, "amsgrad": True}),
]
SCHEDULERS = [
    ("StepLR", {"step_size": 3}),
    ("MultiStepLR", {"milestones": [2, 5, 5], "gamma": 0.5}),
    ("ExponentialLR", {"gamma": 0.8}),
    ("LinearLR", {"start_factor": 0.25, "total_iters": 4}),
    ("CosineAnnealingLR", {"T_max": 6, "eta_min": 0.01}),
    ("OneCycleLR", {"max_lr": 0.3, "total_steps": 21}),
    (
        "OneCycleLR",
        {
            "max_lr": 0.3,
            "epochs": 5,
            "steps_per_epoch": 5,
            "pct_start": 0.4,
            "anneal_strategy": "linear",
            "three_phase": True,
            "div_factor": 10,
        },
    ),
    ("LambdaLR", {"lr_lambda": lambda epoch: 1 / (1 + epoch)}),
]


def run(library, tensor, scheduler, name, options):
    p = tensor(P.copy())
    p.requires_grad_(True)
    optimizer = getattr(library, name)([p], **options)
    schedule = scheduler and getattr(library.lr_scheduler, scheduler[0])(optimizer, **scheduler[1])
    rates = []
    for g in GRADIENTS:
        optimizer.zero_grad()
        (p * tensor(g)).sum().backward()
        optimizer.step()
        if schedule:
            schedule.step()
            rates.append(schedule.get_last_lr()[0])
    return p.detach().numpy(), rates, optimizer


@pytest.mark.parametrize(("name", "options"), CASES)
def test_twenty_steps(name, options):
    ours, _, mine = run(optim, oop.Tensor, None, name, options)
    theirs, _, other = run(torch.optim, torch.tensor, None, name, options)
    np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=1e-13)
    for key, value in other.state_dict()["state"].get(0, {}).items():
        found = mine.state_dict()["state"][0][key]
        np.testing.assert_allclose(
            getattr(found, "value", found), np.asarray(value), rtol=1e-11, atol=1e-13
        )


@pytest.mark.parametrize(("scheduler", "options"), SCHEDULERS)
def test_schedulers(scheduler, options):
    ours, rates, _ = run(optim, oop.Tensor, (scheduler, options), "SGD", {"lr": 0.1})
    theirs, expected, _ = run(torch.optim, torch.tensor, (scheduler, options), "SGD", {"lr": 0.1})
    np.testing.assert_allclose(rates, expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


@pytest.mark.parametrize(("name", "defaults"), [("SGD", {}), ("Adam", {}), ("AdamW", {})])
def test_defaults(name, defaults):
    mine = getattr(optim, name)([oop.Tensor(P, requires_grad=True)]).defaults
    theirs = getattr(torch.optim, name)([torch.tensor(P, requires_grad=True)]).defaults
    assert {k: theirs[k] for k in mine} == mine
