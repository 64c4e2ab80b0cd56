"""compile: a stateful model, or a whole training step, as a program behind the same call.

The function runs once while it is captured; afterwards each call checks that nothing it read has
changed, runs the program, and writes the results into the live objects.
"""

from functools import partial, update_wrapper
from types import MappingProxyType

import numpy as np

from ..oop.grad_mode import recording
from ..oop.nn import Module
from ..shared import tree
from ..shared.dispatch import depth
from ..shared.errors import describe, warn_user
from ..shared.schedule.donated import refuse_given_up
from ..shared.schedule.executors import check_executor, options_of
from ..shared.schedule.graph import Constant, Variable
from ..shared.schedule.program import Program
from .arguments import is_input, is_traced, kind_of
from .bound import Bound
from .capturing import LOCK, captured
from .survey import COMPARED, Compiled, Survey


def compile(function=None, *, executor=None, check_nan=False, fast=False):
    """A model or a function of models, optimisers and tensors, compiled; called as before.

    purify.compile(model) has the model's attributes and methods; its calls run the compiled
    forward, and backward() a compiled backward. purify.compile(train_step) runs a whole step, with
    the backward pass and the optimiser's update, as one program, and then leaves parameters,
    buffers, gradients, the optimiser's state and the random generator as the function itself would
    have left them: in place, and with executor="numpy" to the same bits. What the function uses is
    found through its closure, its globals, its arguments and its self.

    Python code runs only while it is captured: at the first call, and again where something it
    reads has changed: a shape, a mode, an attribute, the structure of a model. Numbers among the
    arguments, an optimiser's options and step counts are taken by value. Results have no history:
    call backward() inside. executor: "numpy", "native", or None for the best there is. check_nan:
    raise FloatingPointError at the first operation that makes a NaN or an infinity. fast: compute
    as real numbers do, as for `jit`.

    Raises TypeError for what is neither a model nor a function.

    >>> from wonderland import oop
    >>> from wonderland.oop import nn
    >>> model = nn.Linear(3, 2)
    >>> fast = compile(model)
    >>> fast(oop.ones(4, 3)).shape == model(oop.ones(4, 3)).shape
    True
    """
    check_executor("compile", executor)
    if function is None:
        return partial(compile, executor=executor, check_nan=check_nan, fast=fast)
    if isinstance(function, (CompiledModel, Step)):
        return function
    options = options_of(check_nan=check_nan, fast=fast)
    if isinstance(function, Module):
        return CompiledModel(function, executor, options)
    if isinstance(function, type) or not callable(function):
        given = (
            f"the class {function.__name__}" if isinstance(function, type) else describe(function)
        )
        raise TypeError(
            f"compile: an nn.Module or a function is needed, but this is {given}; "
            + ("make an instance of it" if isinstance(function, type) else "wrap it in a function")
        )
    return Step(function, executor, options)


ATTEMPTS = 8  # each finds numbers and lists that the function changes
MANY = 16  # captures of one function, after which it warns


class Step(Compiled):
    """A compiled function; see `compile`. captures: how often it was captured."""

    differentiable = False

    def __init__(self, function, executor=None, options=MappingProxyType({})):
        if not isinstance(function, Module):
            update_wrapper(self, function)
        self.function, self.executor, self.options = function, executor, options
        self.captures, self.names, self.promoted = 0, frozenset(), {}
        self.entries: dict = {}
        self.programs: dict = {}
        self.bound = self.last = None

    def __repr__(self):
        return f"<compiled {self.function!r}>"

    def __get__(self, instance, owner=None):
        """As a method: bound to its instance."""
        return (
            self
            if instance is None
            else Step(self.function.__get__(instance), self.executor, self.options)
        )

    def clear_cache(self):
        """Forget all captures; the next call captures anew."""
        self.entries.clear()
        self.programs.clear()
        self.bound = self.last = None

    def __call__(self, *args, **kwargs):
        """What the function returns."""
        leaves, structure = tree.flatten((args, kwargs))
        refuse_given_up("compile", leaves)
        bound = self.bound
        if bound is not None and not depth.get():
            values = bound.inputs(leaves, structure)
            if values is not None:
                return bound.run(leaves, *values)
        if depth.get() or any(map(is_traced, leaves)):  # an outer transform takes it in
            return self.function(*args, **kwargs)
        with LOCK:
            bound, values = self.fitting(leaves, structure)
            return bound.run(leaves, *values)

    def graph(self, *args, **kwargs):
        """The Graph of such a call: captured where it was not yet, but not run.

        >>> from wonderland import oop
        >>> compile(lambda x: x * 2).graph(oop.ones(3))  # doctest: +ELLIPSIS
        <lambda>(a: float32[3]):
            b: float32[3] = mul(a, 2)...
            return b
        """
        leaves, structure = tree.flatten((args, kwargs))
        with LOCK:
            bound, _ = self.fitting(leaves, structure)
            bound.give_back()
            return bound.entry.program.graph

    def fitting(self, leaves, structure):
        """(bound, values) of a capture that fits such a call."""
        for _ in range(ATTEMPTS):
            found = self.find(leaves, structure)
            if found is not None:
                return found
        raise RuntimeError(
            f"compile: what {self.function!r} reads was changed by each of {ATTEMPTS} captures; "
            "keep counters, logs and caches out of it"
        )

    def find(self, leaves, structure):
        """(bound, values) of the entry for such a call; captured now where there is none."""
        others = [x for x in leaves if not is_input(x)]
        survey = Survey([self.function, *others], self.names, self.promoted)
        self.names = frozenset(survey.names)
        key = (
            structure, bool(recording.get()), survey.description,
            tuple([kind_of(x, survey) for x in leaves]),
        )  # fmt: skip
        entries = self.entries.setdefault(key, [])
        for entry in entries:
            bound = Bound(self, entry, survey, structure, leaves)
            values = bound.inputs(leaves, structure)
            if values is not None:
                self.bound, self.last = bound, survey
                return bound, values
        before, self.last = self.last, survey
        if before is not None and self.promote(before.changed_numbers()):
            return None
        self.warn_of_many(before)
        made = captured(
            self.function, survey, leaves, lambda given: tree.unflatten(structure, given),
            self.differentiable,
        )  # fmt: skip
        self.captures += 1
        if self.promote(made.effects.promoted):
            return None
        # The first two steps often differ in what they find alone, not in what they compute.
        text = fingerprint(made.graph), made.donate
        program = self.programs.get(text)
        if program is None:
            program = self.programs[text] = self.program_of(made)
        made.program = program
        entries.append(made)
        return None

    def program_of(self, made):
        """The program of a capture, compiled at its first run."""
        return Program(made.graph, self.executor, made.donate, **self.options)

    def warn_of_many(self, before):
        """Say once that something is new in every call, and what it was this time."""
        if self.captures != MANY:
            return
        pairs = zip(before.description, self.last.description, strict=False)
        found = [f"{a!r}, now {b!r}" for a, b in pairs if a != b][:1] or ["the arguments"]
        warn_user(
            f"compile: {self.function!r} is captured for the {MANY + 1}th time, since something "
            f"that it reads is new in each call (this time: {found[0]}); pass that as an argument, "
            "a tensor or a number, and keep shapes few",
            RuntimeWarning,
        )

    def promote(self, changed):
        """From now on take these numbers by value; True where some were constants so far."""
        if changed.keys() <= self.promoted.keys():
            return False
        self.promoted |= changed
        self.entries.clear()
        return True


def fingerprint(graph):
    """What two graphs that compute the same have in common, hashable."""
    numbers: dict = {}

    def of(a):
        if not isinstance(a, Variable):
            return type(a), a
        if a.__class__ is Constant:
            large = a.value.nbytes > COMPARED or not isinstance(a.value, np.ndarray)
            return a.shape, a.dtype, a if large else a.value.tobytes()
        return numbers.setdefault(a, len(numbers)), a.shape, a.dtype, a.weak

    return (
        tuple(map(of, graph.inputs)),
        tuple(
            (e.primitive, tuple(map(of, e.inputs)), tuple(map(of, e.outputs)), e.scope,
             tuple(sorted(e.static.items())))
            for e in graph.equations
        ),
        tuple(map(of, graph.outputs)),
    )  # fmt: skip


class CompiledModel(Step):
    """A model whose calls are compiled; everything else is the model's own."""

    differentiable = True

    def __getattr__(self, name):
        if name == "function":
            raise AttributeError(name)
        return getattr(self.function, name)

    def __setattr__(self, name, value):
        if name in OWN:
            object.__setattr__(self, name, value)
        else:
            setattr(self.function, name, value)

    def __delattr__(self, name):
        delattr(self.function, name)

    def __getitem__(self, place):
        return self.function[place]

    def __iter__(self):
        return iter(self.function)

    def train(self, mode=True):
        """Training mode (or evaluation) for the model; returns self."""
        self.function.train(mode)
        return self

    def eval(self):
        """Evaluation mode for the model; returns self."""
        return self.train(False)


OWN = frozenset(vars(Step(compile)))  # the attributes that are not the model's
