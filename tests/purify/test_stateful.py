"""A functional layer as an nn.Module."""

import copy

import numpy as np
import pytest

from tests.purify.models import X, Y, bits, mlp, same, with_batch_norm
from wonderland import functional as wf
from wonderland import oop
from wonderland.functional import nn as fnn
from wonderland.oop import nn, optim
from wonderland.purify import purify, stateful


@pytest.fixture
def layer():
    return fnn.Sequential(fnn.Linear(4), fnn.Tanh(), fnn.Linear(2))


@pytest.fixture
def params(layer):
    return layer.init(wf.random.key(0), X)


def test_output_and_gradients_are_the_layers(layer, params):
    model = stateful(layer, params)
    assert [n for n, _ in model.named_parameters()] == ["0.weight", "0.bias", "2.weight", "2.bias"]
    out = model(oop.tensor(X))
    assert bits(out) == bits(layer.apply(params, X))
    (out**2).sum().backward()
    gradients = wf.grad(lambda p: (layer.apply(p, X) ** 2).sum())(params)
    expected = purify(model).flatten(gradients)
    assert same({n: p.grad for n, p in model.named_parameters()}, expected)


def test_the_parameters_are_copies(layer, params):
    model = stateful(layer, params)
    before = bits(params["0"]["bias"])
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    ((model(X) - Y) ** 2).sum().backward()
    optimizer.step()
    assert bits(params["0"]["bias"]) == before != bits(model.get_parameter("0.bias"))


def test_purify_finds_the_same_leaves_again(layer, params):
    pure = purify(stateful(layer, params))
    assert same(pure.flatten(params), pure.init()[0])
    assert bits(pure(params, X)) == bits(layer.apply(params, X))


def test_a_layer_with_a_key_draws_in_training_mode_alone():
    layer = fnn.Sequential(fnn.Dropout(0.5), fnn.Linear(2))
    params = layer.init(wf.random.key(0), X)
    model = stateful(layer, params)
    oop.manual_seed(3)
    first, second = bits(model(X)), bits(model(X))
    oop.manual_seed(3)
    assert first != second and bits(model(X)) == first
    assert bits(model.eval()(X)) == bits(layer.apply(params, X))


@pytest.mark.parametrize("make", [mlp, with_batch_norm])
def test_a_purified_model_and_its_state_made_stateful_again(make):
    original = make()
    pure = purify(copy.deepcopy(original))
    model = stateful(pure, *pure.init())
    names = [n for n, _ in model.named_parameters()], [n for n, _ in model.named_buffers()]
    assert names == (list(pure.init()[0]), list(pure.init()[1]))
    for _ in range(2):
        out, expected = model(oop.tensor(X)), original(oop.tensor(X))
        assert bits(out) == bits(expected)
    (out**2).sum().backward()
    (expected**2).sum().backward()
    assert same(dict(model.named_buffers()), dict(original.named_buffers()))
    assert not any(b.requires_grad for b in model.buffers())
    gradients = {n: p.grad for n, p in original.named_parameters()}
    assert same({n: p.grad for n, p in model.named_parameters()}, gradients)


def test_a_plain_layer_of_ones_own():
    layer = fnn.Layer(lambda key, x: {}, lambda params, x: x * params["scale"])
    model = nn.Sequential(stateful(layer, {"scale": np.ones(3, np.float32)}), nn.Tanh())
    assert [n for n, _ in model.named_parameters()] == ["0.scale"]
    assert bits(model(oop.tensor(X))) == bits(oop.tensor(X).tanh())


def test_the_state_keeps_no_history():
    def apply(params, state, x):
        h = state["h"] + (x * params["w"]).sum()
        return h * x, {"h": h, "seen": x.sum()}

    layer = fnn.Layer(lambda key, x: {}, apply)
    model = stateful(layer, {"w": np.ones(3, np.float32)}, {"h": np.float32(1)})
    for _ in range(2):
        out = model(X)
    out.sum().backward()
    assert [n for n, _ in model.named_buffers()] == ["h", "seen"]
    assert not any(b.requires_grad for b in model.buffers())
    np.testing.assert_allclose(model.h.item(), 1 + 2 * X.sum(), rtol=1e-5)
    np.testing.assert_allclose(model.get_parameter("w").grad.numpy(), X.sum(0) * X.sum(), rtol=1e-4)


def test_errors(params):
    with pytest.raises(
        TypeError, match="stateful: a layer has init and apply, but this is function"
    ):
        stateful(lambda x: x, params)
    with pytest.raises(TypeError, match="purify: params is a list, but a dict"):
        stateful(fnn.Linear(2), [1])
