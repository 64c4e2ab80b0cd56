"""autograd: NumPy functions and value_and_grad over a list of (W, b)."""

import autograd.numpy as np
from autograd import value_and_grad

from . import LEARNING_RATE

PACKAGE = "autograd"


def predict(weights, h):
    *hidden, (w, b) = weights
    for v, c in hidden:
        h = np.tanh(np.dot(h, v.T) + c)
    return np.dot(h, w.T) + b


def loss(weights, x, y):
    error = predict(weights, x) - y
    return np.mean(error * error)


def prepare(weights, x, y):
    """step() for these weights and this batch."""
    gradient = value_and_grad(loss)

    def step():
        nonlocal weights
        value, grads = gradient(weights, x, y)
        weights = [
            (w - LEARNING_RATE * gw, b - LEARNING_RATE * gb)
            for (w, b), (gw, gb) in zip(weights, grads, strict=True)
        ]
        return value

    return step
