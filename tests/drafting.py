"""The strategy that draws random programs from the table of primitives.

A program runs while it is drawn, so that each operation gets operands from its own domain and of
moderate size: few are lost to overflow.
"""

from functools import cache

import numpy as np
from hypothesis import strategies as st

from tests.moves import DTYPES, FLOATS, MOVES
from tests.programs import Given, Program, function_of

# Of a constant the capture keeps a copy, whose axes lie as they lay, but without gaps: kernels may
# round otherwise on such an array than on the one with gaps.
LAYOUTS = {
    "input": ("plain", "transposed", "strided", "reversed", "unaligned"),
    "constant": ("plain", "transposed"),
    "number": ("plain",),
}
LARGEST, MOST_ENTRIES = 1e3, 6000
WIDE = ((33,), (70,), (3, 33), (33, 2), (70, 3), (2, 70), (2, 3, 33))  # wider than a vector


@cache
def sampled(options):
    return st.sampled_from(options)


@cache
def whole(low, high):
    return st.integers(low, high)


class Draft:
    """A program while it is drawn: its items, and the value behind every number.

    special: it is about NaN, infinities and the sign of zero, in operands and results.
    """

    def __init__(self, draw, special):
        self.draw, self.special, self.weak = draw, special, set()
        self.items, self.arrays, self.results = [], [], []

    def choose(self, options):
        """One of them; the first is the simplest."""
        return self.draw(sampled(tuple(options)))

    def whole(self, low, high):
        """An integer from low to high."""
        return self.draw(whole(low, high))

    def coin(self):
        """False or True."""
        return self.draw(sampled((False, True)))

    def given(self, shape, dtype, role=None):
        """Another operand from outside: its number."""
        role = role or self.choose(["input", "constant"])
        layout = self.choose(LAYOUTS[role])
        special = self.special and role != "number" and np.dtype(dtype).kind == "f"
        self.items.append(Given(shape, dtype, self.whole(0, 999), layout, role, special))
        self.arrays.append(self.items[-1].value())
        if role == "number":
            self.weak.add(len(self.arrays) - 1)
        return len(self.arrays) - 1

    def fresh(self, shape, dtype):
        """A value of this shape and dtype: one that is there, or a given."""
        shape = tuple(shape)
        there = self.pick(lambda x: x.shape == shape and x.dtype == dtype)
        return self.given(shape, dtype) if there is None or self.coin() else there

    def pick(self, fits):
        """The number of an array that fits; None where there is none."""
        fitting = [i for i, x in enumerate(self.arrays) if i not in self.weak and fits(x)]
        return self.choose(fitting[::-1]) if fitting else None

    def floats(self, fits=lambda x: True):
        """Like pick, of floats."""
        return self.pick(lambda x: x.dtype.kind == "f" and fits(x))

    def apply(self, name, *operands, **static):
        """Add a step: the number of its (first) result, or None where that is too large."""
        args = [self.arrays[a[0]] if isinstance(a, tuple) else a for a in operands]
        if name in ("copysign", "signbit") and any(np.isnan(a).any() for a in args):
            return None  # the sign of a NaN says nothing
        found = function_of(name, operands, self.weak)(*args, **static)
        found = list(found) if isinstance(found, tuple | list) else [found]
        if not all(moderate(z, self.special) for z in found):
            return None
        self.items.append((name, operands, static))
        first = len(self.arrays)
        self.arrays += found
        self.results += range(first, len(self.arrays))
        return first


def moderate(z, special):
    """Small enough, and finite unless `special`."""
    if z.size > MOST_ENTRIES or not z.size:
        return False
    if z.dtype.kind == "b":
        return True
    finite = np.isfinite(z)
    return (special or bool(finite.all())) and np.abs(z[finite]).max(initial=0) < LARGEST


@st.composite
def programs(draw):
    """Programs of 3 to 25 steps and 2 or more operands."""
    d = Draft(draw, draw(whole(0, 5)) == 5)
    with np.errstate(all="ignore"):
        for _ in range(d.whole(1, 3)):
            shape = (
                d.choose(WIDE)
                if d.whole(0, 4) == 4
                else [d.whole(1, 7) for _ in range(d.whole(0, 4))]
            )
            d.given(shape, d.choose(DTYPES), "input")
        d.given([d.whole(1, 7) for _ in range(d.whole(1, 3))], d.choose(FLOATS), "input")
        for _ in range(d.whole(3, 25)):
            d.choose(MOVES)(d)
    outputs = d.results[-1:] or [0]
    outputs = list(
        dict.fromkeys([*outputs, *[d.choose(d.results or [0]) for _ in range(d.whole(0, 2))]])
    )
    differentiable = any(d.arrays[i].dtype.kind == "f" for i in outputs)
    return Program(d.items, outputs, differentiable and d.choose((False, True, True)))
