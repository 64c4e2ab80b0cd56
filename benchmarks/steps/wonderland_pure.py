"""wonderland.purify: the oop module as a pure function, with the sgd of functional.optim."""

from wonderland.functional import nn, optim, value_and_grad
from wonderland.purify import purify

from . import LEARNING_RATE
from .wonderland_oop import network, version

NAME = "wonderland.purify"


def prepare(weights, x, y):
    """step() for these weights and this batch."""
    pure = purify(network(weights))
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
