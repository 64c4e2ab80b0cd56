"""Stochastic gradient descent."""

from typing import NamedTuple

import numpy as np

from ...shared import optim as rules
from ...shared import tree
from .transformation import START, GradientTransformation, check_rate, needed, rate_at


class SGDState(NamedTuple):
    """count: the steps taken; momentum: a buffer per parameter, None without momentum."""

    count: object
    momentum: object


def sgd(learning_rate, momentum=0.0, nesterov=False, dampening=0.0, weight_decay=0.0):
    """torch.optim.SGD: g = gradient + λ p; b = μ b + (1 - τ) g; the update is -lr (g + μ b or b).

    learning_rate: a number, or a schedule of the step count. nesterov: g + μ b instead of b.

    >>> optimizer = sgd(0.1)
    >>> optimizer.update(np.float32(2.0), optimizer.init(np.float32(1.0)))[0]
    np.float32(-0.2)
    """
    momentum, dampening = rules.number(momentum or 0.0), rules.number(dampening)
    weight_decay = rules.number(weight_decay)
    check_rate("sgd", learning_rate=learning_rate, momentum=momentum, weight_decay=weight_decay)
    if nesterov and (not momentum or dampening):
        raise ValueError(
            f"sgd: nesterov needs momentum and no dampening, but momentum is {momentum} and "
            f"dampening {dampening}"
        )

    def init(params):
        return SGDState(START, tree.map(np.zeros_like, params) if momentum else None)

    def update(updates, state, params=None):
        lr, (count, buffers) = rate_at(learning_rate, state.count), state
        gradients, structure = tree.flatten(updates)
        weights = gradients  # any: only the decay looks at them
        if weight_decay:
            weights = structure.flatten_up_to(needed("sgd", params), "sgd")
        if not momentum:
            found = [
                rules.sgd(g, None, p, lr, weight_decay=weight_decay)[0]
                for g, p in zip(gradients, weights, strict=True)
            ]
            return structure.unflatten(found), SGDState(count + 1, None)
        buffers = structure.flatten_up_to(buffers, "sgd")
        steps = rules.steps_for(*gradients, *buffers, *weights, lr)
        tau = dampening if count > 0 else 0.0  # the first buffer is the gradient itself
        found = [
            rules.sgd(g, b, p, lr, momentum, tau, weight_decay, nesterov, steps)
            for g, b, p in zip(gradients, buffers, weights, strict=True)
        ]
        updates, buffers = [u for u, _ in found], [b for _, b in found]
        return structure.unflatten(updates), SGDState(count + 1, structure.unflatten(buffers))

    return GradientTransformation(init, update)
