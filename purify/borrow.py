"""Tensors of the clone around the caller's values: written to, they go to memory of their own.

NumPy's memory is lent read-only. A change in place then replaces the clone's value and leaves the
caller's alone, as it does for traced values; NumPy itself refuses to write.
"""

import numpy as np
from numpy import ndarray

from ..oop.graph import Version
from ..oop.nn.parameter import Parameter
from ..oop.tensor import Tensor, wrap
from ..shared.backend import is_array
from ..shared.dispatch import Value, depth
from ..shared.primitives.barrier import stop_gradient

new = object.__new__


def borrowed(x):
    """The same values, read-only."""
    if x.__class__ is ndarray:
        x = x.view()
        x.setflags(False)
    return x


def around(cls, value, level, version=None):
    """A Tensor of a class around a payload, without history."""
    t = new(cls)
    t.value, t.node, t.base, t.version, t.level = value, None, None, version, level
    return t


def alias(cls, x, version):
    """Another Tensor with the value and the history of x: gradients arrive at x."""
    t = around(cls, borrowed(x.fresh().value), x.level, version)
    t.node = x.node
    return t


def shared_version(x):
    """The version of x, so that backward() notices where the caller changes x before it."""
    if x.version is None:
        x.version = Version()
    return x.version


def parameters(plan, given, level, version):
    """{id of the model's: the clone's} for all parameters."""
    bound, table = {}, plan.parameters
    for name, key, cls, _, _ in plan.expected[0]:
        x = given[name]
        if x.__class__ is ndarray:  # the hot path: borrowed() and around(), inline
            x = x.view()
            x.setflags(False)
            t = new(cls)
            t.value, t.node, t.base, t.version, t.level = x, None, None, version, level
        else:
            t = parameter(cls, x, table[name], level, version)
        bound[key] = t
    return bound


def parameter(cls, x, original, level, version):
    """A parameter of the clone that holds x, a constant where the model's is frozen."""
    if isinstance(x, Tensor):
        return alias(cls, x, shared_version(x))
    if isinstance(x, Value) and original.node is None:
        x = stop_gradient(x)
    return around(cls, x, level, version)


def buffer(cls, x, level):
    """A buffer of the clone that holds x, or None."""
    if isinstance(x, Tensor):
        return alias(cls, x, None)
    return None if x is None else around(cls, borrowed(x), level)


def argument(x):
    """An argument as the model expects it: arrays and traced values as Tensors, others as they are."""
    if isinstance(x, Tensor):
        return alias(x.__class__, x, shared_version(x))
    return wrap(borrowed(x)) if isinstance(x, (Value, ndarray)) or is_array(x) else x


def constant(tensor):
    """A Tensor without history that shows the same values."""
    cls = Tensor if isinstance(tensor, Parameter) else tensor.__class__
    return around(cls, borrowed(tensor.fresh().value), depth.get() + 0.5)


def copied(tensor):
    """A Tensor's payload in memory of its own."""
    return tensor.fresh().value.copy()
