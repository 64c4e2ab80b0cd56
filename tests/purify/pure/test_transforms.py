"""Numbers 39, 40, 43, 48 of PURIFY.md: a purified model under the functional transforms."""

import copy

import numpy as np
import pytest

from tests.purify.models import X, Y, bits, mlp, same, with_batch_norm
from wonderland import functional as wf
from wonderland import oop
from wonderland.functional import optim as foptim
from wonderland.functional.nn import mse_loss
from wonderland.oop import nn, optim
from wonderland.purify import purify

MODELS = {"an MLP": mlp, "with BatchNorm1d": with_batch_norm}
OPTIMISERS = {
    "adam": (foptim.adam(0.01), lambda p: optim.Adam(p, lr=0.01)),
    "adamw": (foptim.adamw(0.01), lambda p: optim.AdamW(p, lr=0.01)),
    "sgd": (foptim.sgd(0.1, momentum=0.9), lambda p: optim.SGD(p, lr=0.1, momentum=0.9)),
}


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("name", MODELS)
def test_39_twenty_steps_equal_those_of_the_stateful_model_bit_for_bit(name, optimiser):
    model = MODELS[name]()
    pure = purify(copy.deepcopy(model))
    params, state = pure.init()
    functional, stateful = OPTIMISERS[optimiser]
    stateful, memory = stateful(model.parameters()), functional.init(params)

    def loss(params, state):
        out, state = pure.apply(params, state, X)
        return mse_loss(out, Y), state

    for _ in range(20):
        (value, state), gradients = wf.value_and_grad(loss, has_aux=True)(params, state)
        updates, memory = functional.update(gradients, memory, params)
        params = foptim.apply_updates(params, updates)

        stateful.zero_grad()
        expected = nn.functional.mse_loss(model(oop.tensor(X)), oop.tensor(Y))
        expected.backward()
        stateful.step()
        assert bits(value) == bits(expected)
        assert same(gradients, {n: p.grad for n, p in model.named_parameters()})
        assert same(params, dict(model.named_parameters()))
        assert same(state, dict(model.named_buffers()))


@pytest.fixture
def smooth():
    """(f, params, direction): a loss of a float64 MLP, as a function of its parameters."""
    model = mlp().double()
    pure = purify(model)
    params, _ = pure.init()
    rng = np.random.default_rng(5)
    direction = {n: rng.normal(size=p.shape) for n, p in params.items()}
    x, y = X.astype(np.float64), Y.astype(np.float64)
    return (lambda p: ((pure(p, x) - y) ** 2).mean()), params, direction


def moved(params, direction, step):
    return {n: p + step * direction[n] for n, p in params.items()}


def dot(a, b):
    return sum(float((a[n] * b[n]).sum()) for n in a)


def test_40_jvp_and_vjp_agree_with_finite_differences(smooth):
    f, params, direction = smooth
    h = 1e-6
    slope = (f(moved(params, direction, h)) - f(moved(params, direction, -h))) / (2 * h)
    _, tangent = wf.jvp(f, (params,), (direction,))
    out, pull = wf.vjp(f, params)
    np.testing.assert_allclose([tangent, dot(pull(np.ones_like(out))[0], direction)], slope, 1e-7)


def test_40_second_derivatives_agree_with_finite_differences(smooth):
    f, params, direction = smooth
    gradient, h = wf.grad(f), 1e-5
    ahead, behind = (gradient(moved(params, direction, s * h)) for s in (1, -1))
    slope = {n: (ahead[n] - behind[n]) / (2 * h) for n in params}
    hessian = wf.hessian(f)(params)
    product = {
        n: sum(np.tensordot(hessian[n][m], direction[m], direction[m].ndim) for m in params)
        for n in params
    }
    for found in (wf.hvp(f, params, direction), product):
        for n in params:
            np.testing.assert_allclose(found[n], slope[n], rtol=1e-6, atol=1e-9)


def test_40_jacobians_of_both_modes_agree():
    pure = purify(mlp().double())
    params, x = pure.init()[0], X.astype(np.float64)
    forward, reverse = (j(lambda p: pure(p, x))(params) for j in (wf.jacfwd, wf.jacrev))
    h, name = 1e-6, "0.bias"
    for i in range(4):
        step = np.eye(4)[i] * h
        ends = [pure({**params, name: params[name] + s * step}, x) for s in (1, -1)]
        slope = (ends[0] - ends[1]) / (2 * h)
        for jacobian in (forward, reverse):
            np.testing.assert_allclose(jacobian[name][..., i], slope, atol=1e-8)


@pytest.mark.parametrize("name", MODELS)
def test_43_per_sample_gradients_equal_a_loop_over_samples(name):
    pure = purify(MODELS[name]().double(), train=False)
    params, state = pure.init()

    def loss(p, x, y):
        return mse_loss(pure.apply(p, state, x[None])[0], y[None])

    x, y = X.astype(np.float64), Y.astype(np.float64)
    together = wf.vmap(wf.grad(loss), in_axes=(None, 0, 0))(params, x, y)
    for i in range(len(X)):
        alone = wf.grad(loss)(params, x[i], y[i])
        for n, g in alone.items():
            np.testing.assert_allclose(together[n][i], g, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("name", MODELS)
def test_48_params_in_another_dtype_compute_as_the_converted_model(name, dtype):
    model = MODELS[name]()
    pure = purify(copy.deepcopy(model))
    cast = [
        {n: a.astype(dtype) if a.dtype.kind == "f" else a for n, a in values.items()}
        for values in pure.init()
    ]
    out, state = pure.apply(*cast, X.astype(dtype))
    model.to(dtype)
    assert bits(out) == bits(model(oop.tensor(X.astype(dtype)))) and out.dtype == dtype
    assert same(state, dict(model.named_buffers()))


def test_a_tensor_changed_before_the_backward_pass_is_noticed():
    pure = purify(mlp())
    params = {n: oop.tensor(p, requires_grad=True) for n, p in pure.init()[0].items()}
    loss = (pure(params, X) ** 2).sum()
    with oop.no_grad():
        params["2.weight"].mul_(2)
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


def test_a_model_may_be_trained_through_tensors():
    model = mlp()
    pure = purify(model)
    params = {n: oop.tensor(p, requires_grad=True) for n, p in pure.init()[0].items()}
    (pure(params, X) ** 2).sum().backward()
    (model(oop.tensor(X)) ** 2).sum().backward()
    assert same(
        {n: p.grad for n, p in params.items()}, {n: p.grad for n, p in model.named_parameters()}
    )
