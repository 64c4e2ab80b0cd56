"""Number 41 of PURIFY.md: models stacked, run under vmap, and written back."""

import numpy as np
import pytest

from tests.purify.models import Tied, X, bits, mlp, same, snapshot, with_batch_norm
from wonderland import functional as wf
from wonderland import oop
from wonderland.oop import nn
from wonderland.purify import purify, stack, unstack


def ensemble(make=with_batch_norm, n=3):
    models = []
    for i in range(n):
        model = make()
        with oop.no_grad():
            for p in model.parameters():
                p.mul_(i + 1)
        model(oop.tensor(X * (i + 1)))
        models.append(model)
    return models


@pytest.mark.parametrize("make", [mlp, with_batch_norm, Tied])
def test_41_vmap_equals_the_loop(make):
    models = ensemble(make)
    params, states, pure = stack(models)
    out, new = wf.vmap(pure.apply, in_axes=(0, 0, None))(params, states, X)
    for i, model in enumerate(models):
        one = purify(model)
        expected, state = one.apply(*one.init(), X)
        np.testing.assert_allclose(out[i], expected, rtol=1e-5, atol=1e-6)
        for name, x in state.items():
            np.testing.assert_allclose(new[name][i], x, rtol=1e-5)


def test_41_unstack_writes_back():
    models = ensemble()
    params, states, _ = stack(models)
    objects = [id(p) for model in models for p in model.parameters()]
    params, states = (wf.tree.map(lambda x: x + x.dtype.type(1), t) for t in (params, states))
    unstack(models, params, states)
    for i, model in enumerate(models):
        assert same(dict(model.named_parameters()), {n: x[i] for n, x in params.items()})
        assert same(dict(model.named_buffers()), {n: x[i] for n, x in states.items()})
    assert [id(p) for model in models for p in model.parameters()] == objects


def test_41_unstack_writes_all_or_nothing():
    models = ensemble()
    params, states, _ = stack(models)
    params = {n: x + 1 for n, x in params.items()}
    before = [snapshot(model) for model in models]
    for name, x, text in (
        ("0.bias", params["0.bias"][:2], r"'0.bias' has shape \(2, 4\), but its first axis must"),
        ("0.bias", params["0.bias"][:, :2], r"'0.bias' has shape \(2,\), not \(4,\)"),
    ):
        with pytest.raises(ValueError, match=text):
            unstack(models, {**params, name: x}, states)
    models[-1].register_buffer("extra", oop.tensor([1.0]))
    with pytest.raises(ValueError, match="missing 'extra'"):
        unstack(models, params, states)
    del models[-1].extra
    assert [snapshot(model) for model in models] == before


def eval_at(i):
    model = with_batch_norm()
    model[i].eval()
    return model


DIFFERENT = {
    "depth": (lambda: nn.Sequential(*mlp(), nn.Linear(2, 2)), "5 modules instead of 4"),
    "class": (
        lambda: nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)),
        "ReLU instead of Tanh at '1'",
    ),
    "names": (
        lambda: nn.Sequential({"0": nn.Linear(3, 4), "a": nn.Tanh(), "2": nn.Linear(4, 2)}),
        "it has 'a' in the place of '1'",
    ),
    "mode": (lambda: mlp().eval(), "training is False instead of True"),
    "a setting": (
        lambda: nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2)),
        "out_features is 5 instead of 4 at '0'",
    ),
    "dtype": (lambda: mlp().double(), r"'0.weight' is float64\[4,3\] instead of float32\[4,3\]"),
    "a leaf": (
        lambda: nn.Sequential(nn.Linear(3, 4, bias=False), nn.Tanh(), nn.Linear(4, 2)),
        "a leaf '2.weight' in the place of '0.bias'",
    ),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_41_stack_refuses_what_differs(name):
    make, text = DIFFERENT[name]
    with pytest.raises(ValueError, match=f"^stack: model 2 differs from model 0: {text}$"):
        stack([mlp(), mlp(), make()])


def test_41_a_mode_deep_inside_counts_unless_all_get_one():
    with pytest.raises(ValueError, match=r"training is False instead of True at '1'$"):
        stack([with_batch_norm(), eval_at(1)])
    _, states, pure = stack([with_batch_norm(), eval_at(1)], train=True)
    assert pure.train and states["1.running_mean"].shape == (2, 4)


def test_41_ties_count():
    untied = Tied()
    untied.a.weight = nn.Parameter(untied.b.weight.detach())
    with pytest.raises(ValueError, match=r"a leaf 'a\.weight' in the place of 'a\.bias'$"):
        stack([Tied(), untied])


def test_no_models():
    with pytest.raises(ValueError, match="stack: there are no models"):
        stack([])


def test_the_slices_are_the_models_own_values():
    models = ensemble()
    params, _, _ = stack(models)
    assert all(bits(params["0.bias"][i]) == bits(m[0].bias) for i, m in enumerate(models))
