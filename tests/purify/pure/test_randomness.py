"""Numbers 19-24 of PURIFY.md: keys, masks, fresh values."""

import numpy as np
import pytest

from tests.purify.models import X, bits, mlp, same, snapshot, with_batch_norm, with_dropout
from wonderland import functional as wf
from wonderland import oop
from wonderland.oop import nn
from wonderland.purify import purify
from wonderland.shared.random import Generator, fold_in, key

ONES = np.ones((4, 50), np.float32)


def masks(pure, x=ONES, k=7):
    return pure.apply({}, {}, x, key=key(k))[0]


class Masks(nn.Module):
    """What each of several calls to dropout layers leaves of ones."""

    def __init__(self, *layers):
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, x):
        return [layer(x) for layer in self.layers]


def test_19_the_same_key_gives_the_same_output_and_another_another():
    pure = purify(nn.Dropout(0.5))
    assert bits(masks(pure)) == bits(masks(pure)) != bits(masks(pure, k=8))


def test_19_two_layers_never_share_a_mask_and_one_layer_draws_anew_in_each_call():
    one = nn.Dropout(0.5)
    for model in (Masks(nn.Dropout(0.5), nn.Dropout(0.5)), Masks(one, one)):
        first, second = masks(purify(model))
        assert bits(first) != bits(second)


def test_20_dropout_in_training_mode_without_a_key_raises():
    model = with_dropout()
    pure, before = purify(model), snapshot(model)
    text = (
        r"purify: Dropout draws random numbers, and this call has no key; "
        r"pass key=wf.random.key\(0\), or train=False"
    )
    with pytest.raises(ValueError, match=text):
        pure(pure.init()[0], X)
    assert snapshot(model) == before


def test_20_in_evaluation_mode_it_needs_none():
    model = with_dropout()
    pure = purify(model)
    params, state = pure.init()
    expected = bits(model.eval()(oop.tensor(X)))
    assert bits(pure(params, X)) == expected
    model.train()
    assert bits(pure.apply(params, state, X, train=False)[0]) == expected
    assert bits(purify(model, train=False)(params, X)) == expected


def test_21_each_element_of_a_vmap_has_a_mask_of_its_own():
    pure = purify(nn.Dropout(0.5))
    out = wf.vmap(lambda x: masks(pure, x))(ONES)
    assert len({row.tobytes() for row in out}) == len(ONES)
    nested = wf.vmap(wf.vmap(lambda x: masks(pure, x)))(np.ones((3, 2, 50), np.float32))
    assert len({row.tobytes() for row in nested.reshape(6, 50)}) == 6


def test_21_the_masks_are_those_of_the_elements_number():
    pure = purify(nn.Dropout(0.5))
    out = wf.vmap(lambda x: masks(pure, x))(ONES)
    for i, row in enumerate(out):
        alone = pure.apply({}, {}, ONES[i], key=fold_in(key(7), i))[0]
        assert bits(row) == bits(alone)


def test_21_a_mapped_key_is_used_as_it_is():
    pure = purify(nn.Dropout(0.5))
    run = wf.vmap(lambda x, k: pure.apply({}, {}, x, key=k)[0])
    out = run(ONES, np.stack([key(7)] * len(ONES)))
    assert len({row.tobytes() for row in out}) == 1
    assert bits(out[0]) == bits(masks(pure, ONES[0]))


def test_21_an_ensemble_has_masks_of_its_own_for_each_member():
    pure = purify(with_dropout())
    params = {n: np.stack([x] * 3) for n, x in pure.init()[0].items()}
    out = wf.vmap(lambda p: pure.apply(p, {}, X, key=key(1))[0])(params)
    assert len({member.tobytes() for member in out}) == 3


def test_22_with_the_same_seed_both_forwards_draw_the_same_masks():
    model = mlp(nn.Dropout(0.5), nn.Dropout(0.3))
    pure = purify(model)
    oop.manual_seed(11)
    expected = model(oop.tensor(X))
    assert bits(pure.apply(*pure.init(), X, key=key(11))[0]) == bits(expected)


def test_23_the_global_generator_is_left_alone():
    pure = purify(with_dropout())
    params, state = pure.init()
    before = oop.random.default_generator.get_state().tolist()
    results = {bits(pure.apply(params, state, X, key=key(3))[0]) for _ in range(3)}
    pure.init(key(0))
    assert len(results) == 1
    assert oop.random.default_generator.get_state().tolist() == before


@pytest.mark.parametrize("make", [Generator, np.random.default_rng])
def test_23_so_is_a_generator_that_the_model_keeps(make):
    class Noisy(nn.Module):
        def __init__(self):
            super().__init__()
            self.generator = make(5)

        def forward(self, x):
            if make is Generator:
                return x + oop.rand(3, generator=self.generator)
            return x + self.generator.random(3).astype(np.float32)

    model = Noisy()
    pure = purify(model)
    first, second = (pure({}, X) for _ in range(2))
    assert bits(first) == bits(second) == bits(model(oop.tensor(X)))


class Named(nn.Module):
    """Submodules made in a given order."""

    def __init__(self, order):
        super().__init__()
        for name in order:
            setattr(self, name, nn.Linear(2, 2))


def test_24_initial_values_do_not_depend_on_the_order_of_submodules():
    one, other = (purify(Named(order)).init(key(0))[0] for order in (("a", "b"), ("b", "a")))
    assert list(one) != list(other) and same(one, other)
    assert bits(one["a.weight"]) != bits(one["b.weight"])


def test_24_fresh_values_leave_the_model_as_it_is():
    model = with_batch_norm()
    model(oop.tensor(X))
    pure, before = purify(model), snapshot(model)
    params, state = pure.init(key(0))
    assert snapshot(model) == before
    assert state["1.num_batches_tracked"] == 0 and state["1.running_var"].tolist() == [1] * 4
    assert bits(params["0.weight"]) != bits(model[0].weight)
    assert all(x.flags.writeable for x in (*params.values(), *state.values()))
    assert same(params, pure.init(key(0))[0]) and not same(params, pure.init(key(1))[0])


def test_24_a_parent_overrules_its_children():
    class Zero(nn.Sequential):
        def reset_parameters(self):
            nn.init.zeros_(self[0].weight)

    params, _ = purify(Zero(nn.Linear(2, 2))).init(key(0))
    assert not params["0.weight"].any() and params["0.bias"].any()


def test_24_parameters_that_nobody_draws_raise():
    model = mlp()
    model.scale = nn.Parameter(np.ones(2, np.float32))
    text = r"init: no reset_parameters\(\) draws 'scale'; define it in the module"
    with pytest.raises(ValueError, match=text):
        purify(model).init(key(0))


def test_24_fresh_values_may_be_drawn_by_rebinding_or_operations():
    class Own(nn.Module):
        def __init__(self):
            super().__init__()
            self.a = nn.Parameter(np.zeros(2, np.float32))
            self.b = nn.Parameter(np.zeros(2, np.float32))

        def reset_parameters(self):
            self.a = nn.Parameter(oop.rand(2))
            self.b.data = oop.rand(2)

    params, _ = purify(Own()).init(key(0))
    assert params["a"].all() and params["b"].all()


def test_24_vmap_draws_an_ensemble():
    pure = purify(with_batch_norm())
    keys = wf.random.split(key(0), 3)
    params, _ = wf.vmap(pure.init)(keys)
    for i in range(3):
        assert same({n: x[i] for n, x in params.items()}, pure.init(keys[i])[0])
