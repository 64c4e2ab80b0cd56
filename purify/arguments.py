"""The arguments of a compiled call: what they look like, and what stands for them in a capture."""

import numpy as np

from ..oop.graph import LeafNode
from ..oop.tensor import Tensor
from ..shared.backend import is_array
from ..shared.dispatch import Value, depth
from ..shared.schedule.capture import Staged
from .borrow import around
from .survey import NUMBERS

ATOMS = frozenset((bool, str, bytes, complex, type(None)))


def kind_of(x, survey):
    """A hashable description of a leaf: two leaves with one description run the same graph."""
    if isinstance(x, Tensor):
        if id(x) in survey.index:
            return "slot", survey.index[id(x)]
        g = x.gradient
        gradient = None if g is None else (type(g), tuple(g.shape), g.dtype)
        return "tensor", type(x), tuple(x.shape), x.dtype, x.requires_grad, gradient
    if isinstance(x, (np.ndarray, np.generic)) or is_array(x):
        return "array", tuple(x.shape), x.dtype
    if x.__class__ in NUMBERS:
        return "number", x.__class__
    return ("static", x.__class__, x) if x.__class__ in ATOMS else ("object",)


class Likeness:
    """What a call is compared with quickly: the kind of one leaf of its arguments."""

    __slots__ = (
        "cls",
        "dtype",
        "identical",
        "is_tensor",
        "kept",
        "kind",
        "shape",
        "survey",
        "tracked",
    )

    def __init__(self, x, survey):
        self.kind, self.cls, self.survey = kind_of(x, survey), x.__class__, survey
        self.is_tensor = self.kind[0] == "tensor"
        self.kept = x if self.kind[0] in ("slot", "object", "static") else None
        self.identical = self.kind[0] in ("slot", "object")
        if self.is_tensor:
            self.shape, self.dtype, self.tracked = tuple(x.shape), x.dtype, x.requires_grad

    def fits(self, x):
        """True for a leaf of the same kind."""
        if x.__class__ is not self.cls:
            return False
        if self.is_tensor and not self.tracked:
            value = x.value
            return (
                value.shape == self.shape and value.dtype is self.dtype
                and x.node is None and x.base is None and x.gradient is None
                and id(x) not in self.survey.index
            )  # fmt: skip
        return x is self.kept or (not self.identical and kind_of(x, self.survey) == self.kind)


def stand_in(x, variable, gradient, trace, tape, survey):
    """What the function gets in place of a leaf; gradient: the variable of its .grad."""
    if isinstance(x, Tensor):
        if id(x) in survey.index:
            return x
        level = depth.get() + 0.5
        t = around(type(x), Staged(variable, trace), level)
        if x.requires_grad:
            t.node = LeafNode(t)
        if x.gradient is not None:
            t.gradient = around(type(x.gradient), Staged(gradient, trace), level)
        return t
    if isinstance(x, (np.ndarray, np.generic)) or is_array(x):
        return Staged(variable, trace)
    return tape.add(x) if x.__class__ in NUMBERS else x


def is_traced(x):
    """True for a leaf that belongs to a transform."""
    return isinstance(x, Value) and (not isinstance(x, Tensor) or isinstance(x.value, Value))


def is_input(x):
    """True for a leaf that the program takes as an input."""
    return isinstance(x, (Tensor, np.ndarray, np.generic)) or x.__class__ in NUMBERS
