"""Numbers 25, 27-29, 32, 34, 35, 44 of PURIFY.md: modes, errors, threads, hooks, methods."""

import threading

import numpy as np
import pytest

from tests.purify.models import X, bits, mlp, snapshot, with_batch_norm, with_dropout
from wonderland import functional as wf
from wonderland import oop
from wonderland.oop import nn
from wonderland.oop.random import source
from wonderland.purify import purify
from wonderland.shared.dispatch import Value, depth
from wonderland.shared.random import key


def test_25_the_mode_of_one_call_is_not_the_models():
    model = with_batch_norm()
    pure = purify(model)
    params, state = pure.init()
    _, after = pure.apply(params, state, X, train=False)
    assert after["1.num_batches_tracked"] == 0
    assert all(module.training for module in model.modules())
    model.eval()
    _, after = pure.apply(params, state, X, train=True)
    assert after["1.num_batches_tracked"] == 1
    assert not any(module.training for module in model.modules())


def test_25_without_a_mode_each_submodule_keeps_its_own():
    model = mlp(nn.BatchNorm1d(4), nn.Dropout(0.5))
    model[1].eval()
    pure = purify(model)
    params, state = pure.init()
    out, after = pure.apply(params, state, X, key=key(0))
    assert after["1.num_batches_tracked"] == 0
    assert bits(out) != bits(pure.apply(params, state, X, key=key(1))[0])
    model[2].eval()  # seen by the next call, as every attribute set on the model is
    pure.apply(params, state, X)


def test_27_an_exception_leaves_everything_as_it_was_and_comes_unchanged():
    class Fails(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner, self.log = with_dropout(), []
            self.norm = nn.BatchNorm1d(2)

        def forward(self, x):
            x = self.norm(self.inner(x))
            self.log.append(x)
            self.register_forward_hook(print)
            raise error

    error, model = KeyError("mine", 3), Fails()
    pure, before = purify(model), snapshot(model)
    params, state = pure.init()
    generator = oop.random.default_generator.get_state().tolist()
    for transform in (lambda f: f, wf.grad, lambda f: wf.vmap(f, in_axes=None, axis_size=2)):
        with pytest.raises(KeyError) as caught:
            transform(lambda p: pure.apply(p, state, X, key=key(0)))(params)
        assert caught.value is error and error.args == ("mine", 3)
        assert not getattr(error, "__notes__", [])
    assert snapshot(model) == before and model.log == []
    assert oop.random.default_generator.get_state().tolist() == generator
    assert source.get() is None and depth.get() == 0


def test_28_eight_threads_each_get_their_own_result():
    model = mlp(nn.BatchNorm1d(4), nn.Dropout(0.5))
    pure, before = purify(model), snapshot(model)
    params, state = pure.init()
    given = [({n: p * (i + 1) for n, p in params.items()}, key(i)) for i in range(8)]

    def run(p, k):
        def loss(p):
            out, new_state = pure.apply(p, state, X, key=k)
            return (out * out).sum(), new_state

        gradients, new_state = wf.grad(loss, has_aux=True)(p)
        return [bits(x) for x in (*gradients.values(), *new_state.values())]

    expected, found = [run(*g) for g in given], [[] for _ in given]
    barrier = threading.Barrier(8)

    def work(i):
        barrier.wait()
        for _ in range(5):
            found[i].append(run(*given[i]))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(results == [expected[i]] * 5 for i, results in enumerate(found))
    assert snapshot(model) == before


class Recursive(nn.Module):
    """Calls its own purified self, with other parameters, inside forward."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 3)
        self.pure = None

    def forward(self, x, depth=1):
        x = self.layer(x)
        if depth:
            doubled = {n: 2 * p for n, p in self.named_parameters()}
            x = self.pure(doubled, x, depth=depth - 1)
        return x


def test_29_a_purified_call_inside_a_forward_on_the_same_model_composes():
    model = Recursive()
    pure = model.pure = purify(model)
    params, _ = pure.init()
    w, b = params["layer.weight"], params["layer.bias"]
    np.testing.assert_allclose(pure(params, X), (X @ w.T + b) @ (2 * w).T + 2 * b, rtol=1e-5)

    def by_hand(p):
        w, b = p["layer.weight"], p["layer.bias"]
        return ((X @ w.T + b) @ (2 * w).T + 2 * b).sum()

    found, expected = (wf.grad(f)(params) for f in (lambda p: pure(p, X).sum(), by_hand))
    for name in expected:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-5)


def test_32_hooks_fire_once_per_call_and_see_functional_values():
    model, seen, kept = mlp(), [], []
    model[0].register_forward_pre_hook(lambda module, args: seen.append(("pre", args[0])))
    model[0].register_forward_hook(lambda module, args, out: seen.append(("post", out)))
    model[0].register_forward_hook(lambda module, args, out: kept.append(module.weight))
    pure, before = purify(model), snapshot(model)
    params = {n: 2 * p for n, p in pure.init()[0].items()}
    pure(params, X)
    assert [kind for kind, _ in seen] == ["pre", "post"]
    expected = X @ params["0.weight"].T + params["0.bias"]
    assert bits(seen[0][1]) == bits(X) and np.allclose(seen[1][1].numpy(), expected)
    assert bits(kept[0]) == bits(params["0.weight"])
    wf.grad(lambda p: pure(p, X).sum())(params)
    assert len(seen) == 4 and isinstance(kept[1].value, Value)
    assert snapshot(model) == before  # whatever hooks keep is the clone's


def test_32_hooks_may_change_values_and_are_bound_to_the_clone():
    class Hooked(nn.Linear):
        def __init__(self):
            super().__init__(3, 2)
            self.scale = nn.Parameter(np.float32(2).reshape(1))
            self.register_forward_hook(self.scaled)

        def scaled(self, module, args, out):
            assert module is self
            return out * self.scale

    pure = purify(Hooked())
    params, _ = pure.init()
    once = pure(params, X)
    assert np.allclose(pure({**params, "scale": np.float32([6])}, X), 3 * once)
    gradient = wf.grad(lambda p: pure(p, X).sum())(params)["scale"]
    np.testing.assert_allclose(gradient, [once.sum() / 2], rtol=1e-5)


def test_32_a_hook_added_in_forward_stays_on_the_clone():
    class Adds(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Tanh()
            self.inner.register_forward_hook(lambda *_: None)

        def forward(self, x):
            self.inner.register_forward_hook(lambda *_: None)
            self.register_forward_hook(lambda *_: None)
            return self.inner(x)

    model = Adds()
    purify(model)({}, X)
    assert len(model.inner._forward_hooks) == 1 and not model._forward_hooks


class Normed(nn.Module):
    """Weight norm by hand: the weight is derived from two parameters before each forward."""

    def __init__(self):
        super().__init__()
        self.g = nn.Parameter(np.ones((2, 1), np.float32))
        self.v = nn.Parameter(np.arange(1, 7, dtype=np.float32).reshape(2, 3))
        self.register_forward_pre_hook(self.derive)

    def derive(self, module, args):
        module.weight = module.g * module.v / (module.v * module.v).sum(1, keepdim=True).sqrt()

    def forward(self, x):
        return x @ self.weight.T


def test_34_derived_weights_are_made_anew_and_not_left_behind():
    model = Normed()
    pure = purify(model)
    params, _ = pure.init()
    assert list(params) == ["g", "v"]
    out = pure({**params, "g": 3 * params["g"]}, X)
    assert not hasattr(model, "weight")
    assert np.allclose(out, 3 * model(oop.tensor(X)).detach().numpy(), rtol=1e-6)
    gradients = wf.grad(lambda p: (pure(p, X) ** 2).sum())(params)
    (model(oop.tensor(X)) ** 2).sum().backward()
    assert all(bits(gradients[n]) == bits(p.grad) for n, p in model.named_parameters())


class Acts(nn.Module):
    """Its activation is an attribute that reaches its parameter, in one of several ways."""

    def __init__(self, keep):
        super().__init__()
        self.scale = nn.Parameter(np.ones(3, np.float32))
        self.act = keep(self)

    def scaled(self, x, factor=1):
        return x * self.scale * factor

    def forward(self, x):
        return self.act(x)


@pytest.mark.parametrize("name", KEEPS := {
    "a bound method": lambda self: self.scaled,
    "a lambda over self": lambda self: lambda x: x * self.scale,
    "a lambda over the parameter": lambda self: (lambda w: lambda x: x * w)(self.scale),
    "a lambda over a lambda": lambda self: (lambda f: lambda x: f(x))(lambda x: self.scaled(x)),
    "a partial": lambda self: __import__("functools").partial(self.scaled, factor=1),
})  # fmt: skip
def test_35_functions_kept_as_attributes_run_on_functional_values(name):
    model = Acts(KEEPS[name])
    pure = purify(model, checked=True)
    params = {"scale": np.full(3, 2, np.float32)}
    assert bits(pure(params, X)) == bits(2 * X)
    assert np.allclose(wf.grad(lambda p: pure(p, X).sum())(params)["scale"], X.sum(0))


class Coder(nn.Module):
    """Several methods, which take and return trees."""

    def __init__(self):
        super().__init__()
        self.down, self.up = nn.Linear(3, 2), nn.Linear(2, 3)

    def encode(self, x, *, scale=1):
        return {"code": self.down(x["image"]) * scale, "raw": [x["image"], None, "text"]}

    def loss(self, x, target=None):
        return ((self.up(self.encode({"image": x})["code"]) - target) ** 2).mean()


def test_44_another_method_with_keywords_and_trees():
    model = Coder()
    pure = purify(model, "encode")
    params, state = pure.init()
    out, _ = pure.apply(params, state, {"image": X}, scale=2)
    expected = model.encode({"image": oop.tensor(X)}, scale=2)
    assert bits(out["code"]) == bits(expected["code"])
    assert bits(out["raw"][0]) == bits(X) and out["raw"][1:] == [None, "text"]
    loss = purify(model, method="loss")
    value, gradients = wf.value_and_grad(lambda p: loss(p, X, target=X))(params)
    stateful = model.loss(oop.tensor(X), target=oop.tensor(X))
    stateful.backward()
    assert bits(value) == bits(stateful)
    assert all(bits(gradients[n]) == bits(p.grad) for n, p in model.named_parameters())


def test_32_backward_hooks_fire_once_per_gradient_and_may_replace_it():
    model, seen = mlp(), []

    def hook(module, grad_input, grad_output):
        seen.append((grad_input, grad_output))
        return tuple(None if g is None else 2 * g for g in grad_input)

    plain = wf.grad(lambda p: purify(model)(p, X).sum())(purify(model).init()[0])
    model[2].register_full_backward_hook(hook)
    pure = purify(model)
    params, _ = pure.init()
    pure(params, X)
    assert not seen
    gradients = wf.grad(lambda p: pure(p, X).sum())(params)
    ((grad_input,), (grad_output,)) = seen.pop()
    assert not seen and bits(grad_output) == bits(np.ones((6, 2), np.float32))
    assert bits(grad_input) == bits(np.ones((6, 2), np.float32) @ params["2.weight"])
    assert bits(gradients["2.weight"]) == bits(plain["2.weight"])
    assert bits(gradients["0.weight"]) == bits(2 * plain["0.weight"])
    model(oop.tensor(X)).sum().backward()
    assert all(bits(gradients[n]) == bits(p.grad) for n, p in model.named_parameters())
