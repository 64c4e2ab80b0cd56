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

    def apply(params, x):
        for name, layer, _ in named:
            x = layer.apply(params.get(name, NOTHING), x)
        return x

    def apply_random(params, x, key=None):
        for name, layer, takes_key in named:
            own = params.get(name, NOTHING)
            if takes_key and key is not None:
                x = layer.apply(own, x, key=fold_in(key, name))
            else:
                x = layer.apply(own, x)
        return x

    random = any(takes_key for _, _, takes_key in named)
    return Layer(init, apply_random if random else apply, random)


def example(x):
    """An array to try layers on: x itself, or zeros where x is only a shape and a dtype."""
    if isinstance(x, (Value, np.ndarray)) or hasattr(x, "__array_interface__"):
        return x
    return x if hasattr(x, "__cuda_array_interface__") else np.zeros(x.shape, x.dtype)
