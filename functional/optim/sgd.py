"""Stochastic gradient descent."""

from typing import NamedTuple

import numpy as np

from ...shared import optim as rules
from ...shared import tree
from ...shared.dispatch import Value
from .transformation import START, GradientTransformation, check_rate, check_shapes, needed, rate_at


class SGDState(NamedTuple):
    """count: the steps taken; momentum: a buffer per parameter, None without momentum."""

    count: object  # type: ignore[assignment]
    momentum: object


def sgd(learning_rate, momentum=0.0, nesterov=False, dampening=0.0, weight_decay=0.0):
    """torch.optim.SGD: g = gradient + λ p; b = μ b + (1 - τ) g; the update is -lr (g + μ b or b).

    learning_rate: a number, or a schedule of the step count. nesterov: g + μ b instead of b.

    >>> optimizer = sgd(0.1)
    >>> optimizer.update(np.float32(2.0), optimizer.init(np.float32(1.0)))[0]
    np.float32(-0.2)
    """
    momentum = 0.0 if momentum is None else rules.number(momentum)
    dampening, weight_decay = rules.number(dampening), rules.number(weight_decay)
    check_rate("sgd", learning_rate=learning_rate, momentum=momentum, weight_decay=weight_decay)
    if nesterov and not (present(momentum) and not present(dampening)):
        raise ValueError(
            f"sgd: nesterov needs momentum and no dampening, but momentum is {momentum} and "
            f"dampening {dampening}"
        )
    decay = weight_decay if present(weight_decay) else None
    if not present(momentum):
        return without_momentum(learning_rate, decay)
    return with_momentum(learning_rate, momentum, dampening, nesterov, decay)


def present(x):
    """False for a number that is known to be zero."""
    return isinstance(x, Value) or x != 0


def without_momentum(learning_rate, decay):
    """The transformation that remembers the count alone."""

    def update(updates, state, params=None):
        lr = rate_at(learning_rate, state.count)
        gradients, structure = tree.flatten(updates)
        weights, rate = decayed(gradients, structure, params, decay)
        found = [
            rules.sgd(g, None, p, lr, weight_decay=rate)[0]
            for g, p in zip(gradients, weights, strict=True)
        ]
        return structure.unflatten(found), SGDState(state.count + 1, None)

    return GradientTransformation(lambda params: SGDState(START, None), update)


def with_momentum(learning_rate, momentum, dampening, nesterov, decay):
    """The transformation that keeps a buffer per parameter."""

    def init(params):
        return SGDState(START, tree.map(np.zeros_like, params))

    def update(updates, state, params=None):
        lr, count = rate_at(learning_rate, state.count), state.count
        gradients, structure = tree.flatten(updates)
        buffers = structure.flatten_up_to(state.momentum, "sgd: gradients and state")
        check_shapes("sgd", structure, ("gradient", gradients), ("state", buffers))
        weights, rate = decayed(gradients, structure, params, decay)
        steps = rules.steps_for(*gradients, *buffers, *weights, lr, momentum, rate, count)
        tau = damping(dampening, count)
        found = [
            rules.sgd(g, b, p, lr, momentum, tau, rate, nesterov, steps)
            for g, b, p in zip(gradients, buffers, weights, strict=True)
        ]
        updates, buffers = zip(*found, strict=True) if found else ((), ())
        return structure.unflatten(updates), SGDState(count + 1, structure.unflatten(buffers))

    return GradientTransformation(init, update)


def decayed(gradients, structure, params, decay):
    """(the weights that decay, how fast); without decay any weights do, as nobody looks at them."""
    if decay is None:
        return gradients, 0.0
    return structure.flatten_up_to(needed("sgd", params), "sgd: gradients and params"), decay


def damping(dampening, count):
    """The dampening, but none in the first step, whose buffer is the gradient itself."""
    if not present(dampening):
        return 0.0
    if isinstance(count, Value):
        return np.where(count > 0, dampening, 0.0)
    return dampening if count > 0 else 0.0
