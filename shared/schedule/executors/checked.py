"""The executor behind `check_nan`: one equation at a time, stopped by the first NaN or infinity."""

import numpy as np

from ...errors import describe
from ..graph import Variable
from ..origin import split_line
from .replay import Replay

SMALL = 8  # entries: so many are shown as they are


class Checked(Replay):
    """run(leaves) -> leaves as `Replay`, but a NaN or infinity that an equation makes is an error.

    An equation is to blame where its result is not finite although all that it was given is.
    """

    def run(self, registers):
        """Run all steps; FloatingPointError names the operation, its line and its operands."""
        with np.errstate(all="ignore"):  # what NumPy would warn of is what is looked for
            for step in self.steps:
                args = [registers[i] for i in step.sources]
                for z in self.apply(step, registers):
                    if not is_finite(z) and all(is_finite(a) for a in args):
                        raise FloatingPointError(self.message(step.equation, args, z))

    def message(self, equation, args, z):
        """What happened, where the user wrote it, and what the operation was given."""
        name, (backward, line) = equation.primitive.name, split_line(equation.line)
        where = f"in the backward pass of {line}" if backward else f"at {line}"
        head = (
            f"{name}: the result {describe(np.asarray(z))} has {counted(z)}, though its operands "
            f"are finite: {where} (in `{self.graph.name}`, found by check_nan)"
        )
        lines = [head]
        names = equation.primitive.operands
        variadic = equation.primitive.variadic
        for i, (a, x) in enumerate(zip(equation.inputs, args, strict=True)):
            own = f"{names[0]}[{i}]" if variadic or i >= len(names) else names[i]
            lines.append(f"    {own}: {summary(x) if isinstance(a, Variable) else repr(x)}")
        return "\n".join(lines)


def is_finite(x):
    """False where a float or complex entry is NaN or infinite."""
    kind = getattr(x, "dtype", np.asarray(x).dtype).kind
    return kind not in "fc" or bool(np.isfinite(x).all())


def counted(z):
    """'1 NaN and 2 infinite entries of 6'"""
    nans, infinite = int(np.isnan(z).sum()), int(np.isinf(z).sum())
    found = [f"{nans} NaN"] * bool(nans) + [f"{infinite} infinite"] * bool(infinite)
    entries = "entry" if nans + infinite == 1 else "entries"
    return f"{' and '.join(found)} {entries} of {np.size(z)}"


def summary(x):
    """'float32[2,3] from -1.0 to 2.0', or the entries themselves where they are few."""
    x = np.asarray(x)
    if x.size <= SMALL:
        entries = np.array2string(x, separator=", ", max_line_width=10**6)
        return f"{describe(x)} = {' '.join(entries.split())}"
    if x.dtype.kind in "fiu":
        return f"{describe(x)} from {x.min()} to {x.max()}, {int((x == 0).sum())} of them 0"
    return describe(x)
