"""Numbers 10-18 and 30 of PURIFY.md: buffers, and what a call may not touch."""

import copy

import numpy as np
import pytest

from tests.purify.models import (
    Counter,
    X,
    Y,
    bits,
    fingerprint,
    mlp,
    same,
    snapshot,
    with_batch_norm,
)
from wonderland import functional as wf
from wonderland import oop
from wonderland.oop import nn
from wonderland.purify import purify
from wonderland.shared.dispatch import Value


class Writes(nn.Module):
    """Writes to whatever it can reach."""

    def __init__(self):
        super().__init__()
        self.register_buffer("state", oop.tensor(np.zeros(3, np.float32)))
        self.loose = oop.tensor(np.zeros(3, np.float32))
        self.history = []
        self.seen = {"calls": 0}

    def forward(self, x, options):
        self.state.add_(1)
        self.state[0] = 7
        self.loose.add_(1)
        self.history.append(x)
        self.seen["calls"] += 1
        self.extra = x
        x.add_(1)
        options["scale"].mul_(2)
        return x * options["scale"] + self.state + self.loose


def test_10_params_state_and_arguments_are_never_changed():
    model = Writes()
    params, state = purify(model).init()
    x, options = X.copy(), {"scale": np.ones(3, np.float32)}
    before, own = fingerprint(params, state, x, options), snapshot(model)
    out, new_state = purify(model).apply(params, state, x, options)
    assert fingerprint(params, state, x, options) == before
    assert snapshot(model) == own
    wanted = (X + 1) * 2 + np.float32([7, 1, 1]) + 1
    assert bits(out) == bits(wanted) and new_state["state"].tolist() == [7, 1, 1]
    assert all(x.flags.writeable for x in (x, options["scale"], *params.values(), *state.values()))


def test_10_nor_are_they_inside_transforms():
    model = with_batch_norm()
    pure = purify(model)
    params, state = pure.init()
    before, own = fingerprint(params, state, X), snapshot(model)
    wf.grad(lambda p: pure.apply(p, state, X)[0].sum())(params)
    wf.vmap(lambda x: pure.apply(params, state, x))(np.stack([X, X]))
    wf.jvp(lambda p: pure.apply(p, state, X), (params,), (params,))
    assert fingerprint(params, state, X) == before
    assert snapshot(model) == own


def test_10_tensors_that_are_given_are_not_changed_either():
    model = Writes()
    x, scale = oop.tensor(X), oop.tensor(np.ones(3, np.float32))
    out, _ = purify(model).apply({}, purify(model).init()[1], x, {"scale": scale})
    assert isinstance(out, oop.Tensor)
    assert bits(x) == bits(X) and scale.tolist() == [1, 1, 1]


@pytest.mark.parametrize("name", ["w", "b", "x"])
def test_10_numpy_itself_cannot_write_to_them(name):
    class Sly(nn.Module):
        def __init__(self):
            super().__init__()
            self.w = nn.Parameter(np.ones(3, np.float32))
            self.register_buffer("b", oop.tensor([1.0]))

        def forward(self, x):
            {"w": self.w, "b": self.b, "x": x}[name].detach().numpy()[...] = 0

    pure = purify(Sly())
    with pytest.raises(ValueError, match="read-only"):
        pure.apply(*pure.init(), X)


def test_11_the_models_own_buffers_are_unchanged_after_any_number_of_calls():
    model = with_batch_norm()
    pure, before = purify(model), snapshot(model)
    params, state = pure.init()
    for _ in range(5):
        _, state = pure.apply(params, state, X)
    assert snapshot(model) == before
    assert state["1.num_batches_tracked"] == 5


def test_12_rebinding_a_buffer_and_changing_it_in_place_give_the_same_state():
    results = []
    for in_place in (True, False):
        model = Counter(in_place)
        pure, before = purify(model), snapshot(model)
        params, state = pure.init()
        for _ in range(3):
            out, state = pure.apply(params, state, X)
        results.append((bits(out), bits(state["count"])))
        assert snapshot(model) == before
        for _ in range(3):
            expected = model(oop.tensor(X))
        assert results[-1] == (bits(expected), bits(model.count))
    assert results[0] == results[1]


def test_13_batch_norm_statistics_equal_those_of_the_stateful_model():
    model = with_batch_norm()
    pure = purify(copy.deepcopy(model))
    params, state = pure.init()
    rng = np.random.default_rng(3)
    for _ in range(4):
        x = rng.normal(2, 3, (5, 3)).astype(np.float32)
        _, state = pure.apply(params, state, x)
        model(oop.tensor(x))
    assert same(state, dict(model.named_buffers()))
    assert state["1.num_batches_tracked"] == 4


def traced(tree):
    return [type(x) for x in wf.tree.leaves(tree) if isinstance(x, Value)]


def test_14_state_from_inside_grad_carries_no_tape_and_no_tracer():
    pure = purify(with_batch_norm())
    params, state = pure.init()

    def loss(params, state):
        out, new_state = pure.apply(params, state, X)
        return ((out - Y) ** 2).mean(), new_state

    for _ in range(3):
        _, state = wf.grad(loss, has_aux=True)(params, state)
        assert traced(state) == []
        assert not any(isinstance(x.base, Value) for x in state.values() if x.base is not None)
    expected = pure.init()[1]
    for _ in range(3):
        expected = pure.apply(params, expected, X)[1]
    assert same(state, expected)


def test_14_within_vmap_and_jvp_too():
    pure = purify(with_batch_norm())
    params, state = pure.init()
    batches = np.stack([X, 2 * X])
    _, new = wf.vmap(lambda x: pure.apply(params, state, x))(batches)
    assert traced(new) == [] and new["1.running_mean"].shape == (2, 4)
    _, new = wf.jvp(lambda p: pure.apply(p, state, X)[0], (params,), (params,))
    assert traced(new) == []


def test_15_omitting_the_state_raises_and_lists_the_missing_leaves():
    pure = purify(with_batch_norm())
    text = (
        r"^purify: state does not fit the model: missing '1.running_mean' \(4,\); missing "
        r"'1.running_var' \(4,\); missing '1.num_batches_tracked' \(\) \(pass on the state that "
        r"init\(\) and apply\(\) return\)$"
    )
    params, _ = pure.init()
    for state in (None, {}):
        with pytest.raises(ValueError, match=text):
            pure.apply(params, state, X)
    with pytest.raises(ValueError, match=text):
        pure(params, X)


def test_15_a_write_raises_where_the_state_may_not_change():
    pure = purify(with_batch_norm())
    params, state = pure.init()
    text = r"purify: the call writes to '1.running_mean', .*, but mutable=False; pass train=False"
    with pytest.raises(ValueError, match=text):
        pure.apply(params, state, X, mutable=False)
    _, same_state = pure.apply(params, state, X, mutable=False, train=False)
    assert all(same_state[name] is x for name, x in state.items())


def test_15_views_that_were_lent_and_not_written_are_returned_themselves():
    pure = purify(with_batch_norm())
    params, state = pure.init()
    whole = {name: np.stack([x, x]) for name, x in state.items()}
    views = {name: x[0] for name, x in whole.items()}
    _, after = pure.apply(params, views, X, mutable=False, train=False)
    assert all(after[name] is x for name, x in views.items())


class Mixed(nn.Module):
    """Float, integer and boolean buffers beside a parameter."""

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(np.ones(3, np.float32))
        for name, value in {"shift": 0.5, "steps": 3, "flags": True}.items():
            self.register_buffer(name, oop.tensor(np.array([value] * 3)))

    def forward(self, x):
        self.steps += 1
        return (x * self.w + self.shift.float()) * self.flags.float() * self.steps.float()


def test_16_gradients_exist_for_params_alone():
    pure = purify(Mixed())
    params, state = pure.init()
    gradients, new_state = wf.grad(
        lambda p: (lambda out, s: (out.sum(), s))(*pure.apply(p, state, X)), has_aux=True
    )(params)
    assert list(gradients) == ["w"] == pure.names
    np.testing.assert_allclose(gradients["w"], 4 * X.sum(0), rtol=1e-5)
    assert new_state["steps"].tolist() == [4, 4, 4] and new_state["steps"].dtype == np.int64
    assert new_state["flags"].dtype == bool


def test_17_grad_of_batch_norm_in_training_mode_is_that_of_the_stateful_model():
    model = with_batch_norm()
    pure = purify(model)
    params, state = pure.init()
    gradients = wf.grad(lambda p: (pure.apply(p, state, X)[0] ** 2).sum())(params)
    (model(oop.tensor(X)) ** 2).sum().backward()
    assert same(gradients, {name: p.grad for name, p in model.named_parameters()})


def test_17_batch_norm_per_sample_raises_with_the_way_out():
    pure = purify(with_batch_norm())
    params, state = pure.init()

    def loss(params, x, train=None):
        return pure.apply(params, state, x, train=train)[0].sum()

    text = r"BatchNorm1d: .* under vmap, has no batch .* purify pass train=False"
    with pytest.raises(ValueError, match=text):
        wf.vmap(wf.grad(loss), in_axes=(None, 0))(params, X)
    per_sample = wf.vmap(wf.grad(lambda p, x: loss(p, x[None], False)), in_axes=(None, 0))
    assert per_sample(params, X)["0.weight"].shape == (6, 4, 3)


class Late(nn.Module):
    """Registers a buffer in its first forward, or fills one that was None."""

    def __init__(self, declared):
        super().__init__()
        self.inner = nn.Module()
        if declared:
            self.inner.register_buffer("cache", None)

    def forward(self, x):
        if getattr(self.inner, "cache", None) is None:
            self.inner.register_buffer("cache", x.sum(0))
        else:
            self.inner.cache = self.inner.cache + x.sum(0)
        return x + self.inner.cache


@pytest.mark.parametrize("declared", [True, False])
def test_18_a_buffer_first_registered_in_forward_is_returned_and_absent_from_the_model(declared):
    model = Late(declared)
    pure = purify(model)
    params, state = pure.init()
    assert state == {}
    out, state = pure.apply(params, state, X)
    assert list(state) == ["inner.cache"] and pure.late == {"inner.cache"}
    assert not list(model.named_buffers())
    again, state = pure.apply(params, state, X)
    for expected in (out, again):
        assert bits(model(oop.tensor(X))) == bits(expected)
    assert bits(model.inner.cache) == bits(state["inner.cache"])


def test_18_a_buffer_that_forward_removes_is_none_in_the_state():
    class Removes(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("seed", oop.tensor([1.0]))

        def forward(self, x):
            if self.seed is not None:
                x, self.seed = x + self.seed, None
            return x

    pure = purify(Removes())
    out, state = pure.apply({}, pure.init()[1], X)
    assert bits(out) == bits(X + 1) and state == {"seed": None}
    out, state = pure.apply({}, state, X)
    assert bits(out) == bits(X) and state == {"seed": None}


CHANGES = {
    "assigns it": lambda m: setattr(m, "weight", nn.Parameter(np.ones((4, 3), np.float32))),
    "assigns it, as none": lambda m: setattr(m, "bias", None),
    "deletes it": lambda m: delattr(m, "bias"),
    "changes it in place": lambda m: oop.no_grad()(m.bias.add_)(1),
    "changes it in place, by assignment": lambda m: oop.no_grad()(m.bias.__setitem__)(0, 1),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("transform", [lambda f: f, wf.grad], ids=["plain", "grad"])
def test_30_a_parameter_that_forward_changes_raises_with_its_path(change, transform):
    class Restless(nn.Sequential):
        def forward(self, x):
            CHANGES[change](self[0])
            return x.sum()

    model = Restless(nn.Linear(3, 4))
    pure, before = purify(model), snapshot(model)
    params, _ = pure.init()
    given = fingerprint(params)
    text = r"purify: '0\.(bias|weight)' is a parameter, but the call " + change.split(",")[0]
    with pytest.raises(ValueError, match=text):
        transform(lambda p: pure(p, X))(params)
    assert snapshot(model) == before and fingerprint(params) == given


def test_30_a_parameter_that_forward_adds_raises():
    class Grows(nn.Module):
        def forward(self, x):
            self.new = nn.Parameter(np.ones(3, np.float32))
            return x * self.new

    with pytest.raises(ValueError, match="purify: 'new' is a parameter, but the call assigns it"):
        purify(Grows())({}, X)


def test_30_attributes_set_in_forward_do_not_appear_on_the_model():
    model = mlp()
    model.register_forward_pre_hook(lambda module, args: setattr(module, "seen", args))
    purify(model)(purify(model).init()[0], X)
    assert not hasattr(model, "seen")
