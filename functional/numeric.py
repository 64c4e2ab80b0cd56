"""Derivatives of black boxes, by differences."""

from functools import wraps

import numpy as np

from ..shared import ops, tree
from ..shared.custom import ForwardRule, batch_size, is_inexact
from ..shared.dispatch import Value, bottom
from .arguments import array_leaf, check_callable
from .results import Results
from .reverse import stop_gradient


def numeric_primitive(fun, step=None):
    """fun, differentiable though nobody can look inside: by central differences.

    fun takes and returns (pytrees of) arrays and always gets plain ones, so that it may call
    anything. Both modes work, under vmap (a loop) too; n numbers that vary cost 2 n calls. step:
    the distance, relative to 1 + |x|; by default ∛eps, which leaves an error of about eps^⅔, and
    more in higher derivatives.

    >>> import math
    >>> from wonderland.functional import grad
    >>> erf = numeric_primitive(lambda x: np.float64(math.erf(x)))
    >>> round(float(grad(erf)(np.float64(0.0))), 6) == round(2 / math.sqrt(math.pi), 6)
    True
    """
    check_callable("numeric_primitive", fun)

    @wraps(fun)
    def wrapped(*args):
        leaves, structure = tree.flatten(args)
        if not any(isinstance(x, Value) for x in leaves):
            return fun(*args)
        leaves = [array_leaf("numeric_primitive", x) for x in leaves]
        outs = Results("numeric_primitive")

        def run(*arrays):
            return outs.flat(fun(*structure.unflatten(arrays)))

        results = Differences(run, step)(*leaves)
        return outs.structure.unflatten(results)

    return wrapped


class Differences(ForwardRule):
    """run as a black box, with the difference quotients of its results as its derivative."""

    def __init__(self, run, step):
        super().__init__("numeric_primitive", run, self.rule_of_differences)
        self.step = step

    def rule_of_differences(self, args, tangents):
        """The sum over all entries of (their difference quotient times their tangent)."""
        outs = Differences(self.run, self.step)(*args)
        douts = [None] * len(outs)
        for place, (x, dx) in enumerate(zip(args, tangents, strict=True)):
            if is_inexact(x):
                for entry in np.ndindex(*x.shape):
                    self._add(douts, args, place, entry, dx[entry])
        return outs, douts

    def _add(self, douts, args, place, entry, dx):
        x = args[place]
        unit = np.zeros_like(bottom(x), shape=x.shape)
        step = self.step or float(np.cbrt(np.finfo(x.dtype).eps))
        unit[entry] = 1
        step = step * (1 + abs(stop_gradient(x[entry])))
        ends = []
        for moved in (x + unit * step, x - unit * step):
            given = [moved if i == place else a for i, a in enumerate(args)]
            ends.append(Differences(self.run, self.step)(*given))
        for i, (high, low) in enumerate(zip(*ends, strict=True)):
            if is_inexact(high):
                d = (high - low) * (dx / (2 * step))
                douts[i] = d if douts[i] is None else douts[i] + d

    def batch_rule(self, args, batched):
        """A loop over the batch: a black box takes one element at a time."""
        elements = [
            Differences(self.run, self.step)(
                *[a[i] if b else a for a, b in zip(args, batched, strict=True)]
            )
            for i in range(batch_size(args, batched))
        ]
        return tuple([ops.stack(outs) for outs in zip(*elements, strict=True)])
