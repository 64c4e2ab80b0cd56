"""Numbers 1-9 of PURIFY.md: tied weights and shared modules."""

import numpy as np
import pytest

from tests.purify.models import Tied, Twice, X, bits, same, snapshot
from wonderland import functional as wf
from wonderland import oop
from wonderland.functional import optim as foptim
from wonderland.oop import nn, optim
from wonderland.purify import purify

MODELS = {
    "a tied weight": Tied,
    "a shared submodule": lambda: Twice(nn.Linear(3, 3)),
    "a shared tree": lambda: Twice(Twice(nn.Linear(3, 3))),
}


@pytest.fixture(params=MODELS)
def model(request):
    oop.manual_seed(0)
    return MODELS[request.param]()


def loss_of(pure):
    return lambda params, x: (pure(params, x) ** 2).sum()


def test_01_a_tied_weight_is_one_leaf_with_the_summed_gradient(model):
    pure = purify(model)
    params, _ = pure.init()
    assert list(params) == [name for name, _ in model.named_parameters()]
    assert len(params) == len({id(p) for p in model.parameters()})
    gradients = wf.grad(loss_of(pure))(params, X)
    (model(oop.tensor(X)) ** 2).sum().backward()
    assert all(bits(gradients[n]) == bits(p.grad) for n, p in model.named_parameters())


def test_01_the_gradient_is_that_of_both_uses():
    pure = purify(Tied())
    params, _ = pure.init()
    untied = nn.Sequential(nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 3))
    apart = {"0.weight": params["b.weight"], "0.bias": params["b.bias"],
             "2.weight": params["b.weight"], "2.bias": params["a.bias"]}  # fmt: skip
    g = wf.grad(loss_of(purify(untied)))(apart, X)
    tied = wf.grad(loss_of(pure))(params, X)
    np.testing.assert_allclose(tied["b.weight"], g["0.weight"] + g["2.weight"], rtol=1e-5)


def test_02_every_parameter_is_the_object_it_was_before(model):
    before = snapshot(model)
    pure = purify(model)
    params, state = pure.init()
    for _ in range(2):
        pure.apply(params, state, X)
        wf.grad(loss_of(pure))(params, X)
    assert snapshot(model) == before


def test_03_a_full_state_dict_is_accepted(model):
    params = {name: t.numpy() for name, t in model.state_dict().items()}
    pure = purify(model)
    assert len(params) > len(pure.names)
    assert bits(pure(params, X)) == bits(model(oop.tensor(X)))


def test_03_a_state_dict_of_tensors_is_accepted(model):
    out = purify(model)(model.state_dict(), X)
    assert bits(out) == bits(model(oop.tensor(X)))


def test_03_aliases_with_different_values_raise_naming_both():
    params = {name: t.numpy() for name, t in Tied().state_dict().items()}
    params["a.weight"] = params["a.weight"] + 1
    text = "'b.weight' and 'a.weight' are one tied leaf, but have different values"
    with pytest.raises(ValueError, match=text):
        purify(Tied())(params, X)


def test_04_an_attribute_that_sorts_earlier_does_not_rename_a_tied_parameter():
    model = Tied()
    before = purify(model).names
    model.aaa = nn.ReLU()
    model.A = "an attribute"
    assert purify(model).names == before == ["b.weight", "b.bias", "a.bias"]
    assert purify(model).aliases == {"a.weight": "b.weight"}


def test_05_ties_survive_ten_steps_and_a_write_back():
    model = Tied()
    pure, weight = purify(model), model.b.weight
    params, _ = pure.init()
    for _ in range(10):
        gradients = wf.grad(loss_of(pure))(params, X)
        params = {n: p - 0.01 * gradients[n] for n, p in params.items()}
    pure.write_back(params)
    assert model.a.weight is model.b.weight is weight
    assert bits(weight) == bits(params["b.weight"])


class Listed(nn.Module):
    """A parameter that is kept in plain containers too, which alone are used."""

    def __init__(self, keep):
        super().__init__()
        self.w = nn.Parameter(np.ones(3, np.float32))
        self.kept = keep(self.w)
        self.read = READ[keep]

    def forward(self, x):
        return x * self.read(self.kept)


READ = {
    (in_list := lambda w: [w]): lambda kept: kept[0],
    (in_tuple := lambda w: (1, w)): lambda kept: kept[1],
    (in_dict := lambda w: {"a": {"b": [w]}}): lambda kept: kept["a"]["b"][0],
    (as_key := lambda w: {w: 1}): lambda kept: next(iter(kept)),
    (in_set := lambda w: {w}): lambda kept: next(iter(kept)),
}


@pytest.mark.parametrize("keep", READ)
def test_06_a_parameter_in_a_plain_container_is_seen_with_its_functional_value(keep):
    pure = purify(Listed(keep))
    assert pure({"w": np.full(3, 2, np.float32)}, X).tolist() == (2 * X).tolist()
    g = wf.grad(lambda p: pure(p, X).sum())(pure.init()[0])
    np.testing.assert_allclose(g["w"], X.sum(0), rtol=1e-6)


def test_07_parameters_that_share_memory_alone_are_two_leaves():
    model = nn.Module()
    model.w = nn.Parameter(np.ones((2, 3), np.float32))
    model.v = nn.Parameter(model.w.detach().T)
    assert purify(model).names == ["w", "v"]
    assert purify(model).aliases == {}


def test_08_a_shared_batch_norm_updates_its_one_state_twice_in_order():
    model = Twice(nn.BatchNorm1d(3))
    pure = purify(model)
    params, state = pure.init()
    assert list(state) == [name for name, _ in model.named_buffers()]
    _, state = pure.apply(params, state, X)
    model(oop.tensor(X))
    assert same(state, dict(model.named_buffers()))
    assert state["first.num_batches_tracked"] == 2


def test_09_an_optimiser_keeps_one_state_and_makes_one_update_per_tied_parameter():
    model = Tied()
    pure = purify(model)
    params, _ = pure.init()
    adam, stateful = foptim.adam(0.1), optim.Adam(model.parameters(), lr=0.1)
    state = adam.init(params)
    assert state.mu.keys() == params.keys()
    gradients = wf.grad(loss_of(pure))(params, X)
    updates, _ = adam.update(gradients, state, params)
    (model(oop.tensor(X)) ** 2).sum().backward()
    stateful.step()
    assert len(stateful.state) == len(params) == 3
    assert same(foptim.apply_updates(params, updates), dict(model.named_parameters()))
