"""An Adam update of 10^7 parameters, in ten arrays of a million."""

import numpy as np

LEAVES, SHAPE = 10, (1000, 1000)
LEARNING_RATE = 1e-3


def draw():
    """(parameters, gradients)."""
    rng = np.random.default_rng(0)
    params, grads = ([rng.standard_normal(SHAPE, np.float32) for _ in range(LEAVES)] for _ in "pg")
    return params, grads


def stateful(face, arrays):
    """optimizer.step() on gradients that are there."""
    params = [face.torch.nn.Parameter(face.torch.from_numpy(p)) for p in arrays[0]]
    for p, gradient in zip(params, arrays[1], strict=True):
        p.grad = face.torch.from_numpy(gradient)
    return face.update(face.adam(params, LEARNING_RATE), params)


def stateless(face, arrays):
    """adam's update, applied."""
    return face.update(face.optim.adam(LEARNING_RATE), *arrays)
