"""The optimisers of both paradigms are one rule: the same bits after every step."""

import numpy as np
import pytest

from wonderland import oop
from wonderland.functional import optim
from wonderland.oop.optim import SGD, Adam, AdamW

SHAPES = {"a": (4, 3), "b": (3,), "c": (), "d": (1, 5), "e": (0, 2)}
TWINS = {
    "sgd": (optim.sgd(0.1), SGD, {"lr": 0.1}),
    "sgd decay": (optim.sgd(0.1, weight_decay=0.01), SGD, {"lr": 0.1, "weight_decay": 0.01}),
    "momentum": (optim.sgd(0.1, 0.9), SGD, {"lr": 0.1, "momentum": 0.9}),
    "dampening": (
        optim.sgd(0.1, 0.9, dampening=0.5),
        SGD,
        {"lr": 0.1, "momentum": 0.9, "dampening": 0.5},
    ),
    "nesterov": (
        optim.sgd(0.1, 0.9, nesterov=True, weight_decay=0.01),
        SGD,
        {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
    ),
    "adam": (optim.adam(0.1), Adam, {"lr": 0.1}),
    "adam decay": (
        optim.adam(0.1, 0.8, 0.9, 1e-6, 0.01),
        Adam,
        {"lr": 0.1, "betas": (0.8, 0.9), "eps": 1e-6, "weight_decay": 0.01},
    ),
    "adamw": (optim.adamw(0.1), AdamW, {"lr": 0.1}),
}


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("twin", TWINS)
def test_twenty_steps_have_the_same_bits(twin, dtype):
    functional, kind, options = TWINS[twin]
    rng = np.random.default_rng(0)
    params = {k: np.asarray(rng.standard_normal(s)).astype(dtype) for k, s in SHAPES.items()}
    tensors = {k: oop.Tensor(v.copy(), requires_grad=True) for k, v in params.items()}
    memory = {k: t.value for k, t in tensors.items()}
    optimizer, state = kind(tensors.values(), **options), functional.init(params)
    for _ in range(20):
        gradients = {k: np.asarray(rng.standard_normal(s)).astype(dtype) for k, s in SHAPES.items()}
        updates, state = functional.update(gradients, state, params)
        params = optim.apply_updates(params, updates)
        for k, t in tensors.items():
            t.grad = oop.Tensor(gradients[k])
        optimizer.step()
        for k, t in tensors.items():
            assert t.value.dtype == np.asarray(params[k]).dtype == dtype
            assert t.value.tobytes() == np.asarray(params[k]).tobytes(), k
            assert t.value is memory[k]
