"""Number 42 of PURIFY.md: frozen leaves get no gradient and no weight decay."""

import numpy as np
import pytest

from tests.purify.models import X, bits, mlp, same
from wonderland import functional as wf
from wonderland import oop
from wonderland.functional import optim as foptim
from wonderland.oop import optim
from wonderland.purify import combine, partition, purify


def trained(pure, chosen, steps=3):
    """(parameters, gradients of the last step) with weight decay, some leaves frozen."""
    train, frozen = partition(pure.init()[0], chosen)
    adamw = foptim.adamw(0.1, weight_decay=0.5)
    memory = adamw.init(train)
    for _ in range(steps):
        gradients = wf.grad(lambda t: (pure(combine(t, frozen), X) ** 2).sum())(train)
        updates, memory = adamw.update(gradients, memory, train)
        train = foptim.apply_updates(train, updates)
    return combine(train, frozen), gradients


def test_42_freezing_by_a_predicate():
    pure = purify(mlp())
    before = pure.init()[0]
    params, gradients = trained(pure, lambda name: name.startswith("2."))
    assert {n for n, g in gradients.items() if g is None} == {"0.weight", "0.bias"}
    assert {n for n in before if bits(params[n]) != bits(before[n])} == {"2.weight", "2.bias"}


def test_42_freezing_by_requires_grad_trains_as_the_stateful_model_does():
    model = mlp()
    model[0].requires_grad_(False)
    pure = purify(model)
    assert pure.trainable == ["2.weight", "2.bias"]
    params, _ = trained(pure, pure.trainable)
    optimizer = optim.AdamW(model.parameters(), lr=0.1, weight_decay=0.5)
    for _ in range(3):
        optimizer.zero_grad()
        (model(oop.tensor(X)) ** 2).sum().backward()
        optimizer.step()
    assert same(params, dict(model.named_parameters()))


def test_42_a_frozen_parameter_is_a_constant_of_the_call():
    model = mlp()
    pure = purify(model)
    params, _ = pure.init()
    loss = wf.grad(lambda p: (pure(p, X) ** 2).sum())
    every = loss(params)
    model[0].weight.requires_grad_(False)
    some = loss(params)
    assert every["0.weight"].any() and not some["0.weight"].any()
    assert all(bits(some[n]) == bits(every[n]) for n in params if n != "0.weight")
    _, tangent = wf.jvp(lambda p: pure(p, X), (params,), (params,))
    _, expected = wf.jvp(
        lambda p: pure({**p, "0.weight": params["0.weight"]}, X), (params,), (params,)
    )
    assert bits(tangent) == bits(expected)


def test_partition_takes_any_pytree():
    params = {"a": [np.ones(1), np.zeros(1)], "b": {"c": np.ones(2)}}
    train, rest = partition(params, ["a.1", "b.c"])
    assert train["a"][0] is None and rest["a"][1] is None and rest["b"] == {"c": None}
    back = combine(train, rest)
    assert all(x is y for x, y in zip(*map(wf.tree.leaves, (back, params)), strict=True))
    assert combine(*partition(params, "b.c"))["b"]["c"] is params["b"]["c"]


def test_three_parts():
    a, rest = partition({"x": 1, "y": 2, "z": 3}, "x")
    b, c = partition(rest, "y")
    assert combine(a, b, c) == {"x": 1, "y": 2, "z": 3}


def test_errors():
    with pytest.raises(KeyError, match="partition: params has no 'w', 'x'"):
        partition({"a": 1}, ["x", "a", "w"])
    with pytest.raises(
        ValueError, match="combine: 2 of 2 parts have a leaf at 'a'; exactly one must"
    ):
        combine({"a": 1}, {"a": 2})
    with pytest.raises(ValueError, match="combine: 0 of 2 parts have a leaf at 'a'"):
        combine({"a": None}, {"a": None})
    with pytest.raises(ValueError, match="combine: structures differ"):
        combine({"a": None}, {"b": 1})
