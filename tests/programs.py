"""Random programs from the table of primitives, as hypothesis draws them.

A program is run while it is drawn, so that each operation gets operands from its own domain and of
moderate size: few programs are lost to overflow. `Program(...)` as it prints is the program again.
"""

from functools import cache

import numpy as np
from hypothesis import strategies as st

from wonderland import functional as wf
from wonderland.shared.primitives import add, cast, mul, registry
from wonderland.shared.primitives import sum as total

OPERATORS = {
    "add": lambda x, y: x + y, "sub": lambda x, y: x - y, "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y, "less": lambda x, y: x < y, "greater_equal": lambda x, y: x >= y,
}  # fmt: skip
LAYOUTS = ("plain", "transposed", "strided", "reversed", "unaligned")
LARGEST, MOST_ENTRIES = 1e3, 6000


class Given:
    """An operand from outside: role is "input", "constant" or "number" (a Python number)."""

    def __init__(self, shape, dtype, seed, layout="plain", role="input"):
        self.shape, self.dtype, self.seed = tuple(shape), np.dtype(dtype).name, seed
        self.layout, self.role = layout, role

    def __repr__(self):
        rest = f", {self.layout!r}, {self.role!r}"
        return f"Given({self.shape}, {self.dtype!r}, {self.seed}{rest})"

    def value(self):
        """The array, or the number."""
        rng, kind = np.random.default_rng(self.seed), np.dtype(self.dtype).kind
        if kind == "b":
            x = rng.random(self.shape) < 0.5
        elif kind == "i":
            x = rng.integers(-3, 9, self.shape)
        else:
            x = np.round(rng.normal(0, 1.5, self.shape), 2)
        if self.role == "number":
            return x.item()
        return laid_out(np.asarray(x, self.dtype), self.layout)


def laid_out(x, layout):
    """The same array, otherwise in memory."""
    if layout == "transposed":
        return np.asfortranarray(x)
    if layout == "strided" and x.ndim:
        wide = np.zeros((*x.shape[:-1], 2 * x.shape[-1]), x.dtype)
        wide[..., ::2] = x
        return wide[..., ::2]
    if layout == "reversed" and x.ndim:
        return np.ascontiguousarray(x[::-1])[::-1]
    if layout == "unaligned":
        z = np.zeros(x.nbytes + 1, np.uint8)[1:].view(x.dtype).reshape(x.shape)
        z[...] = x
        return z
    return x


class Program:
    """given: Givens; steps: (name, operands, statics), an operand is `(number of a value,)` or a number.

    Values are numbered: the givens, then the results of the steps. gradient: the value is the sum of
    the float outputs, and the gradients in all float inputs come with it.
    """

    def __init__(self, given, steps, outputs, gradient=False):
        self.given, self.steps, self.outputs, self.gradient = given, steps, outputs, gradient
        self.arrays = [g.value() for g in given]

    def __repr__(self):
        steps = "".join(f"\n    {step}," for step in self.steps)
        return f"Program({self.given}, [{steps}\n], {self.outputs}, {self.gradient})"

    @property
    def inputs(self):
        """What the function takes: all but the constants."""
        return [x for g, x in zip(self.given, self.arrays, strict=True) if g.role != "constant"]

    def __call__(self, *inputs):
        """The outputs, or the value of their sum and its gradients."""
        if not self.gradient:
            return self.values(inputs)
        places = [i for i, x in enumerate(inputs) if getattr(x, "dtype", np.dtype(int)).kind == "f"]

        def value(*floats):
            full = list(inputs)
            for i, x in zip(places, floats, strict=True):
                full[i] = x
            found = [z for z in self.values(full) if z.dtype.kind == "f"]
            sums = [total(z, axis=tuple(range(len(z.shape))), keepdims=False) for z in found]
            return sum(cast(z, dtype=np.dtype(np.float64)) for z in sums[1:]) + sums[0]

        return wf.value_and_grad(value, tuple(range(len(places))))(*[inputs[i] for i in places])

    def values(self, inputs):
        """The outputs."""
        rest = iter(inputs)
        known = [
            x if g.role == "constant" else next(rest)
            for g, x in zip(self.given, self.arrays, strict=True)
        ]
        for name, operands, static in self.steps:
            args = [known[a[0]] if isinstance(a, tuple) else a for a in operands]
            z = self.function(name, operands)(*args, **static)
            known += z if isinstance(z, tuple | list) else [z]
        return [known[i] for i in self.outputs]

    def function(self, name, operands):
        """The primitive; the operator where a Python number comes from outside."""
        outside = {i for i, g in enumerate(self.given) if g.role == "number"}
        weak = any(isinstance(a, tuple) and a[0] in outside for a in operands)
        return OPERATORS[name] if weak else registry[name]


@cache
def sampled(options):
    return st.sampled_from(options)


@cache
def whole(low, high):
    return st.integers(low, high)


class Draft:
    """A program while it is drawn: every value is there already."""

    def __init__(self, draw):
        self.draw, self.given, self.fixed, self.steps, self.found = draw, [], [], [], []

    def choose(self, options):
        """One of them; the first is the simplest."""
        return self.draw(sampled(tuple(options)))

    def whole(self, low, high):
        """An integer from low to high."""
        return self.draw(whole(low, high))

    def values(self):
        """All values so far, by their number in the draft."""
        return self.found

    def add_given(self, shape, dtype, role=None):
        """Another operand from outside: its number."""
        role = role or self.choose(["input", "constant"])
        layout = "plain" if role == "number" else self.choose(LAYOUTS)
        given = Given(shape, dtype, self.whole(0, 999), layout, role)
        self.found.append((given, given.value()))
        return len(self.found) - 1

    def fresh(self, shape, dtype):
        """A value of this shape and dtype: one that is there, or a given."""
        fitting = self.those(lambda x: x.shape == tuple(shape) and x.dtype == dtype)
        if fitting and self.choose([True, False]):
            return self.choose(fitting[::-1])
        return self.add_given(shape, dtype)

    def array(self, i):
        """The value of this number."""
        return self.found[i][1]

    def those(self, fits):
        """The numbers of the arrays that fit."""
        return [i for i, (_, x) in enumerate(self.found) if hasattr(x, "dtype") and fits(x)]

    def pick(self, fits):
        """The number of an array that fits, the latest first; None where there is none."""
        fitting = self.those(fits)
        return self.choose(fitting[::-1]) if fitting else None

    def floats(self, fits=lambda x: True):
        """Like pick, of floats with entries."""
        return self.pick(lambda x: x.dtype.kind == "f" and x.size and fits(x))

    def apply(self, name, *operands, **static):
        """Add a step; the number of its (first) result, or None where that is too large."""
        args = [self.found[a[0]][1] if isinstance(a, tuple) else a for a in operands]
        weak = any(
            isinstance(a, tuple) and getattr(self.found[a[0]][0], "role", None) == "number"
            for a in operands
        )
        found = (OPERATORS[name] if weak else registry[name])(*args, **static)
        found = list(found) if isinstance(found, tuple | list) else [found]
        if any(not moderate(np.asarray(z)) for z in found):
            return None
        step = (name, operands, static)
        self.steps.append((step, len(found)))
        first = len(self.found)
        self.found += [((step, k), z) for k, z in enumerate(found)]
        return first

    def program(self, outputs, gradient):
        """The program: givens first, as its numbers want them."""
        order = [i for i, (origin, _) in enumerate(self.found) if isinstance(origin, Given)]
        given = [self.found[i][0] for i in order]
        order += [i for i, (origin, _) in enumerate(self.found) if not isinstance(origin, Given)]
        number = {i: k for k, i in enumerate(order)}
        steps = [
            (name, tuple([(number[a[0]],) if isinstance(a, tuple) else a for a in operands]), static)
            for (name, operands, static), _ in self.steps
        ]
        return Program(given, steps, [number[i] for i in outputs], gradient)


def moderate(z):
    """Small enough, and finite."""
    if z.size > MOST_ENTRIES or not z.size:
        return False
    return z.dtype.kind == "b" or bool(np.isfinite(z).all() and np.abs(z).max() < LARGEST)
