"""Layers made of layers."""

import numpy as np

from ...shared.dispatch import Value
from ...shared.random import fold_in
from .layer import Layer

NOTHING: dict = {}


def Sequential(*layers):
    """One layer after the other. params: {'0': those of the first, ...}, named as in nn.Sequential.

    A layer without parameters has no entry. Layer i draws its parameters from fold_in(key, str(i)),
    so that they do not depend on the layers before it.

    >>> from wonderland.functional import nn
    >>> from wonderland.shared import random
    >>> model = Sequential(nn.Linear(3), nn.Tanh(), nn.Linear(1))
    >>> params = model.init(random.key(0), np.ones((4, 2), np.float32))
    >>> sorted(params), model.apply(params, np.ones((4, 2), np.float32)).shape
    (['0', '2'], (4, 1))
    """
    for i, layer in enumerate(layers):
        if not callable(getattr(layer, "init", None)) or not callable(
            getattr(layer, "apply", None)
        ):
            raise TypeError(
                f"Sequential: member {i} is no Layer(init, apply) but {type(layer).__name__}; "
                "make a function one with Lambda(function), and call what makes layers: Tanh()"
            )
    named = [(str(i), layer, getattr(layer, "takes_key", False)) for i, layer in enumerate(layers)]

    def init(key, x):
        params, x = {}, example(x)
        for name, layer, _ in named:
            own = layer.init(fold_in(key, name), x)
            x = layer.apply(own, x)
            if own:
                params[name] = own
        return params

    names = frozenset(name for name, _, _ in named)

    def apply(params, x, key=None):
        if params.__class__ is not dict or not params.keys() <= names:
            check_members(params, named)
        for name, layer, takes_key in named:
            own = params.get(name, NOTHING)
            try:
                if takes_key and key is not None:
                    x = layer.apply(own, x, key=fold_in(key, name))
                else:
                    x = layer.apply(own, x)
            except Exception as error:
                error.add_note(f"in layer {name!r} of Sequential")
                raise
        return x

    return Layer(init, apply, any(takes_key for _, _, takes_key in named))


def check_members(params, named):
    """The error for params that are no dict, or name members that are not there."""
    if not isinstance(params, dict):
        raise TypeError(
            f"Sequential: params is a {type(params).__name__}, but a dict of dicts by the places "
            "of the layers ('0', '1', ...) is needed; take it from init(key, x)"
        )
    unexpected = [name for name in params if name not in {place for place, _, _ in named}]
    if unexpected:
        raise ValueError(
            f"Sequential: params do not fit the layers: unexpected "
            f"{', '.join(map(repr, unexpected))} (there are {len(named)} layers: '0' to "
            f"'{len(named) - 1}'); take them from init(key, x)"
        )


def example(x):
    """An array to try layers on: x itself, or zeros where x is only a shape and a dtype."""
    if isinstance(x, (Value, np.ndarray)) or hasattr(x, "__array_interface__"):
        return x
    return x if hasattr(x, "__cuda_array_interface__") else np.zeros(x.shape, x.dtype)
