"""An MLP trained on a device, in both styles and purified: as on the host."""

import importlib

import numpy as np
import pytest

from benchmarks.steps import draw
from wonderland import functional as wf
from wonderland.functional import optim
from wonderland.purify import purify

STYLES = ["wonderland_oop", "wonderland_functional", "wonderland_plain", "wonderland_pure"]
STEPS = 5


@pytest.mark.parametrize("style", STYLES)
def test_the_losses_of_a_training_run(device, style):
    prepare = importlib.import_module(f"benchmarks.steps.{style}").prepare
    near, far = (prepare(*draw("8-16-16-1"), device=d) for d in ("cpu", "cuda"))
    wanted = [near().item() for _ in range(STEPS)]
    with device.still():
        losses = [far() for _ in range(STEPS)]
    for loss, value in zip(losses, wanted, strict=True):
        array = getattr(loss, "value", loss)
        assert isinstance(array, device.module.ndarray)
        assert array.dtype == np.float32
        np.testing.assert_allclose(device.host(array), value, rtol=1e-5)
    assert wanted[-1] < wanted[0]


def loss(np, params, x):
    """A function with the operations that models are made of."""
    h = np.tanh(x @ params["w"] + params["b"])
    p = np.exp(h - h.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    return -np.log(p[:, 0]).mean() + np.where(h > 0, h, 0.1 * h).sum()


def test_every_transform(device):
    rng = np.random.default_rng(0)
    params = {"w": rng.standard_normal((3, 2)), "b": rng.standard_normal(2)}
    x = rng.standard_normal((4, 3))
    programs = {
        "grad": lambda p, x: wf.grad(lambda p: loss(np, p, x))(p),
        "jvp": lambda p, x: wf.jvp(lambda p: loss(np, p, x), (p,), (p,)),
        "hvp": lambda p, x: wf.hvp(lambda p: loss(np, p, x), p, p),
        "vmap": lambda p, x: wf.vmap(lambda r: loss(np, p, r[None]))(x),
        "vmap of grad": lambda p, x: wf.vmap(wf.grad(lambda r: loss(np, p, r[None])))(x),
        "hessian": lambda p, x: wf.hessian(lambda b: loss(np, {**p, "b": b}, x))(p["b"]),
        "jacfwd": lambda p, x: wf.jacfwd(lambda r: r @ p["w"])(x),
    }
    far = wf.tree.map(device.to, (params, x))
    for name, f in programs.items():
        with device.still():
            found = f(*far)
        for a, b in zip(wf.tree.leaves(found), wf.tree.leaves(f(params, x)), strict=True):
            assert isinstance(a, device.module.ndarray), name
            np.testing.assert_allclose(device.host(a), b, rtol=1e-10, atol=1e-12, err_msg=name)


OPTIMIZERS = {
    "sgd": lambda: optim.sgd(0.1, momentum=0.9, nesterov=True),
    "adam": lambda: optim.adam(0.1),
    "adamw": lambda: optim.adamw(0.1, weight_decay=0.1),
    "clipped": lambda: optim.chain(optim.clip_by_global_norm(0.1), optim.sgd(0.1)),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimisers(device, name):
    start = {"w": np.array([1.0, -2.0], np.float32), "b": np.array(0.5, np.float32)}

    def run(params):
        optimizer = OPTIMIZERS[name]()
        state = optimizer.init(params)
        for _ in range(3):
            grads = wf.grad(lambda p: (p["w"] ** 2).sum() + p["b"] ** 2)(params)
            updates, state = optimizer.update(grads, state, params)
            params = optim.apply_updates(params, updates)
        return params

    far = wf.tree.map(device.to, start)
    with device.still():
        found = run(far)
    for a, b in zip(wf.tree.leaves(found), wf.tree.leaves(run(start)), strict=True):
        assert isinstance(a, device.module.ndarray)
        np.testing.assert_allclose(device.host(a), b, rtol=1e-6)


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW"])
def test_stateful_optimisers(device, name):
    network = importlib.import_module("benchmarks.steps.wonderland_oop").network
    oop = importlib.import_module("wonderland.oop")
    weights, x, _ = draw("8-16-16-1")

    def run(where):
        model = network(weights).to(where)
        inputs = oop.tensor(x).to(where)
        optimizer = getattr(oop.optim, name)(model.parameters(), lr=0.01)
        for _ in range(3):
            optimizer.zero_grad()
            (model(inputs) ** 2).mean().backward()
            optimizer.step()
        return model.state_dict()

    wanted = run("cpu")
    for key, value in run("cuda").items():
        assert value.device == "cuda:0"
        np.testing.assert_allclose(
            device.host(value.value), wanted[key].numpy(), rtol=1e-4, atol=1e-6
        )


def test_purified_on_the_device(device):
    network = importlib.import_module("benchmarks.steps.wonderland_oop").network
    weights, x, _ = draw("8-16-16-1")
    model = network(weights)
    wanted = purify(model)(purify(model).init()[0], x)
    pure = purify(model.to("cuda"))
    params, _ = pure.init()
    far = device.to(x)
    with device.still():
        found = pure(params, far)
        grads = wf.grad(lambda p: (pure(p, far) ** 2).sum())(params)
    np.testing.assert_allclose(device.host(found), wanted, rtol=1e-5)
    assert all(isinstance(g, device.module.ndarray) for g in grads.values())
    pure.write_back(grads)
    assert all(p.device == "cuda:0" for p in model.parameters())
