"""The other way: a functional layer as an nn.Module."""

from ..oop.nn import Module, Parameter
from ..oop.random import next_key
from ..oop.tensor import Tensor, constant
from .borrow import argument
from .fit import named


def stateful(layer, params, state=None):
    """A functional layer as an nn.Module that starts from `params`.

    layer: has apply(params, x), as Layer does; with a state apply(params, state, x) -> (out, new
    state), as Pure does. Parameters have the names that the paths in params give them, so that
    purify finds the same leaves again. A layer that takes a key gets one in training mode, and in
    evaluation mode none.

    >>> import numpy as np
    >>> from wonderland import functional as wf
    >>> from wonderland.functional import nn
    >>> layer, x = nn.Sequential(nn.Linear(2), nn.Tanh()), np.ones((4, 3), np.float32)
    >>> model = stateful(layer, layer.init(wf.random.key(0), x))
    >>> [name for name, _ in model.named_parameters()], model(x).shape
    (['0.weight', '0.bias'], (4, 2))
    """
    if not callable(getattr(layer, "apply", None)):
        raise TypeError(
            f"stateful: a layer has init and apply, but this is {type(layer).__name__}; "
            "make a function one with Lambda(function)"
        )
    return Stateful(layer, params, state)


class Branch(Module):
    """A place for parameters, buffers and further places."""


class Stateful(Branch):
    """See `stateful`."""

    def __init__(self, layer, params, state):
        super().__init__()
        self.layer = layer
        self.keeps_state = state is not None
        for name, x in named("params", params).items():
            owner, key = place(self, name)
            owner.register_parameter(key, Parameter(copied(x)))
        for name, x in named("state", state or {}).items():
            owner, key = place(self, name)
            owner.register_buffer(key, constant(copied(x)))

    def forward(self, *args, **kwargs):
        """The layer's apply, with these parameters."""
        args = [argument(x) for x in args]
        if getattr(self.layer, "takes_key", False) and self.training and "key" not in kwargs:
            kwargs["key"] = next_key(self)
        if not self.keeps_state:
            return self.layer.apply(nested(self, "_parameters"), *args, **kwargs)
        state = dict(self.named_buffers())
        out, new = self.layer.apply(dict(self.named_parameters()), state, *args, **kwargs)
        for name, x in named("state", new).items():
            if x is not state.get(name):
                owner, key = place(self, name)
                owner.register_buffer(key, constant(x))
        return out

    def extra_repr(self):
        """The layer's class."""
        return type(self.layer).__name__


def copied(x):
    """x in memory of its own."""
    x = x.detach().value if isinstance(x, Tensor) else x
    return x.copy()


def place(root, name):
    """(module, key) of a path below `root`; modules on the way are made."""
    *path, key = name.split(".")
    for part in path:
        if part not in root._modules:
            root.register_module(part, Branch())
        root = root._modules[part]
    return root, key


def nested(module, table):
    """The parameters of a module and those below it, as the nested dicts that layers take."""
    found = {key: t for key, t in getattr(module, table).items() if t is not None}
    return found | {key: nested(child, table) for key, child in module._modules.items()}
