"""Adam and AdamW."""

from typing import NamedTuple

import numpy as np

from ...shared import optim as rules
from ...shared import tree
from ...shared.dispatch import Value
from ...shared.optim import number
from ...shared.optim.adam import bias_scales
from .transformation import (
    START,
    GradientTransformation,
    check_rate,
    check_shapes,
    mask_leaves,
    needed,
    rate_at,
)


class AdamState(NamedTuple):
    """count: the steps taken; mu and nu: the averages of the gradients and of their squares."""

    count: object  # type: ignore[assignment]
    mu: object
    nu: object


def adam(learning_rate, b1=0.9, b2=0.999, eps=1e-8, weight_decay=0.0):
    """torch.optim.Adam; weight_decay is added to the gradients (for the other kind, see adamw).

    learning_rate: a number, or a schedule of the step count.

    >>> optimizer = adam(0.1)
    >>> updates, state = optimizer.update(np.float64(2.0), optimizer.init(np.float64(1.0)))
    >>> round(float(updates), 6)
    -0.1
    """
    betas, eps, weight_decay = check("adam", learning_rate, b1, b2, eps, weight_decay)

    def rule(g, m, v, p, scales, lr, decays, steps):
        return rules.adam(g, m, v, p, scales, betas, weight_decay, steps)

    return averaging("adam", rule, learning_rate, betas, eps, has(weight_decay))


def adamw(learning_rate, b1=0.9, b2=0.999, eps=1e-8, weight_decay=1e-2, mask=None):
    """torch.optim.AdamW: as adam, and each step takes lr weight_decay params off the parameters.

    weight_decay is torch's 0.01, not optax's 0.0001. mask: which leaves decay, a pytree of booleans
    (the params' or a prefix of it), or a function of params that makes one.
    """
    betas, eps, weight_decay = check("adamw", learning_rate, b1, b2, eps, weight_decay)

    def rule(g, m, v, p, scales, lr, decays, steps):
        return rules.adamw(g, m, v, p, scales, betas, lr * weight_decay if decays else 0.0, steps)

    return averaging("adamw", rule, learning_rate, betas, eps, has(weight_decay), mask)


def has(weight_decay):
    """False where it is known to be zero."""
    return isinstance(weight_decay, Value) or weight_decay != 0


def check(name, learning_rate, b1, b2, eps, weight_decay):
    """((b1, b2), eps, weight_decay) as floats, once all numbers are known to be sound."""
    check_rate(name, learning_rate=learning_rate, eps=eps, weight_decay=weight_decay)
    for beta in (b1, b2):
        if not isinstance(beta, Value) and not 0 <= beta < 1:
            raise ValueError(f"{name}: b1 and b2 must lie in [0, 1) but are {b1} and {b2}")
    return (number(b1), number(b2)), number(eps), number(weight_decay)


def averaging(name, rule, learning_rate, betas, eps, decays, mask=None):
    """The transformation that keeps mu and nu and applies `rule` to every leaf."""

    of_state = f"{name}: gradients and state"

    def init(params):
        return AdamState(START, tree.map(np.zeros_like, params), tree.map(np.zeros_like, params))

    def update(updates, state, params=None):
        gradients, structure = tree.flatten(updates)
        mu, nu = (structure.flatten_up_to(x, of_state) for x in (state.mu, state.nu))
        check_shapes(name, structure, ("gradient", gradients), ("state", mu))
        weights, chosen = gradients, (True,) * len(gradients)
        if decays:
            weights = structure.flatten_up_to(needed(name, params), f"{name}: gradients and params")
            chosen = chosen if mask is None else mask_leaves(mask, params, len(gradients))
        lr, count = rate_at(learning_rate, state.count), state.count + 1
        steps = rules.steps_for(*gradients, *mu, *weights, lr, count)
        scales, found = bias_scales(count, lr, betas, eps), []
        for g, m, v, p, d in zip(gradients, mu, nu, weights, chosen, strict=True):
            if steps is rules.TRACED:
                scales = bias_scales(count, lr, betas, eps, g.dtype)
            found.append(rule(g, m, v, p, scales, lr, d, steps))
        updates, mu, nu = zip(*found, strict=True) if found else ((), (), ())
        state = AdamState(count, structure.unflatten(mu), structure.unflatten(nu))
        return structure.unflatten(updates), state

    return GradientTransformation(init, update)
