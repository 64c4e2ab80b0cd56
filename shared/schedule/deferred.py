"""Numbers of the host that a program takes by value: known when it is called, not when captured.

A `Deferred` stands for a Python number (a learning rate, a step count) or for a small array that
Python computes (a random key). Python's arithmetic on it is noted on a `Tape`, to be done again in
Python before every call, with Python's own results; where it meets arrays it becomes an input of
the graph. It may be branched on: what Python learned about it is a guard, and the capture holds for
numbers of which the same is true.
"""

import operator

import numpy as np

from ..dispatch import Value
from ..primitives.cast import cast
from .capture import Staged

NUMBERS = frozenset((bool, int, float, complex))


class Tape:
    """What Python computes before each call: `values` are the given numbers, and their results."""

    def __init__(self, recording):
        self.recording = recording
        self.values, self.given, self.operations, self.guards = [], [], [], []
        self.noted = {}

    def add(self, value):
        """A Deferred for what is given at each call, now `value`."""
        self.given.append(len(self.values))
        return self._note(value)

    def _note(self, value):
        self.values.append(value)
        return Deferred(self, len(self.values) - 1, value)

    def apply(self, function, *args):
        """function(*args) of Deferreds and constants, as a Deferred; noted once."""
        given = tuple([At(a.index) if a.__class__ is Deferred else a for a in args])
        key = function, tuple([(type(a), a) for a in given])
        found = self.noted.get(key)
        if found is None:
            value = function(*[a.number if a.__class__ is Deferred else a for a in args])
            found = self.noted[key] = self._note(value)
            self.operations.append((found.index, function, given))
        return found

    def guard(self, x, seen=lambda x: x):
        """seen(x) now; the capture holds for calls where it is the same."""
        found = seen(x.number)
        self.guards.append((x.index, seen, found))
        return found


class At(int):
    """The place of an operand on the tape."""

    __slots__ = ()


class Deferred(Value):
    """See the module. number: its value at the capture."""

    __slots__ = ("index", "level", "number", "tape")

    def __init__(self, tape, index, number):
        self.tape, self.index, self.number = tape, index, number
        self.level = tape.recording.level - 0.25

    @property
    def weak(self):
        """The class of the Python number it stands for; None for an array."""
        return self.number.__class__ if self.number.__class__ in NUMBERS else None

    @property
    def value(self):
        """An array of its shape and dtype."""
        return np.asarray(self.number)

    def interpret(self, primitive, args, static):
        """Among arrays it is an input of the graph; cast beforehand, in Python."""
        tape = self.tape
        if primitive is cast and self.weak:
            return tape.apply(np.dtype(static["dtype"]).type, self)
        staged = [self.staged(a) if a.__class__ is Deferred else a for a in args]
        return primitive(*staged, **static)

    def staged(self, x):
        """x as an input of the graph."""
        return Staged(self.tape.recording.lower(x), self.tape.recording)

    def known(self):
        """The number itself; the capture then holds for this one alone."""
        return self.tape.guard(self)

    def concrete(self, operation):
        """The number as an array."""
        return np.asarray(self.known())

    def item(self):
        """The number."""
        return self.known()

    def __hash__(self):
        return hash(self.known())

    def __bool__(self):
        return self.tape.guard(self, bool)

    def __int__(self):
        return self.tape.guard(self, int)

    def __index__(self):
        return operator.index(self.known())

    def __float__(self):
        return float(self.known())

    def __complex__(self):
        return complex(self.known())

    def __format__(self, form):
        return format(self.known(), form)

    def __repr__(self):
        return f"<number {self.number!r} of this call>"


def on_host(function):
    """A function of Python numbers; of Deferreds among them it is computed before each call."""

    def deferring(*args):
        for a in args:
            if a.__class__ is Deferred:
                return a.tape.apply(function, *args)
        return function(*args)

    return deferring


def operation(name, function, general, reflected=False):
    """The method `name`: Python's operator among numbers, else what all Values do."""

    def method(x, *other):
        if x.weak and all(y.__class__ in NUMBERS or getattr(y, "weak", None) for y in other):
            if all(y.__class__ is Deferred or y.__class__ in NUMBERS for y in other):
                return x.tape.apply(function, *((*other, x) if reflected else (x, *other)))
        if other and other[0] is None:
            return NotImplemented
        return general(x, *other)

    method.__name__ = name
    return method


BINARY = "add sub mul truediv floordiv mod pow".split()
for _name in [*BINARY, "lt", "le", "gt", "ge", "eq", "ne", "neg", "pos", "abs"]:
    _method = f"__{_name}__"
    setattr(
        Deferred, _method, operation(_method, getattr(operator, _name), getattr(Value, _method))
    )
for _name in BINARY:
    _method = f"__r{_name}__"
    setattr(
        Deferred,
        _method,
        operation(_method, getattr(operator, _name), getattr(Value, _method), reflected=True),
    )
