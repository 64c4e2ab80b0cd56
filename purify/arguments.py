"""The arguments of a compiled call: what they look like, and what stands for them in a capture."""

import numpy as np

from ..oop.graph import LeafNode
from ..oop.tensor import Tensor
from ..shared.backend import is_array
from ..shared.dispatch import Value, depth
from ..shared.schedule.capture import Staged
from .borrow import around
from .survey import NUMBERS


def kind_of(x, survey):
    """A hashable description of a leaf: two leaves with one description run the same graph."""
    if isinstance(x, Tensor):
        if id(x) in survey.index:
            return "slot", id(x)
        return "tensor", type(x), tuple(x.shape), x.dtype, x.requires_grad, x.gradient is not None
    if isinstance(x, (np.ndarray, np.generic)) or is_array(x):
        return "array", tuple(x.shape), x.dtype
    if x.__class__ in NUMBERS:
        return "number", x.__class__
    return "static", id(x)


def stand_in(x, variable, trace, tape, survey):
    """What the function gets in place of a leaf."""
    if isinstance(x, Tensor):
        if id(x) in survey.index:
            return x
        t = around(type(x), Staged(variable, trace), depth.get() + 0.5)
        if x.requires_grad:
            t.node = LeafNode(t)
        return t
    if isinstance(x, (np.ndarray, np.generic)) or is_array(x):
        return Staged(variable, trace)
    return tape.add(x) if x.__class__ in NUMBERS else x


def is_traced(x):
    """True for a leaf that belongs to a transform."""
    return isinstance(x, Value) and (not isinstance(x, Tensor) or isinstance(x.value, Value))
