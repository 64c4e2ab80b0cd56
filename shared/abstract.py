"""Values without entries: shapes and dtypes flow through a program, no arrays."""

import math

import numpy as np

from .dispatch import Trace, Value
from .errors import describe


class ShapeDtype:
    """A shape and a dtype: what eval_shape returns, and takes.

    >>> ShapeDtype((2, 3), np.float32)
    ShapeDtype(float32[2,3])
    """

    __slots__ = ("dtype", "shape")

    def __init__(self, shape, dtype):
        self.shape, self.dtype = tuple(shape), np.dtype(dtype)

    @property
    def ndim(self):
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self):
        """The number of entries."""
        return math.prod(self.shape)

    def __eq__(self, other):
        if not isinstance(other, ShapeDtype):
            return NotImplemented
        return self.shape == other.shape and self.dtype == other.dtype

    def __hash__(self):
        return hash((self.shape, self.dtype))

    def __repr__(self):
        return f"ShapeDtype({describe(self)})"

    def __array_function__(self, function, types, args, kwargs):
        """np.zeros_like and its kin: constants, of one entry seen through strides of 0."""
        if function not in FILLED:
            return NotImplemented
        like, *rest = args
        shape, dtype = kwargs.get("shape"), kwargs.get("dtype")
        shape = like.shape if shape is None else shape
        value = function(np.zeros((), like.dtype if dtype is None else dtype), *rest)
        if math.prod(shape) == 1:
            return value.reshape(shape)
        entry = Entry((), value.dtype)
        entry[()] = value
        return np.broadcast_to(entry, shape)


class Entry(np.ndarray):
    """The memory of a constant, by which `is_filled` knows it."""


def is_filled(x):
    """True for what np.zeros_like and its kin make of a ShapeDtype, not for what was broadcast.

    Both repeat one entry, but with arrays the former would be in full, and kernels lay their
    results as their operands lie.
    """
    while x.base is not None:
        x = x.base
    return isinstance(x, Entry)


FILLED = {np.zeros_like, np.ones_like, np.empty_like, np.full_like}


class Abstract(Value):
    """A value of which shape and dtype are known, under one `eval_shape`."""

    __slots__ = ("level", "trace", "value")

    def __init__(self, value, trace):
        self.value, self.trace, self.level = value, trace, trace.level

    def interpret(self, primitive, args, static):
        """The shape rule in place of the kernel."""
        if not self.trace.alive:
            raise self.trace.leak(self, primitive)
        found = primitive.abstract(*args, **static)
        if primitive.outputs is None:
            return Abstract(ShapeDtype(*found), self.trace)
        return tuple([Abstract(ShapeDtype(*z), self.trace) for z in found])

    def concrete(self, operation):
        """There is no array under this value to decide by."""
        raise TypeError(
            f"{operation}: under `{self.trace.name}` a {describe(self)} has a shape and a dtype "
            "but no entries that Python could decide by; choose by where(condition, x, y), or by "
            "shapes"
        )


def eval_shape(f, args):
    """What f(*args) returns, with a ShapeDtype in place of every array.

    args: anything with a shape and a dtype.
    """
    with Trace("eval_shape") as trace:
        out = f(*[Abstract(ShapeDtype(a.shape, a.dtype), trace) for a in args])
        out = [trace.settle(x) for x in out]
    return [ShapeDtype(x.shape, x.dtype) for x in out]
