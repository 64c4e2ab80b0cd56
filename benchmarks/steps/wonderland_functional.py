"""wonderland.functional: layers as (init, apply), a loss over a pytree, the sgd of its optim."""

from wonderland.functional import nn, optim, value_and_grad

from . import LEARNING_RATE
from .wonderland_plain import on_device

PACKAGE = "wonderland"


def network(sizes):
    """Linear layers of these output sizes with tanh between."""
    layers = []
    for size in sizes:
        layers += [nn.Linear(size), nn.Tanh()]
    return nn.Sequential(*layers[:-1])


def prepare(weights, x, y, device="cpu"):
    """step() for these weights and this batch."""
    weights, x, y = on_device((weights, x, y), device)
    layer = network([len(b) for _, b in weights])
    optimizer = optim.sgd(LEARNING_RATE)

    def loss(params):
        return nn.mse_loss(layer.apply(params, x), y)

    gradient = value_and_grad(loss)
    params = parameters(weights)
    state = optimizer.init(params)

    def step():
        nonlocal params, state
        value, grads = gradient(params)
        updates, state = optimizer.update(grads, state, params)
        params = optim.apply_updates(params, updates)
        return value

    return step


def parameters(weights):
    """The weights in the structure of the network's params; the layers with tanh have none."""
    return {str(2 * i): {"weight": w, "bias": b} for i, (w, b) in enumerate(weights)}
