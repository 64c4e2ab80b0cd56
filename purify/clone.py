"""The structural clone: a model's module graph, copied shallowly, holding other tensors.

A clone is made for one call and dropped after it. The original is never touched, so that sharing,
exceptions, threads and re-entrant calls come right by construction.
"""

from collections import OrderedDict, defaultdict, deque
from copy import copy as shallow
from copy import deepcopy
from functools import partial
from types import CellType, FunctionType, MethodType
from weakref import ProxyType, proxy, ref

import numpy as np

from ..oop.nn import Module
from ..oop.tensor import Tensor
from ..shared.random import Generator
from .borrow import borrowed, constant

ATOMS = frozenset(
    (bool, int, float, complex, str, bytes, type(None), type, type(len), slice, range)
)
TABLES = frozenset(
    ("training", "_parameters", "_buffers", "_modules", "_non_persistent_buffers_set")
)
new = object.__new__


class Stale(Exception):
    """A module of the model holds a tensor that the plan does not know."""


class Cloner:
    """One run: `memo` maps the id of an original, which the model keeps alive, to its copy.

    Modules, containers, bound methods, partial functions, closures over the model's modules and
    tensors, weak references to its modules and generators are rebuilt; everything else is shared.
    known: the plan's {id: module}. training: the mode of all modules, None to keep each one's own.
    journal: where the clones note that their structure was changed.
    """

    __slots__ = ("journal", "known", "memo", "training")

    def __init__(self, memo, known, training=None):
        self.memo, self.known, self.training, self.journal = memo, known, training, []

    def module(self, original):
        """A module: same class, its attributes rebuilt."""
        own = original.__dict__
        copy = self.memo[id(original)] = new(original.__class__)
        attributes = copy.__dict__
        attributes.update(own)
        for name in ("_parameters", "_buffers"):
            members = own[name]
            attributes[name] = self.table(original, members) if members else {}
        members = own["_modules"]
        attributes["_modules"] = self.rebuilt(members) if members else {}
        members = own["_non_persistent_buffers_set"]
        attributes["_non_persistent_buffers_set"] = set(members) if members else set()
        for name in own:
            if name not in TABLES:
                value = own[name]
                if value.__class__ not in ATOMS:
                    attributes[name] = self.rebuilt(value)
        attributes["_journal"] = self.journal
        if self.training is not None:
            attributes["training"] = self.training
        return copy

    def table(self, owner, members):
        """The parameters or buffers of a module."""
        memo, copy = self.memo, {}
        try:
            for name, t in members.items():
                copy[name] = memo[id(t)]
        except KeyError:
            if id(owner) in self.known:
                raise Stale from None
            copy = {name: self.rebuilt(t) for name, t in members.items()}
        return copy

    def rebuilt(self, value):
        """An attribute's value, in the world of the clone."""
        cls = value.__class__
        if cls in ATOMS:
            return value
        memo, key = self.memo, id(value)
        if key in memo:
            return memo[key]
        if isinstance(value, Module):
            if type(value) is ProxyType:  # which passes for its target
                return proxy(self.rebuilt(value.__init__.__self__))
            return self.module(value)
        rebuild = REBUILD.get(cls)
        if rebuild is None:
            rebuild = next((r for base, r in BY_BASE if isinstance(value, base)), None)
            if rebuild is None:
                return value
        copy = memo[key] = rebuild(self, value)
        return copy

    def mapping(self, value):
        """A dict; of any class that copy.copy knows."""
        copy = self.memo[id(value)] = shallow(value)
        if not ATOMS.issuperset(map(type, value)):  # keys that may be rebuilt themselves
            copy.clear()
        elif ATOMS.issuperset(map(type, value.values())):
            return copy
        for key, x in value.items():
            copy[self.rebuilt(key)] = self.rebuilt(x)
        return copy

    def row(self, value):
        """A list or deque."""
        copy = self.memo[id(value)] = shallow(value)
        if not ATOMS.issuperset(map(type, value)):
            for i, x in enumerate(value):
                copy[i] = self.rebuilt(x)
        return copy

    def group(self, value):
        """A set or frozenset."""
        return value.__class__(map(self.rebuilt, value))

    def fixed(self, value):
        """A tuple, of any class; itself where nothing in it is rebuilt."""
        members = [self.rebuilt(x) for x in value]
        if all(a is b for a, b in zip(members, value, strict=True)):
            return value
        return tuple.__new__(value.__class__, members)

    def method(self, value):
        """A bound method, bound to the clone of its owner."""
        owner = value.__self__
        return MethodType(value.__func__, self.rebuilt(owner)) if self.is_ours(owner) else value

    def partial(self, value):
        """A functools.partial with rebuilt arguments."""
        arguments = [self.rebuilt(a) for a in value.args]
        named = {k: self.rebuilt(a) for k, a in value.keywords.items()}
        return partial(self.rebuilt(value.func), *arguments, **named)

    def function(self, value):
        """A function; where it closes over the model, or has it as a default, a copy."""
        if not self.reaches(value):
            return value
        cells = [CellType() if self.reaches(content(c)) else c for c in value.__closure__ or ()]
        copy = self.memo[id(value)] = FunctionType(
            value.__code__, value.__globals__, value.__name__, None, tuple(cells)
        )
        copy.__dict__.update(value.__dict__)
        copy.__defaults__ = self.rebuilt(value.__defaults__)
        copy.__kwdefaults__ = self.rebuilt(value.__kwdefaults__)
        for cell, old in zip(cells, value.__closure__ or (), strict=True):
            if cell is not old:
                cell.cell_contents = self.rebuilt(old.cell_contents)
        return copy

    def reaches(self, x, above=()):
        """True for a module or tensor of the model, its methods, and functions that hold such."""
        if x.__class__ is MethodType:
            x = x.__self__
        if x.__class__ is not FunctionType:
            return self.is_ours(x)
        if x in above:
            return False
        held = [content(c) for c in x.__closure__ or ()]
        held += [*(x.__defaults__ or ()), *(x.__kwdefaults__ or {}).values()]
        return any(self.reaches(part, (*above, x)) for part in held)

    def is_ours(self, x):
        """True for a module or tensor of the model."""
        return id(x) in self.known or (isinstance(x, Tensor) and id(x) in self.memo)

    def weak(self, value):
        """A weak reference; if to a module of ours, to the clone, which the call keeps alive."""
        target = value()
        return ref(self.rebuilt(target)) if self.is_ours(target) else value

    def array(self, value):
        """An array: the model's own memory, which the call may not write to."""
        return borrowed(value)

    def generator(self, value):
        """A source of random numbers, where it stands now: each call draws the same from it."""
        return deepcopy(value)

    def loose(self, value):
        """A tensor that is no parameter or buffer: a constant, copied when written to."""
        return constant(value)


def content(cell):
    """What a cell holds; None for that of a variable without a value."""
    try:
        return cell.cell_contents
    except ValueError:
        return None


REBUILD = {
    dict: Cloner.mapping,
    list: Cloner.row,
    tuple: Cloner.fixed,
    set: Cloner.group,
    MethodType: Cloner.method,
    FunctionType: Cloner.function,
    partial: Cloner.partial,
    ref: Cloner.weak,
    np.ndarray: Cloner.array,
    Generator: Cloner.generator,
    np.random.Generator: Cloner.generator,
}
BY_BASE = (
    (Tensor, Cloner.loose),
    ((dict, OrderedDict, defaultdict), Cloner.mapping),
    ((list, deque), Cloner.row),
    (tuple, Cloner.fixed),
    ((set, frozenset), Cloner.group),
)
