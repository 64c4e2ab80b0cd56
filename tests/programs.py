"""Programs as data: operands from outside and applications of primitives, in order.

What a `Program` prints is its own text in Python, to be kept as a regression.
"""

import numpy as np

from wonderland import functional as wf
from wonderland.shared.primitives import cast, registry
from wonderland.shared.primitives import sum as total

OPERATORS = {
    "add": lambda x, y: x + y, "sub": lambda x, y: x - y, "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y, "less": lambda x, y: x < y, "greater_equal": lambda x, y: x >= y,
}  # fmt: skip
LAYOUTS = ("plain", "transposed", "strided", "reversed", "unaligned")
SPECIAL = (np.nan, np.inf, -np.inf, -0.0, 0.0)


class Given:
    """An operand from outside: role is "input", "constant" or "number" (a Python number).

    special: floats of which one in five is no number, infinite or -0.0.
    """

    def __init__(self, shape, dtype, seed, layout="plain", role="input", special=False):
        self.shape, self.dtype, self.seed = tuple(shape), np.dtype(dtype).name, seed
        self.layout, self.role, self.special = layout, role, special

    def __repr__(self):
        how = f"{self.layout!r}, {self.role!r}" + ", True" * self.special
        return f"Given({self.shape}, {self.dtype!r}, {self.seed}, {how})"

    def value(self):
        """The array, or the number."""
        rng, kind = np.random.default_rng(self.seed), np.dtype(self.dtype).kind
        if kind == "b":
            x = rng.random(self.shape) < 0.5
        elif kind == "i":
            x = rng.integers(-3, 9, self.shape)
        else:
            x = np.round(rng.normal(0, 1.5, self.shape), 2)
            if self.special:
                x = np.where(rng.random(x.shape) < 0.2, rng.choice(SPECIAL, x.shape), x)
        if self.role == "number":
            return x.item()
        return laid_out(np.asarray(x, self.dtype), self.layout)


def laid_out(x, layout):
    """The same array, otherwise in memory."""
    if layout == "transposed" and x.ndim:
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
    """items: Givens and steps (name, operands, statics); outputs: the numbers of the values
    returned.

    Every item's results are numbered on; an operand is `(number,)` or a Python number. gradient:
    the value is the sum of the float outputs, and its gradients in all float inputs come with it.
    """

    def __init__(self, items, outputs, gradient=False):
        self.items, self.outputs, self.gradient = items, outputs, gradient
        self.arrays = {id(g): g.value() for g in items if isinstance(g, Given)}

    def __repr__(self):
        items = "".join(f"\n    {item}," for item in self.items)
        return f"Program([{items}\n], {self.outputs}, {self.gradient})"

    @property
    def inputs(self):
        """What the function takes: all givens but the constants."""
        return [self.arrays[id(g)] for g in self.givens]

    @property
    def givens(self):
        """The Givens that the function takes."""
        return [g for g in self.items if isinstance(g, Given) and g.role != "constant"]

    def other_values(self):
        """Other inputs, laid out alike: the same entries in another order; another number."""
        return [
            x + 1 if g.role == "number" else laid_out(np.roll(x, 1), g.layout)
            for g, x in zip(self.givens, self.inputs, strict=True)
        ]

    def other_layouts(self):
        """The same inputs, otherwise in memory."""
        found = []
        for g, x in zip(self.givens, self.inputs, strict=True):
            other = "transposed" if len(g.shape) > 1 else "strided"
            layout = other if g.layout == "plain" else "plain"
            found.append(x if g.role == "number" else laid_out(x.copy("C"), layout))
        return found

    def __call__(self, *inputs):
        """The outputs, or the value of their sum and its gradients."""
        if not self.gradient:
            return self.values(inputs)
        roles = [g.role for g in self.givens]
        kinds = [np.dtype(getattr(x, "dtype", int)).kind for x in inputs]
        places = [i for i, role in enumerate(roles) if role == "input" and kinds[i] == "f"]

        def value(*floats):
            full = list(inputs)
            for i, x in zip(places, floats, strict=True):
                full[i] = x
            return summed([z for z in self.values(full) if z.dtype.kind == "f"])

        return wf.value_and_grad(value, tuple(range(len(places))))(*[inputs[i] for i in places])

    def values(self, inputs):
        """The outputs."""
        rest, known, weak = iter(inputs), [], set()
        for item in self.items:
            if isinstance(item, Given):
                weak |= {len(known)} if item.role == "number" else set()
                known.append(self.arrays[id(item)] if item.role == "constant" else next(rest))
                continue
            name, operands, static = item
            args = [known[a[0]] if isinstance(a, tuple) else a for a in operands]
            z = function_of(name, operands, weak)(*args, **static)
            known += z if isinstance(z, tuple | list) else [z]
        return [known[i] for i in self.outputs]


def summed(zs):
    """The sum of all entries of all arrays, in float64."""
    wide = [cast(z, dtype=np.dtype(np.float64)) for z in zs]
    sums = [total(z, axis=tuple(range(len(z.shape))), keepdims=False) for z in wide]
    return sum(sums[1:], sums[0])


def function_of(name, operands, weak):
    """The primitive; where a Python number comes from outside the operator, which is lenient."""
    outside = any(isinstance(a, tuple) and a[0] in weak for a in operands)
    return OPERATORS[name] if outside else registry[name]
