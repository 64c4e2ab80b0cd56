"""The structural clone: a model's module graph, copied shallowly, holding other tensors.

A clone is made for one call and dropped after it. The original is never touched, so that sharing,
exceptions, threads and re-entrant calls come right by construction.
"""

from collections import OrderedDict, defaultdict, deque
from functools import partial
from types import MethodType

from ..oop.nn import Module
from ..oop.tensor import Tensor

ATOMS = frozenset((bool, int, float, complex, str, bytes, type(None), type, type(len), slice))
new = object.__new__


def clone(model, bound, training=None):
    """A copy of `model` in which every tensor of `bound` ({id: tensor}) is replaced.

    Modules, containers and bound methods are rebuilt; everything else is shared. Not rebuilt: what
    only a closure, a `__slots__` entry or a weak reference knows. training: the mode of all modules.
    """
    return Cloner(bound, training).module(model)


class Cloner:
    """One run: `memo` maps the id of an original, which the model keeps alive, to its copy."""

    __slots__ = ("memo", "training")

    def __init__(self, bound, training):
        self.memo, self.training = dict(bound), training

    def module(self, original):
        """A module: same class, its attributes rebuilt."""
        memo = self.memo
        copy = memo.get(id(original))
        if copy is not None:
            return copy
        copy = memo[id(original)] = new(original.__class__)
        attributes = copy.__dict__
        for name, value in original.__dict__.items():
            if value.__class__ not in ATOMS:
                value = self.rebuilt(value)
            attributes[name] = value
        attributes["_tracked"] = False  # what a call does to its clone is no change of the model
        if self.training is not None:
            attributes["training"] = self.training
        return copy

    def rebuilt(self, value):
        """An attribute's value, in the world of the clone."""
        cls = value.__class__
        if cls in ATOMS:
            return value
        known = self.memo.get(id(value))
        if known is not None:
            return known
        if cls is dict:  # first: every module has several
            copy = {}
            if value:
                self.memo[id(value)] = copy
                for k, v in value.items():
                    copy[k] = self.rebuilt(v)
            return copy
        if isinstance(value, Module):
            return self.module(value)
        rebuild = REBUILD.get(cls)
        if rebuild is not None:
            copy = self.memo[id(value)] = rebuild(self, value)
            return copy
        return self.loose(value) if isinstance(value, Tensor) else value

    def loose(self, tensor):
        """A tensor that is no parameter or buffer: a constant with memory of its own."""
        copy = tensor.detach().clone()
        self.memo[id(tensor)] = copy
        return copy

    def method(self, value):
        """A bound method, bound to the clone of its owner."""
        owner = value.__self__
        return (
            MethodType(value.__func__, self.rebuilt(owner)) if isinstance(owner, Module) else value
        )

    def partial(self, value):
        """A functools.partial with rebuilt arguments."""
        arguments = [self.rebuilt(a) for a in value.args]
        named = {k: self.rebuilt(a) for k, a in value.keywords.items()}
        return partial(self.rebuilt(value.func), *arguments, **named)

    def mapping(self, value):
        """An OrderedDict."""
        return OrderedDict((k, self.rebuilt(v)) for k, v in value.items())

    def default(self, value):
        """A defaultdict, with its factory."""
        return defaultdict(value.default_factory, {k: self.rebuilt(v) for k, v in value.items()})

    def sequence(self, value):
        """A list, tuple, set or deque."""
        return value.__class__([self.rebuilt(v) for v in value])


REBUILD = {
    list: Cloner.sequence,
    tuple: Cloner.sequence,
    set: Cloner.sequence,
    deque: Cloner.sequence,
    OrderedDict: Cloner.mapping,
    defaultdict: Cloner.default,
    MethodType: Cloner.method,
    partial: Cloner.partial,
}
