"""Random draws from traced keys, and with traced parameters, as `shared.random` names them.

What depends on the key alone is a primitive; parameters that have a derivative enter by operations
around it, in the order in which the untraced draws compute, so that the bits are theirs.
"""

import numpy as np

from ..dispatch import Value
from ..errors import describe
from ..primitives.random import fold_in as fold_in_integer
from ..primitives.random import random
from ..random.continuous import SOURCES
from ..random.keys import TRACED
from . import comparison, elementwise, indexing, reductions, selection, sorting
from .promotion import astype


def drawn(name, defaults):
    """The traced version of a draw whose parameters are numbers, shapes and dtypes."""

    def function(key, *args, **kwargs):
        given = {**defaults, **dict(zip(defaults, args, strict=False)), **kwargs}
        return draw(name, key, **given)

    return function


def draw(name, key, **arguments):
    """One draw by the primitive, its arguments made hashable."""
    if "shape" in arguments:
        arguments["shape"] = shape_of(arguments["shape"])
    if "dtype" in arguments:
        arguments["dtype"] = np.dtype(arguments["dtype"])
    for argument, value in arguments.items():
        if hasattr(value, "__array__"):
            raise TypeError(
                f"random.{name}: with a traced key or a traced {argument}, {argument} must be a "
                f"number but is {describe(value)}; draw numbers and compute with them"
            )
    return random(key, draw=name, arguments=tuple(sorted(arguments.items())))


def shape_of(shape):
    """A shape as a tuple."""
    return tuple(shape) if isinstance(shape, (tuple, list)) else (int(shape),)


def uniform(key, shape=(), dtype=np.float32, minval=0.0, maxval=1.0):
    """minval + (maxval - minval) u, differentiable in both bounds."""
    if is_number(minval) and is_number(maxval):
        return draw("uniform", key, shape=shape, dtype=dtype, minval=minval, maxval=maxval)
    u = draw("uniform", key, shape=shape, dtype=dtype, minval=0.0, maxval=1.0)
    low, high = (bound(x, np.dtype(dtype)) for x in (minval, maxval))
    z = elementwise.add(elementwise.multiply(u, elementwise.subtract(high, low)), low)
    return selection.where(comparison.less(z, high), z, elementwise.nextafter(high, low))


def bound(x, dtype):
    """A bound in the dtype of the draw."""
    return dtype.type(x) if is_number(x) else astype(x, dtype)


def is_number(x):
    """True for Python's numbers."""
    return isinstance(x, (int, float))


def bernoulli(key, p=0.5, shape=None):
    """uniform(key) < p."""
    is_array = hasattr(p, "shape") and not isinstance(p, np.generic)
    dtype = p.dtype if is_array and p.dtype in SOURCES else np.dtype(np.float32)
    if shape is None:
        shape = p.shape if is_array else ()
    unit = draw("uniform", key, shape=shape, dtype=dtype, minval=0.0, maxval=1.0)
    return comparison.less(unit, p if is_array else dtype.type(p))


def categorical(key, logits, axis=-1, shape=None):
    """argmax(logits + gumbel(key))."""
    axis = axis % len(logits.shape) - len(logits.shape)
    noise_shape = list(logits.shape)
    entries = noise_shape.pop(axis)
    noise_shape = noise_shape if shape is None else list(shape_of(shape))
    noise_shape.insert(len(noise_shape) + axis + 1, entries)
    dtype = logits.dtype if logits.dtype in SOURCES else np.dtype(np.float32)
    noise = draw("gumbel", key, shape=tuple(noise_shape), dtype=dtype)
    return reductions.argmax(elementwise.add(noise, logits), axis=axis)


def permutation(key, x, axis=0, independent=False):
    """The numbers below x, or the array x along an axis, in random order."""
    if not getattr(x, "shape", ()):
        return draw("permutation", key, x=int(x))
    if not independent:
        order = draw("permutation", key, x=x.shape[axis])
        return indexing.take(x, order, axis=axis)
    numbers = draw("bits", key, shape=tuple(x.shape), dtype=np.uint64)
    return indexing.take_along_axis(x, sorting.argsort(numbers, axis=axis), axis=axis)


def choice(key, a, shape=(), replace=True, p=None, axis=0):
    """`shape` choices among the numbers below a, or among the array a along an axis."""
    if p is not None:
        raise TypeError(
            "random.choice: weights p and a traced key (or traced weights) do not go together; "
            "use categorical(key, log(p)), which is the same choice with replacement"
        )
    if not getattr(a, "shape", ()):
        return draw("choice", key, a=int(a), shape=shape, replace=replace)
    index = draw("choice", key, a=a.shape[axis], shape=shape, replace=replace)
    return indexing.take(a, index, axis=axis)


def fold_in(key, *data):
    """The key of `data` under `key`; traced integers too."""
    for item in data:
        if isinstance(item, Value):
            key = fold_in_integer(key, item)
        else:
            key = draw("fold_in", key, data=(item if isinstance(item, str) else int(item),))
    return key


SHAPED = {"shape": (), "dtype": np.float32}
TRACED.update(
    split=drawn("split", {"num": 2}),
    bits=drawn("bits", {"shape": (), "dtype": np.uint64}),
    uniform=uniform,
    normal=drawn("normal", SHAPED),
    truncated_normal=drawn("truncated_normal", {"lower": None, "upper": None, **SHAPED}),
    exponential=drawn("exponential", SHAPED),
    gumbel=drawn("gumbel", SHAPED),
    rademacher=drawn("rademacher", {"shape": (), "dtype": np.int64}),
    randint=drawn("randint", {"shape": (), "minval": None, "maxval": None, "dtype": np.int64}),
    bernoulli=bernoulli,
    categorical=categorical,
    permutation=permutation,
    choice=choice,
    fold_in=fold_in,
)
