"""Number 47 of PURIFY.md: an optimiser's state by parameter name, and its step as a function."""

import copy

import numpy as np
import pytest

from tests.purify.models import X, bits, fingerprint, mlp, same
from wonderland import functional as wf
from wonderland import oop
from wonderland.functional import optim as foptim
from wonderland.oop import optim
from wonderland.purify import purify, purify_optimizer

OPTIMISERS = {
    "sgd": lambda p: optim.SGD(p, lr=0.1, weight_decay=0.1),
    "momentum": lambda p: optim.SGD(p, lr=0.1, momentum=0.9, dampening=0.3),
    "nesterov": lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, maximize=True),
    "adam": lambda p: optim.Adam(p, lr=0.1, weight_decay=0.1),
    "amsgrad": lambda p: optim.Adam(p, lr=0.1, amsgrad=True),
    "adamw": lambda p: optim.AdamW(p, lr=0.1),
}


def step(model, optimizer):
    optimizer.zero_grad()
    (model(oop.tensor(X)) ** 2).sum().backward()
    optimizer.step()


def functional_step(pure, update, params, memory):
    gradients = wf.grad(lambda p: (pure(p, X) ** 2).sum())(params)
    updates, memory = update(gradients, memory, params)
    return foptim.apply_updates(params, updates), memory


@pytest.fixture(params=OPTIMISERS)
def make(request):
    return OPTIMISERS[request.param]


def by_name(model, optimizer):
    """{'name/entry': value} of an optimiser's state."""
    names = {p: n for n, p in model.named_parameters()}
    return {
        f"{names[p]}/{key}": np.asarray(getattr(x, "value", x))
        for p, s in optimizer.state.items()
        for key, x in s.items()
    }


def flat(memory):
    return {f"{n}/{key}": np.asarray(x) for n, s in memory.items() for key, x in s.items()}


def test_47_steps_equal_those_of_the_stateful_optimiser_from_any_point_on(make):
    model = mlp()
    optimizer = make(model.parameters())
    for _ in range(3):
        step(model, optimizer)
    pure = purify(copy.deepcopy(model))
    init, update = purify_optimizer(optimizer, model)
    params = pure.init()[0]
    memory = init(params)
    assert same(flat(memory), by_name(model, optimizer))
    for _ in range(3):
        before = fingerprint(params, flat(memory))
        again, other = functional_step(pure, update, params, memory)
        assert fingerprint(params, flat(memory)) == before
        params, memory = again, other
        step(model, optimizer)
        assert same(params, dict(model.named_parameters()))
        assert same(flat(memory), by_name(model, optimizer))


def test_47_a_call_never_changes_the_optimiser(make):
    model = mlp()
    optimizer = make(model.parameters())
    step(model, optimizer)
    before = fingerprint(by_name(model, optimizer)), repr(optimizer)
    init, update = purify_optimizer(optimizer, model)
    params = purify(model).init()[0]
    functional_step(purify(model), update, params, init(params))
    assert (fingerprint(by_name(model, optimizer)), repr(optimizer)) == before


def test_47_state_goes_back_and_the_order_of_parameters_is_harmless(make):
    model = mlp()
    optimizer = make(model.parameters())
    for _ in range(2):
        step(model, optimizer)
    pure = purify_optimizer(optimizer, model)
    memory = pure.init(purify(model).init()[0])

    other = copy.deepcopy(model)
    turned = make(reversed(list(other.parameters())))
    purify_optimizer(turned, other).write_back(memory)
    for _ in range(2):
        step(model, optimizer)
        step(other, turned)
    assert same(dict(model.named_parameters()), dict(other.named_parameters()))
    assert same(by_name(model, optimizer), by_name(other, turned))
    assert same(flat(memory), flat(pure.init(purify(model).init()[0]))) is (not memory)


def test_47_groups_keep_their_options():
    model = mlp()
    optimizer = optim.SGD(
        [{"params": model[0].parameters(), "lr": 0.5}, {"params": model[2].parameters()}], lr=0.1
    )
    _, update = purify_optimizer(optimizer, model)
    params = purify(model).init()[0]
    ones = {n: np.ones_like(p) for n, p in params.items()}
    updates, _ = update(ones, {}, params)
    assert [float(u.max()) for u in updates.values()] == pytest.approx([-0.5, -0.5, -0.1, -0.1])
    optimizer.param_groups[0]["lr"] = 0.25  # read at each call, as a scheduler changes it
    assert float(update(ones, {}, params)[0]["0.bias"].max()) == -0.25


def test_47_names_may_come_with_the_parameters():
    model = mlp()
    optimizer = optim.SGD(model.named_parameters(), lr=0.5)
    _, update = purify_optimizer(optimizer)
    params = purify(model).init()[0]
    updates, memory = update({n: np.ones_like(p) for n, p in params.items()}, {}, params)
    assert memory == {} and bits(updates["2.bias"]) == bits(np.full(2, -0.5, np.float32))


def test_47_what_has_no_gradient_or_is_not_the_optimisers_makes_no_step():
    model = mlp()
    optimizer = optim.AdamW(model[2].parameters(), lr=0.5)
    init, update = purify_optimizer(optimizer, model)
    params = purify(model).init()[0]
    ones = {n: np.ones_like(p) for n, p in params.items()}
    updates, memory = update({**ones, "2.weight": None}, init(params), params)
    assert updates["2.weight"] is None and updates["2.bias"].all() and list(memory) == ["2.bias"]
    assert not updates["0.weight"].any()


def test_47_a_step_can_be_differentiated():
    model = mlp().double()
    _, update = purify_optimizer(optim.SGD(model.parameters(), lr=0.1, momentum=0.9), model)
    params = purify(model).init()[0]

    def loss_after(gradients):
        updates, _ = update(gradients, {}, params)
        return sum((u * u).sum() for u in updates.values())

    ones = {n: np.ones_like(p) for n, p in params.items()}
    found = wf.grad(loss_after)(ones)
    assert all(np.allclose(g, 0.02) for g in found.values())


def test_47_an_optimiser_of_ones_own():
    class Signs(optim.SGD):
        def step_group(self, group, place):
            for p in group["params"]:
                p.sub_(p.grad.sign() * group["lr"])

    model = mlp()
    optimizer = Signs(model.parameters(), lr=0.5)
    _, update = purify_optimizer(optimizer, model)
    params = purify(model).init()[0]
    updates, _ = update({n: np.ones_like(p) for n, p in params.items()}, {}, params)
    assert all(np.allclose(u, -0.5) for u in updates.values())


def test_errors():
    model, other = mlp(), mlp()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    with pytest.raises(
        TypeError, match=r"purify_optimizer: an oop\.optim\.Optimizer is needed, not Lin"
    ):
        purify_optimizer(model[0])
    with pytest.raises(
        ValueError, match=r"a parameter of shape \(4, 3\) has no name; pass the model"
    ):
        purify_optimizer(optimizer)
    with pytest.raises(
        ValueError, match=r"of shape \(4, 3\) has no name; it is none of the model's"
    ):
        purify_optimizer(optimizer, other)
    pure = purify_optimizer(optimizer, model)
    params = purify(model).init()[0]
    text = "purify_optimizer: 'w' is none of the parameters '0.weight', '0.bias', "
    for call in (
        lambda: pure.update({"w": X}, {}, params),
        lambda: pure.update({}, {"w": {}}, params),
        lambda: pure.write_back({"w": {}}),
    ):
        with pytest.raises(ValueError, match=text):
            call()
    with pytest.raises(ValueError, match=r"no params; call update\(gradients, state, params\)"):
        pure.update(params, {})
