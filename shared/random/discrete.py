"""Draws of truth values, integers, orders and choices."""

import math

import numpy as np

from .continuous import (
    SOURCES,
    broadcasts,
    check_broadcast,
    check_shape,
    flat_bits,
    flat_open,
    flat_unit,
    standard_gumbel,
)
from .exact import log
from .keys import draw
from .philox import multiply, words


@draw
def bernoulli(key, p=0.5, shape=None):
    """uniform(key) < p: True with probability p; bool.

    p: a number or an array in [0, 1]; a float64 array is compared in float64, anything else in
    float32.  shape: that of p unless given, and p must broadcast to it.

    >>> from wonderland.shared import random
    >>> random.bernoulli(random.key(7), 0.8, (4,))
    array([ True, False, False,  True])
    """
    operation = "random.bernoulli"
    if isinstance(p, (int, float, np.number)):
        shape = check_shape(operation, () if shape is None else shape)
        return _bernoulli_number(operation, key, float(p), shape)
    if not hasattr(p, "shape"):
        raise TypeError(f"{operation}: p must be a number or an array, got {type(p).__name__}")
    shape = tuple(p.shape) if shape is None else check_shape(operation, shape)
    if not bool(np.all((p >= 0) & (p <= 1))):
        raise ValueError(f"{operation}: p must lie in [0, 1], got {p}")
    dtype = p.dtype if p.dtype in SOURCES else np.dtype(np.float32)
    unit = flat_unit(key, math.prod(shape), dtype).reshape((*key.shape[:-1], *shape))
    check_broadcast(operation, "p", p, unit.shape)
    return _keep_array(unit, lambda u: u < p)


def _bernoulli_number(operation, key, p, shape):
    """b / 2²⁴ < p for the top 24 of 32 bits, asked of the bits themselves: no floats are made."""
    if not 0 <= p <= 1:
        raise ValueError(f"{operation}: p must lie in [0, 1], got {p}")
    below = math.ceil(float(np.float32(p)) * (1 << 24))
    draws = flat_bits(key, math.prod(shape), np.dtype(np.uint32))
    # The threshold for p = 1 would be 2³², which is no uint32.
    result = draws < below << 8 if below < 1 << 24 else draws >= 0
    return result.reshape((*key.shape[:-1], *shape))


def _keep_array(x, function):
    """function(x), an array even without dimensions, where NumPy would give a number."""
    return function(x[None])[0, ...]


@draw
def rademacher(key, shape=(), dtype=np.int64):
    """-1 or 1, each with probability ½: 2 b - 1 with b the top bit of each byte of the stream.

    TypeError for a dtype that has no -1.

    >>> from wonderland.shared import random
    >>> random.rademacher(random.key(7), (4,))
    array([ 1,  1,  1, -1])
    """
    shape, dtype = check_shape("random.rademacher", shape), np.dtype(dtype)
    if dtype.kind not in "ifc":
        raise TypeError(f"random.rademacher: dtype must have a sign, got {dtype}")
    signs = (flat_bits(key, math.prod(shape), np.dtype(np.uint8)) >> 7).astype(dtype)
    signs *= 2
    signs -= 1
    return signs.reshape((*key.shape[:-1], *shape))


@draw
def randint(key, shape, minval, maxval, dtype=np.int64):
    """minval + ⌊(maxval - minval) w / 2⁶⁴⌋, with w a word of the stream: in [minval, maxval).

    minval and maxval: integers, or integer arrays that broadcast to the result.  No value is more
    likely than another by more than (maxval - minval) / 2⁶⁴ of its probability.  ValueError for an
    empty interval or one outside of the dtype, TypeError for what is no integer.

    >>> from wonderland.shared import random
    >>> random.randint(random.key(7), (5,), 1, 7)
    array([6, 2, 3, 3, 1])
    """
    operation, dtype = "random.randint", np.dtype(dtype)
    shape = check_shape(operation, shape)
    if dtype.kind not in "iu":
        raise TypeError(f"{operation}: dtype must be an integer type, got {dtype}")
    low, high = _integers(operation, "minval", minval), _integers(operation, "maxval", maxval)
    word = words(key, math.prod(shape)).reshape((*key.shape[:-1], *shape))
    check_broadcast(operation, "minval", low, word.shape)
    check_broadcast(operation, "maxval", high, word.shape)
    if not (bool(np.all(low < high)) and _fits(low, dtype, 0) and _fits(high, dtype, 1)):
        raise ValueError(
            f"{operation}: minval must be below maxval and both fit {dtype}: "
            f"minval {minval}, maxval {maxval}"
        )
    return _keep_array(word, lambda w: _scaled(w, low, high).astype(dtype))


def _fits(value, dtype, beyond):
    """Whether all of value is within the limits of the dtype, or `beyond` the upper one."""
    limits = np.iinfo(dtype)
    if isinstance(value, int):
        return limits.min <= value <= limits.max + beyond
    # Comparing only with numbers that the array's own type can hold.
    own = np.iinfo(value.dtype)
    above = own.max > limits.max + beyond and bool((value > limits.max + beyond).any())
    return not above and not (own.min < limits.min and bool((value < limits.min).any()))


def _scaled(word, low, high):
    """low + the high half of word * (high - low), modulo 2⁶⁴: two's complement makes it signed."""
    if isinstance(low, int) and isinstance(high, int):
        span, low = high - low, low % (1 << 64)
        offset = word if span == 1 << 64 else multiply(word, span)[0]
    else:
        low, high = _wrapped(low), _wrapped(high)
        offset = multiply(word, high - low)[0]
    return offset + low


def _wrapped(value):
    return np.uint64(value % (1 << 64)) if isinstance(value, int) else value.astype(np.uint64)


def _integers(operation, name, value):
    if getattr(value, "shape", ()) and value.dtype.kind in "iu":
        return value
    try:
        return int(value.__index__())
    except (AttributeError, TypeError):
        raise TypeError(f"{operation}: {name} must hold integers, got {value!r}") from None


@draw
def permutation(key, x, axis=0, independent=False):
    """The numbers below x, or the array x along an axis, in random order.

    The order is that of the stream's words: argsort(bits(key, n)), int64.  With `independent` each
    line along the axis has an order of its own.

    >>> from wonderland.shared import random
    >>> random.permutation(random.key(7), 5)
    array([4, 1, 3, 2, 0])
    """
    operation = "random.permutation"
    if not getattr(x, "shape", ()):
        return _order(key, _size(operation, "x", x))
    axis = _axis(operation, axis, x.shape)
    if not independent:
        return _take(x, _order(key, x.shape[axis]), axis, key.ndim - 1)
    numbers = words(key, math.prod(x.shape)).reshape((*key.shape[:-1], *x.shape))
    order = np.argsort(numbers, axis=axis - len(x.shape), kind="stable")
    return np.take_along_axis(np.broadcast_to(x, order.shape), order, axis - len(x.shape))


@draw
def choice(key, a, shape=(), replace=True, p=None, axis=0):
    """`shape` choices among the numbers below a, or among the array a along an axis.

    p: (n,) weights, which need not add up to one.  With replacement by the inverse of their
    cumulative sum; without, the first of a random order (with weights: of the largest
    gumbel + log p, which is the same as drawing one after the other).  ValueError where there is
    nothing, or too little, to choose from.

    >>> from wonderland.shared import random
    >>> random.choice(random.key(7), 10, (3,), replace=False)
    array([8, 4, 1])
    """
    operation = "random.choice"
    shape, is_array = check_shape(operation, shape), bool(getattr(a, "shape", ()))
    axis = _axis(operation, axis, a.shape) if is_array else 0
    n = a.shape[axis] if is_array else _size(operation, "a", a)
    count = math.prod(shape)
    _check_choice(operation, n, count, replace, p)
    if replace:
        index = _with_replacement(key, n, count, p)
    else:
        index = (_order(key, n) if p is None else _weighted_order(key, n, p))[..., :count]
    index = index.reshape((*key.shape[:-1], *shape))
    return _take(a, index, axis, key.ndim - 1) if is_array else index


def _check_choice(operation, n, count, replace, p):
    if p is not None:
        if getattr(p, "shape", None) != (n,):
            got = tuple(p.shape) if hasattr(p, "shape") else type(p).__name__
            raise ValueError(
                f"{operation}: p must be an array of shape ({n},), one per entry, got {got}"
            )
        if bool((p < 0).any()) or not bool(np.isfinite(p).all()):
            raise ValueError(f"{operation}: p must be finite and not negative, got {p}")
    possible = n if p is None else int((p > 0).sum())
    needed = min(count, 1) if replace else count
    if possible < needed:
        how = "with" if replace else "without"
        raise ValueError(
            f"{operation}: {count} choices {how} replacement among {possible} possible entries"
        )


def _with_replacement(key, n, count, p):
    if p is None:
        return multiply(words(key, count), n)[0].astype(np.int64)
    total = np.cumsum(p, dtype=np.float64)
    point = flat_unit(key, count, np.dtype(np.float64)) * total[-1:]
    # u <= 1 - 2⁻⁵³ takes away half a unit of the last place or more: the end is never reached.
    index = np.searchsorted(total, point.reshape(-1), side="right")
    return index.reshape(point.shape).astype(np.int64)


def _weighted_order(key, n, p):
    possible = p > 0
    weight = log(np.where(possible, p, 1.0).astype(np.float64))
    u = flat_open(key, n, np.dtype(np.float64))
    score = standard_gumbel(u) + weight
    return np.argsort(np.where(possible, -score, np.inf), axis=-1, kind="stable")


@draw
def categorical(key, logits, axis=-1, shape=None):
    """argmax(logits + gumbel(key)): an index along the axis, of probability softmax(logits); int64.

    shape: that of logits without the axis unless given; it may add dimensions in front.  -inf is
    never chosen.  ValueError for an axis of no entries or a shape that does not fit.

    >>> from wonderland.shared import random
    >>> random.categorical(random.key(7), np.log(np.array([0.1, 0.2, 0.7])), shape=(5,))
    array([2, 2, 1, 2, 2])
    """
    operation = "random.categorical"
    if not hasattr(logits, "shape"):
        raise TypeError(f"{operation}: logits must be an array, got {type(logits).__name__}")
    axis = _axis(operation, axis, logits.shape) - len(logits.shape)
    batch = list(logits.shape)
    entries = batch.pop(axis)
    shape = tuple(batch) if shape is None else check_shape(operation, shape)
    if not entries or not broadcasts(batch, shape):
        raise ValueError(
            f"{operation}: logits of shape {tuple(logits.shape)} need entries along axis {axis}, "
            f"and without it must broadcast to shape {shape}"
        )
    noise_shape = list(shape)
    noise_shape.insert(len(shape) + axis + 1, entries)
    dtype = logits.dtype if logits.dtype in SOURCES else np.dtype(np.float32)
    u = flat_open(key, math.prod(noise_shape), dtype)
    noise = standard_gumbel(u).astype(dtype).reshape((*key.shape[:-1], *noise_shape))
    return _keep_array(noise, lambda g: np.argmax(g + logits, axis=axis).astype(np.int64))


# ---- parts


def _order(key, n):
    return np.argsort(words(key, n), axis=-1, kind="stable").astype(np.int64)


def _take(x, index, axis, batch):
    """x at the indices along the axis, the `batch` first dimensions of the index at the front."""
    result = np.take(x, index, axis=axis)
    if not batch:
        return result
    return np.moveaxis(result, tuple(range(axis, axis + batch)), tuple(range(batch)))


def _axis(operation, axis, shape):
    if not -len(shape) <= axis < len(shape):
        raise ValueError(f"{operation}: axis {axis} is out of range for shape {tuple(shape)}")
    return axis % len(shape)


def _size(operation, name, value):
    try:
        n = value.__index__()
    except (AttributeError, TypeError):
        raise TypeError(
            f"{operation}: {name} must be an array or an integer, got {value!r}"
        ) from None
    if n < 0:
        raise ValueError(f"{operation}: {name} must not be negative, got {n}")
    return n
