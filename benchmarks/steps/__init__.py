"""One training step of one MLP, as each framework's users write it: the same work for the clock.

Every module here has `PACKAGE` and `prepare(weights, x, y)`, which returns `step()`: one forward
pass, backward pass and SGD update, giving the loss before the update. The networks are multilayer
perceptrons with tanh between layers, mean squared error and learning rate 0.01, float32
throughout, full batch.
"""

from itertools import pairwise

import numpy as np

LEARNING_RATE = 0.01

# name: (layer sizes, batch size)
MODELS = {
    "8-16-16-1": ((8, 16, 16, 1), 4),
    "784-128-10": ((784, 128, 10), 32),
    "784-512-512-10": ((784, 512, 512, 10), 128),
}


def draw(model):
    """(weights, x, y) of a model: weights is a list of (W, b) with W of shape (out, in)."""
    sizes, batch = MODELS[model]
    rng = np.random.default_rng(0)
    weights = []
    for fan_in, fan_out in pairwise(sizes):
        k = fan_in**-0.5  # torch's default initialisation
        shapes = ((fan_out, fan_in), (fan_out,))
        weights.append(tuple(rng.uniform(-k, k, shape).astype(np.float32) for shape in shapes))
    x = rng.standard_normal((batch, sizes[0])).astype(np.float32)
    y = rng.standard_normal((batch, sizes[-1])).astype(np.float32)
    return weights, x, y
