"""Tensors of the clone around the caller's values: written to, they go to memory of their own.

NumPy's memory is lent read-only, that of other array modules by a version that says so. A change in
place then replaces the clone's value and leaves the caller's alone, as it does for traced values.
"""

from numpy import ndarray

from ..oop.graph import Lent, Version
from ..oop.nn.parameter import Parameter
from ..oop.tensor import Tensor
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


def lent(x):
    """The version of a Tensor around somebody's x: None where NumPy refuses to write itself."""
    return Lent() if x.__class__ is not ndarray and is_array(x) else None


def around(cls, value, level, version=None):
    """A Tensor of a class around a payload, without history."""
    t = new(cls)
    t.value, t.node, t.base, t.version, t.level = value, None, None, version, level
    return t


def alias(cls, x, own_version=False):
    """Another Tensor with the value and the history of x: gradients arrive at x.

    It has the version of x too, so that backward() notices where the caller changes x before it;
    unless the call may write to it, which is no change of x.
    """
    t = around(cls, borrowed(x.fresh().value), x.level, lent(x.value))
    t.node = x.node
    if t.version is None and not own_version:
        if x.version is None:
            x.version = Version()
        t.version = x.version
    return t


def parameters(plan, given, level, version):
    """({id of the model's: the clone's} for all parameters, those of them around Tensors)."""
    bound, aliases = {}, []
    for name, key, cls, _, _ in plan.expected[0]:
        x = given[name]
        if x.__class__ is ndarray:  # the hot path: borrowed() and around(), inline
            x = x.view()
            x.setflags(False)
            t = new(cls)
            t.value, t.node, t.base, t.version, t.level = x, None, None, version, level
        elif isinstance(x, Tensor):
            t = alias(cls, x)
            aliases.append(t)
        else:
            frozen = isinstance(x, Value) and plan.parameters[name].node is None
            t = around(cls, stop_gradient(x) if frozen else x, level, version)
        bound[key] = t
    return bound, aliases


def buffer(cls, x, level):
    """A buffer of the clone that holds x, or None."""
    if isinstance(x, Tensor):
        return alias(cls, x, own_version=True)
    return None if x is None else around(cls, borrowed(x), level, lent(x))


def argument(x):
    """An argument as the model expects it: arrays and traced values as Tensors."""
    if isinstance(x, Tensor):
        return alias(x.__class__, x)
    if isinstance(x, (Value, ndarray)) or is_array(x):
        return around(Tensor, borrowed(x), depth.get() + 0.5, lent(x))
    return x


def constant(tensor):
    """A Tensor without history that shows the same values."""
    cls = Tensor if isinstance(tensor, Parameter) else tensor.__class__
    x = tensor.fresh().value
    return around(cls, borrowed(x), depth.get() + 0.5, lent(x))


def copied(tensor):
    """A Tensor's payload in memory of its own."""
    return tensor.fresh().value.copy()
