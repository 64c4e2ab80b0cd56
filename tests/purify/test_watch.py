"""Number 36 of PURIFY.md: checked=True finds what goes past the clone."""

import numpy as np
import pytest

from tests.purify.models import Tied, X, bits, mlp, same, snapshot, with_batch_norm
from wonderland import functional as wf
from wonderland import oop
from wonderland.oop import nn
from wonderland.purify import purify
from wonderland.shared.random import key


class Helper:
    """No module, so it is not rebuilt."""

    def __init__(self, held):
        self.held = held


class Leaks(nn.Module):
    """Its forward reaches the original through a helper object."""

    def __init__(self, use):
        super().__init__()
        self.w = nn.Parameter(np.ones(3, np.float32))
        self.register_buffer("b", oop.tensor(np.ones(3, np.float32)))
        self.helper, self.use = Helper(self), use

    def forward(self, x):
        return self.use(self.helper.held, x)


USES = {
    "a parameter in an operation": (lambda m, x: x * m.w, "'w' .*, in mul"),
    "a value derived from one": (lambda m, x: x * (m.w * 2).tanh(), "'w' .*, in mul"),
    "a buffer": (lambda m, x: x - m.b, "'b' .*, in sub"),
    "a parameter as the result": (lambda m, x: m.w, "'w' .*, in what it returns"),
    "a derived value as a result": (lambda m, x: [x, m.w * 2], "'w' .*, in what it returns"),
}


@pytest.mark.parametrize("name", USES)
@pytest.mark.parametrize("transform", [lambda f: f, lambda f: lambda p: wf.vjp(f, p)[0]],
                         ids=["plain", "vjp"])  # fmt: skip
def test_36_a_use_of_the_original_is_detected(name, transform):
    use, text = USES[name]
    model = Leaks(use)
    pure, before = purify(model, checked=True), snapshot(model)
    params, state = pure.init()
    text = rf"purify: the call uses {text}; a closure, a global or an object other than a module"
    with pytest.raises(ValueError, match=text):
        transform(lambda p: pure.apply(p, state, X)[0])(params)
    assert snapshot(model) == before
    purify(model).apply(params, state, X)  # unchecked, it goes unnoticed


def test_36_a_change_of_the_original_is_detected():
    def use(model, x):
        model.b.add_(1)
        return x

    pure = purify(Leaks(use), checked=True)
    with pytest.raises(ValueError, match="purify: the call changes 'b' of the model itself"):
        pure.apply(*pure.init(), X)


def test_36_a_global_is_detected():
    class Global(nn.Module):
        def forward(self, x):
            return model[0](x)

    model = nn.Sequential(nn.Linear(3, 3))
    model.add_module("other", Global())
    pure = purify(model, checked=True)
    with pytest.raises(ValueError, match=r"'0\.weight' of the model itself"):
        pure(pure.init()[0], X)


@pytest.mark.parametrize("make", [mlp, with_batch_norm, Tied, lambda: mlp(nn.Dropout(0.5))])
def test_a_model_that_stays_within_itself_passes_and_computes_the_same(make):
    model = make()
    results = []
    for checked in (True, False):
        pure = purify(model, checked=checked)
        params, state = pure.init()

        def loss(p, pure=pure, state=state):
            out, after = pure.apply(p, state, X, key=key(0))
            return (out * out).sum(), after

        (value, after), gradients = wf.value_and_grad(loss, has_aux=True)(params)
        assert type(value) is np.float32
        assert all(type(x) in (np.ndarray, np.generic, np.int64) for x in after.values())
        results.append((bits(value), gradients, after))
    (one, g, s), (other, h, t) = results
    assert one == other and same(g, h) and same(s, t)


def test_constants_from_outside_are_no_fault():
    scale = oop.tensor(np.float32(2))

    class Scaled(nn.Linear):
        def forward(self, x):
            return super().forward(x) * scale

    model = Scaled(3, 2)
    pure = purify(model, checked=True)
    assert bits(pure(pure.init()[0], X)) == bits(model(oop.tensor(X)))
