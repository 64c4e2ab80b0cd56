"""Who takes the call? The argument with the highest level decides (see Primitive.__call__).

A `Value` stands in for an array: a dual number, a taped or a batched value, a Tensor. Each wraps a
payload that lives one level further down, so that an interpreter unwraps its own level, applies the
same primitive again, and meets whatever is below: another Value, or at level 0 the kernel.
"""

from contextvars import ContextVar

import numpy as np

from .errors import TracerLeakError, describe, user_line

depth: ContextVar[int] = ContextVar("wonderland_depth", default=0)

# The classes seen most often at level 0: membership is quicker than isinstance.
PLAIN = frozenset((np.ndarray, float, int, bool, complex, np.float32, np.float64))


class Value:
    """Something a primitive may meet in place of an array.

    `level` orders the interpreters, `value` is the payload one level down. The operators, the array
    methods and NumPy's protocols are attached by `ops.protocol`, which knows the vocabulary.
    """

    __slots__ = ()
    level: float
    value: object
    weak: type | None = None  # the Python number it stands for, which takes its neighbours' dtype
    direct = False  # True where nobody differentiates: a backward pass on it is as on arrays

    def interpret(self, primitive, args, static):
        """Apply `primitive` to `args`, of which this one has the highest level."""
        raise NotImplementedError

    @property
    def shape(self):
        """The shape, as for an array."""
        return self.value.shape

    @property
    def dtype(self):
        """The dtype, as for an array."""
        return self.value.dtype

    @property
    def ndim(self):
        """The number of axes."""
        return len(self.shape)


class Trace:
    """One run of one transform: a level, alive from `with` until its end.

    Depth is a context variable and restored on the way out, so neither an exception nor another
    thread can leave a level behind.
    """

    __slots__ = ("alive", "depth", "level", "name", "size", "token", "where")

    def __init__(self, name, size=None):
        self.name = name
        self.size = size
        self.where = user_line(3)

    def __enter__(self):
        self.level = self.depth = depth.get() + 1
        self.token = depth.set(self.level)
        self.alive = True
        return self

    def __exit__(self, *exception):
        self.alive = False
        depth.reset(self.token)

    def settle(self, x):
        """x as this run's function returned it, without what stands above this level.

        A Tensor born inside the function stands half a level above; its payload is the result.
        """
        while isinstance(x, Value) and x.level > self.level:
            x = x.value
        return x

    def leak(self, value, primitive):
        """The error for a tracer that is used outside the run that made it."""
        return TracerLeakError(
            f"{primitive.name}: a traced {describe(value)} is used after the `{self.name}` that "
            f"made it had ended (made under `{self.name}` called at {self.where}); return it from "
            "the function, or keep its value with stop_gradient"
        )


def highest(args):
    """The Value with the highest level among the arguments; None where all are arrays."""
    top = None
    for a in args:
        if isinstance(a, Value) and (top is None or a.level > top.level):
            top = a
    return top


def bottom(x):
    """The array at level 0 under any number of Values; other things are themselves."""
    while isinstance(x, Value):
        x = x.value
    return x
