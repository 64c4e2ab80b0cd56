"""Models of one kind as one: their values stacked, for vmap."""

import numpy as np

from .clone import ATOMS
from .plan import walk
from .pure import purify
from .write import writes


def stack(models, method="forward", *, train=None):
    """(params, states, pure): the leaves of all models along a new first axis, and one function.

    vmap(pure.apply, in_axes=(0, 0, None))(params, states, x) is every model's output and state.
    ValueError names the first difference: in the modules, their modes and settings at any depth, or
    the names, shapes and dtypes of their leaves.

    >>> from wonderland.oop import nn
    >>> params, states, pure = stack([nn.Linear(3, 2) for _ in range(5)])
    >>> params["weight"].shape
    (5, 2, 3)
    """
    models = list(models)
    if not models:
        raise ValueError("stack: there are no models")
    pures = [purify(model, method, train=train) for model in models]
    for i, pure in enumerate(pures[1:], 1):
        difference = first_difference(pures[0], pure, train is None)
        if difference:
            raise ValueError(f"stack: model {i} differs from model 0: {difference}")
    values = [pure.init() for pure in pures]
    params, states = (
        {n: np.stack([v[k][n] for v in values]) for n in values[0][k]} for k in (0, 1)
    )
    return params, states, pures[0]


def unstack(models, params, states=None):
    """Write the stacked leaves back, one slice to each model; on error nothing has changed."""
    found = []
    for i, model in enumerate(models):
        own = [None if t is None else slices(t, i, len(models)) for t in (params, states)]
        found += writes(purify(model), *own)
    for write in found:
        write()


def slices(stacked, i, count):
    """The leaves of model i."""
    for name, x in stacked.items():
        if not getattr(x, "shape", ()) or x.shape[0] != count:
            raise ValueError(
                f"unstack: {name!r} has shape {tuple(getattr(x, 'shape', ()))}, but its first axis "
                f"must count the {count} models"
            )
    return {name: x[i] for name, x in stacked.items()}


def first_difference(one, other, modes):
    """What is different in two purified models, or None."""
    pairs = [list(walk(pure.model)) for pure in (one, other)]
    for (path, a), (other_path, b) in zip(*pairs, strict=False):
        where = f" at {path!r}" if path else ""
        if path != other_path:
            return f"it has {other_path!r} in the place of {path!r}"
        if type(a) is not type(b):
            return f"{type(b).__name__} instead of {type(a).__name__}{where}"
        if modes and a.training != b.training:
            return f"training is {b.training} instead of {a.training}{where}"
        for name, value in settings(a).items():
            own = settings(b).get(name)
            if own != value:
                return f"{name} is {own!r} instead of {value!r}{where}"
    if len(pairs[0]) != len(pairs[1]):
        return f"{len(pairs[1])} modules instead of {len(pairs[0])}"
    return different_leaves(one.plan.description(), other.plan.description())


def settings(module):
    """The numbers and strings among a module's attributes."""
    return {
        name: value
        for name, value in module.__dict__.items()
        if name != "training" and not name.startswith("_") and type(value) in ATOMS
    }


def different_leaves(one, other):
    """The first difference of two plans, in words, or None."""
    for a, b in zip(one[0], other[0], strict=True):
        for (name, kind), (other_name, other_kind) in zip(a, b, strict=False):
            if name != other_name:
                return f"a leaf {other_name!r} in the place of {name!r}"
            if kind != other_kind:
                return f"{name!r} is {other_kind} instead of {kind}"
        if len(a) != len(b):
            return f"{len(b)} leaves instead of {len(a)}"
    return None if one == other else "other leaves are tied"
