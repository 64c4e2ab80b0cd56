"""wonderland.purify: the oop module as a pure function, with the sgd of functional.optim."""

from wonderland.functional import nn, optim, value_and_grad
from wonderland.purify import purify

from . import LEARNING_RATE
from .wonderland_oop import network
from .wonderland_plain import on_device

PACKAGE = "wonderland"


def prepare(weights, x, y, device="cpu"):
    """step() for these weights and this batch."""
    x, y = on_device((x, y), device)
    pure = purify(network(weights).to(device))
    optimizer = optim.sgd(LEARNING_RATE)

    def loss(params):
        return nn.mse_loss(pure(params, x), y)

    gradient = value_and_grad(loss)
    params, _ = pure.init()
    state = optimizer.init(params)

    def step():
        nonlocal params, state
        value, grads = gradient(params)
        updates, state = optimizer.update(grads, state, params)
        params = optim.apply_updates(params, updates)
        return value

    return step
