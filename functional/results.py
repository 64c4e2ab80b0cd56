"""What a function returned, as leaves."""

import numpy as np

from ..shared import tree
from ..shared.dispatch import bottom
from ..shared.errors import describe
from .arguments import NUMBERS, leaves_like, returned_leaves


class Results:
    """The results of a function as leaves, and their structure, which is known once it has run."""

    def __init__(self, operation):
        self.operation, self.structure = operation, None

    def flat(self, out):
        """The leaves of the results."""
        leaves, self.structure = tree.flatten(out)
        return returned_leaves(self.operation, leaves, self.structure)

    def tangents(self, dout, outs):
        """The leaves of the tangents, checked against the results; None for integers."""
        leaves = leaves_like(f"{self.operation}: the tangent", dout, self.structure)
        return [self._tangent(x, d) for x, d in zip(outs, leaves, strict=True)]

    def _tangent(self, x, d):
        if x.dtype.kind not in "fc":
            return None
        if isinstance(d, NUMBERS):
            return np.full_like(bottom(x), d, shape=x.shape)
        if d.shape != x.shape or d.dtype != x.dtype:
            raise TypeError(
                f"{self.operation}: a tangent has the shape and dtype of its result, but the rule "
                f"gave {describe(d)} for {describe(x)}"
            )
        return d
