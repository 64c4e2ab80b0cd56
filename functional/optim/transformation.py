"""GradientTransformation(init, update), and the simple ones that others are chained from.

state = optimizer.init(params)
updates, state = optimizer.update(gradients, state, params)
params = apply_updates(params, updates)
"""

from collections.abc import Callable
from operator import add
from typing import NamedTuple

import numpy as np

from ...shared import tree
from ...shared.backend import same_device
from ...shared.dispatch import Value
from ...shared.optim import number
from ..arguments import at_leaf, leaves_like


class GradientTransformation(NamedTuple):
    """A pair of pure functions: init(params) -> state, update(updates, state, params) -> both anew.

    Gradients go in, what is to be added to the parameters comes out. params may be left out where
    the update does not depend on them.
    """

    init: Callable
    update: Callable


class EmptyState(NamedTuple):
    """The state of a transformation that remembers nothing."""


class CountState(NamedTuple):
    """How often a transformation has run."""

    count: object  # type: ignore[assignment]


START = np.int32(0)


def apply_updates(params, updates):
    """params + updates, leaf by leaf.

    >>> apply_updates({"w": np.float32(1.0)}, {"w": np.float32(0.5)})
    {'w': np.float32(1.5)}
    """
    leaves, structure = tree.flatten(params)
    changes = leaves_like("apply_updates: the updates", updates, structure)
    check_shapes("apply_updates", structure, ("update", changes), ("parameter", leaves))
    return structure.unflatten(list(map(add, leaves, changes)))


def check_shapes(operation, structure, one, other):
    """ValueError, naming the leaf, where two lists of leaves, (what, leaves) each, do not fit.

    NumPy would broadcast, and the parameters would grow.
    """
    for i, (a, b) in enumerate(zip(one[1], other[1], strict=True)):
        if a.__class__ is not b.__class__:
            names = [f"the {what}{at_leaf(structure, i)}" for what in (one[0], other[0])]
            same_device(operation, a, b, names=names)
        if getattr(a, "shape", ()) != getattr(b, "shape", ()):
            raise ValueError(
                f"{operation}: the {one[0]}{at_leaf(structure, i)} has shape {np.shape(a)} but the "
                f"{other[0]} {np.shape(b)}; give leaves of equal shapes"
            )


def stateless(function):
    """The transformation that maps (updates, params) by a function and remembers nothing."""

    def update(updates, state, params=None):
        return function(updates, params), state

    return GradientTransformation(lambda params: EmptyState(), update)


def identity():
    """Updates as they come."""
    return stateless(lambda updates, params: updates)


def scale(step_size):
    """step_size times the updates.

    >>> scale(-0.5).update({"w": np.float32(2.0)}, EmptyState())[0]
    {'w': np.float32(-1.0)}
    """
    factor = number(step_size)
    return stateless(lambda updates, params: tree.map(lambda u: u * factor, updates))


def scale_by_learning_rate(learning_rate, flip_sign=True):
    """-learning_rate times the updates (without flip_sign, +); a number or a schedule."""
    sign = -1 if flip_sign else 1
    if not callable(learning_rate):
        return scale(sign * learning_rate)

    def update(updates, state, params=None):
        rate = sign * rate_at(learning_rate, state.count)
        return tree.map(lambda u: u * rate, updates), CountState(state.count + 1)

    return GradientTransformation(lambda params: CountState(START), update)


def add_decayed_weights(weight_decay=0.0, mask=None):
    """updates + weight_decay params, where mask says so.

    mask: a pytree of booleans, the params' or a prefix of it; or a function that makes one of them.
    """

    weight_decay = number(weight_decay)

    def decayed(updates, params):
        params = needed("add_decayed_weights", params)
        leaves, structure = tree.flatten(updates)
        weights = structure.flatten_up_to(params, "add_decayed_weights: updates and params")
        chosen = mask_leaves(mask, params, len(leaves))
        found = zip(leaves, weights, chosen, strict=True)
        return structure.unflatten([u + p * weight_decay if m else u for u, p, m in found])

    return stateless(decayed)


def mask_leaves(mask, params, count):
    """One flag per leaf of params; all are set where there is no mask."""
    if mask is None:
        return [True] * count
    return tree.broadcast_prefix(mask(params) if callable(mask) else mask, params)


def needed(operation, params):
    """params, or the error for their absence."""
    if params is None:
        raise ValueError(
            f"{operation}: the weight decay needs the parameters but got None; "
            "call update(gradients, state, params)"
        )
    return params


def chain(*transformations):
    """One after the other; the state is a tuple of theirs.

    >>> optimizer = chain(scale(2.0), scale(-0.1))
    >>> optimizer.update(np.float32(1.0), optimizer.init(np.float32(0.0)))[0]
    np.float32(-0.2)
    """
    for i, t in enumerate(transformations):
        if not hasattr(t, "init") or not hasattr(t, "update"):
            raise TypeError(
                f"chain: entry {i} is no transformation but a {type(t).__name__}; "
                "chain takes (init, update) pairs such as sgd(0.1)"
            )

    def init(params):
        return tuple([t.init(params) for t in transformations])

    def update(updates, state, params=None):
        if len(state) != len(transformations):
            raise ValueError(
                f"chain: the state has {len(state)} entries but there are {len(transformations)} "
                "transformations; make it with this chain's init"
            )
        states = []
        for t, s in zip(transformations, state, strict=True):
            updates, s = t.update(updates, s, params)
            states.append(s)
        return updates, tuple(states)

    return GradientTransformation(init, update)


def rate_at(learning_rate, count):
    """The learning rate of a step: a number, or what a schedule says at its count."""
    return number(learning_rate(count) if callable(learning_rate) else learning_rate)


def check_rate(optimizer, **numbers):
    """ValueError for a negative number; schedules and traced values are not looked at."""
    for name, value in numbers.items():
        if not callable(value) and not isinstance(value, Value) and not value >= 0:
            raise ValueError(f"{optimizer}: {name} is {value} but must not be negative")
