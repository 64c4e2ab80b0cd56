"""A purified model, and a whole functional step, under jit."""

import numpy as np
import pytest

from tests.purify.models import X, Y, bits, mlp, same, with_batch_norm, with_dropout
from wonderland import functional as wf
from wonderland.oop import nn, optim
from wonderland.purify import purify, purify_optimizer
from wonderland.shared.nn.linear import linear


def test_one_trace_for_a_hundred_calls():
    """PURIFY 37."""
    model = with_batch_norm()
    model.shift = lambda x: x + 1
    pure = purify(model)
    params, state = pure.init()
    apply = wf.jit(pure.apply, executor="numpy")
    for _ in range(100):
        _, state = apply(params, state, X)
        params = {name: x * 1.01 for name, x in params.items()}
    assert apply.traces == 1
    assert bits(apply(params, state, X)[0]) == bits(pure.apply(params, state, X)[0])


CHANGES = {
    "eval": lambda model: model.eval(),
    "one layer": lambda model: model[1].eval(),
    "an attribute": lambda model: setattr(model[1], "p", 0.0),
    "a layer": lambda model: setattr(model, "1", nn.Identity()),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_the_model_is_respected(name):
    """PURIFY 26."""
    model = with_dropout()
    pure, key = purify(model), wf.random.key(0)
    params, state = pure.init()
    apply = wf.jit(lambda *args, key: pure.apply(*args, key=key)[0], executor="numpy")
    before = bits(apply(params, state, X, key=key))
    CHANGES[name](model)
    for _ in range(2):
        assert bits(apply(params, state, X, key=key)) == bits(
            pure.apply(params, state, X, key=key)[0]
        )
    assert apply.traces == 2 and bits(apply(params, state, X, key=key)) != before
    if name == "eval":
        model.train()
        assert bits(apply(params, state, X, key=key)) == before and apply.traces == 2


def step_of(pure, update):
    def step(params, state, moments, key, x, y):
        def loss(params):
            out, new = pure.apply(params, state, x, key=key)
            return ((out - y) ** 2).mean(), new

        (value, state_), gradients = wf.value_and_grad(loss, has_aux=True)(params)
        updates, moments = update(gradients, moments, params)
        return value, {n: params[n] + updates[n] for n in params}, state_, moments

    return step


@pytest.mark.parametrize("make", [optim.SGD, optim.Adam, optim.AdamW], ids=lambda c: c.__name__)
def test_a_whole_step(make):
    model = mlp(nn.BatchNorm1d(4), nn.Dropout(0.5))
    optimizer = make(model.parameters(), lr=0.01)
    pure = purify(model)
    init, update = purify_optimizer(optimizer, model)
    results = []
    for wrap in (lambda f: f, lambda f: wf.jit(f, executor="numpy")):
        step = wrap(step_of(pure, update))
        params, state = pure.init()
        moments = init(params)
        for i in range(4):
            key = wf.random.key(i)
            value, params, state, moments = step(params, state, moments, key, X, Y)
        results.append((value, params, state))
    if make is optim.SGD:
        assert same(results[0][1], results[1][1]) and same(results[0][2], results[1][2])
    for found, expected in zip(*map(wf.tree.leaves, results), strict=True):  # betas ** traced step
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-7)
    assert step.traces <= 2  # the moments appear in the first step


def test_another_learning_rate_is_respected():
    model = mlp()
    optimizer = optim.SGD(model.parameters(), lr=0.5)
    init, update = purify_optimizer(optimizer, model)
    params = {name: x for name, x in purify(model).init()[0].items()}
    step = wf.jit(lambda g, p: update(g, init(p), p)[0])
    ones = {name: np.ones_like(x) for name, x in params.items()}
    for rate in (0.5, 0.25, 0.5):
        optimizer.param_groups[0]["lr"] = rate
        assert step(ones, params)["0.bias"][0] == -rate
    assert step.traces == 2


def test_dropout_draws_anew_by_key_under_jit():
    pure = purify(with_dropout())
    params, state = pure.init()
    apply = wf.jit(lambda key: pure.apply(params, state, X, key=key)[0], executor="numpy")
    for i in (0, 1):
        key = wf.random.key(i)
        assert bits(apply(key)) == bits(pure.apply(params, state, X, key=key)[0])
    assert bits(apply(wf.random.key(0))) != bits(apply(wf.random.key(1))) and apply.traces == 1


def test_a_jitted_call_costs_little_more_than_one_on_a_dict():
    """PURIFY 50: the very program, and one cheap check; the clock is left to the benchmarks."""
    model = nn.Sequential(*[nn.Linear(4, 4) for _ in range(50)])
    pure = purify(model)
    params, _ = pure.init()
    x = np.ones((2, 4), np.float32)
    apply = wf.jit(lambda params, x: pure.apply(params, {}, x)[0])

    def plain(params, x):
        for i in range(50):
            x = linear(x, params[f"{i}.weight"], params[f"{i}.bias"])
        return x

    equations = [
        [e.primitive.name for e in wf.make_graph(f)(params, x).equations]
        for f in (apply.fun, plain)
    ]
    assert equations[0] == equations[1]
    assert apply(params, x).tobytes() == apply(params, x).tobytes() and apply.traces == 1
