"""A training step of a multilayer perceptron: tanh between layers, mean squared error, SGD."""

from itertools import pairwise

import numpy as np

LEARNING_RATE = 0.01


def draw(sizes, batch):
    """(parameters by torch's names, x, y)."""
    rng = np.random.default_rng(0)
    params = {}
    for i, (fan_in, fan_out) in enumerate(pairwise(sizes)):
        k = fan_in**-0.5  # torch's default initialisation
        params[f"{2 * i}.weight"] = rng.uniform(-k, k, (fan_out, fan_in)).astype(np.float32)
        params[f"{2 * i}.bias"] = rng.uniform(-k, k, fan_out).astype(np.float32)
    x = rng.standard_normal((batch, sizes[0])).astype(np.float32)
    y = rng.standard_normal((batch, sizes[-1])).astype(np.float32)
    return params, x, y


def stateful(face, arrays):
    """nn.Sequential and optim.SGD."""
    params, x, y = arrays
    nn = face.torch.nn
    layers = []
    for weight in list(params.values())[::2]:
        layers += [nn.Linear(weight.shape[1], weight.shape[0]), nn.Tanh()]
    model = face.loaded(nn.Sequential(*layers[:-1]), params)
    optimizer = face.torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)

    def loss(x, y):
        return nn.functional.mse_loss(model(x), y)

    return face.train(loss, optimizer, (x, y))


def stateless(face, arrays):
    """A function of a dict of weights, and sgd."""
    params, x, y = arrays
    depth = len(params) // 2

    def loss(params, x, y):
        for i in range(depth):
            x = face.linear(x, params[f"{2 * i}.weight"], params[f"{2 * i}.bias"])
            if i < depth - 1:
                x = face.numpy.tanh(x)
        return face.mse_loss(x, y)

    return face.train(loss, face.optim.sgd(LEARNING_RATE), params, (x, y))
