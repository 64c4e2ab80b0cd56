"""Numbers 46 and 49 of PURIFY.md: names, and plans that are equal."""

import copy
import gc
import io
import pickle
import weakref

import numpy as np
import pytest

from tests.purify.models import (
    Counter,
    Tied,
    Twice,
    X,
    bits,
    fingerprint,
    mlp,
    same,
    with_batch_norm,
    with_dropout,
)
from wonderland import functional as wf
from wonderland import oop
from wonderland.oop import nn
from wonderland.purify import purify
from wonderland.purify.plan import Plan

MODELS = {
    "an MLP": mlp,
    "batch norm": with_batch_norm,
    "dropout": with_dropout,
    "tied": Tied,
    "shared": lambda: Twice(Twice(nn.BatchNorm1d(3))),
    "counter": lambda: Counter(True),
    "lists": lambda: nn.Sequential(nn.ModuleList([nn.Linear(3, 3)]), nn.ParameterList([np_one()])),
}


def np_one():
    return nn.Parameter(np.ones(1, np.float32))


@pytest.fixture(params=MODELS)
def model(request):
    oop.manual_seed(0)
    return MODELS[request.param]()


def test_46_flat_names_equal_those_of_named_parameters(model):
    pure = purify(model)
    params, state = pure.init()
    assert pure.names == list(params) == [name for name, _ in model.named_parameters()]
    assert list(state) == [name for name, _ in model.named_buffers()]
    assert sorted([*params, *state, *pure.aliases]) == sorted(model.state_dict())


def checkpoint(model):
    file = io.BytesIO()
    oop.save(model.state_dict(), file)
    return file.getvalue()


def test_46_a_checkpoint_survives_the_round_trip_byte_by_byte(model):
    before = checkpoint(model)
    params, state = purify(model).init()
    other = copy.deepcopy(model)
    for t in (*other.parameters(), *other.buffers()):
        with oop.no_grad():
            t.zero_() if hasattr(t, "zero_") else t.mul_(0)
    purify(other).write_back(params, state)
    assert checkpoint(other) == before


def test_46_buffers_that_do_not_persist_travel_in_the_state_alone():
    model = mlp()
    model.register_buffer("cache", oop.tensor([1.0]), persistent=False)
    pure = purify(model)
    assert "cache" in pure.init()[1] and "cache" not in model.state_dict()
    assert pure.plan.persistent == set()
    assert purify(with_batch_norm()).plan.persistent == set(dict(with_batch_norm().named_buffers()))


def test_49_deepcopy_and_pickle(model):
    pure = purify(model)
    params, state = pure.init()
    for other in (copy.deepcopy(pure), pickle.loads(pickle.dumps(pure))):
        assert other.model is not model and other.plan == pure.plan
        assert all(same(a, b) for a, b in zip(other.init(), (params, state), strict=True))
        other.write_back(wf.tree.map(lambda p: p + 1, params))
    assert same(pure.init()[0], params)


def test_49_the_copies_compute_the_same():
    pure = purify(with_batch_norm(), train=True)
    pure.apply(*pure.init(), X)
    other = pickle.loads(pickle.dumps(pure))
    found, expected = (p.apply(*p.init(), X) for p in (other, pure))
    assert fingerprint(*found) == fingerprint(*expected)


def test_49_purifying_twice_gives_equal_plans(model):
    assert purify(model).plan == purify(model).plan == Plan(copy.deepcopy(model))


def test_49_plans_of_different_models_are_different():
    plans = [Plan(make()) for make in MODELS.values() if make is not with_dropout]
    assert [i for i, a in enumerate(plans) for b in plans[:i] if a == b] == []
    assert Plan(mlp()) != Plan(mlp().double())


def test_49_dropping_it_frees_the_model():
    gc.disable()
    try:
        model = with_batch_norm()
        pure, gone = purify(model), weakref.ref(model)
        params, state = pure.init()
        wf.grad(lambda p, pure=pure: pure.apply(p, state, X)[0].sum())(params)
        del model, pure
        assert gone() is None
    finally:
        gc.enable()


def test_a_model_that_contains_itself():
    model = nn.Linear(3, 3)
    model.inner = nn.Linear(3, 3)
    model.inner.outer = model
    assert purify(model).names == [n for n, _ in model.named_parameters()]
    params, _ = purify(model).init()
    assert bits(purify(model)(params, X)) == bits(model(oop.tensor(X)))


def test_the_text_shows_the_model():
    assert repr(purify(nn.Linear(1, 2))) == f"purify({nn.Linear(1, 2)!r})"
    assert repr(purify(nn.Linear(1, 2), "extra_repr")).endswith(", 'extra_repr')")
