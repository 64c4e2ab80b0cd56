"""The derivative written by hand: the kernels alone, which no framework can do without."""

import numpy as np

from . import LEARNING_RATE

PACKAGE = "numpy"


def prepare(weights, x, y):
    """step() for these weights and this batch."""
    weights = [(w.copy(), b.copy()) for w, b in weights]

    def step():
        inputs, h = [], x
        for i, (w, b) in enumerate(weights):
            inputs.append(h)
            h = h @ w.T + b
            if i < len(weights) - 1:
                h = np.tanh(h)
        error = h - y
        g = error * np.float32(2 / error.size)
        for (w, b), h in zip(reversed(weights), reversed(inputs), strict=True):
            gw, gb = g.T @ h, g.sum(0)
            if h is not x:
                g = (g @ w) * (1 - h * h)
            w -= LEARNING_RATE * gw
            b -= LEARNING_RATE * gb
        return (error * error).mean()

    return step
