"""Draws of bits and real numbers.

Every draw reads the stream of its key from the start, a fixed number of bits per value, in order:
a larger shape begins with the values of a smaller one. Nothing is rejected, and real values are
computed in arithmetic that all devices round alike (see exact.py), so they have the same bits.
"""

import math

import numpy as np

from .exact import log, normal_quantile
from .keys import draw
from .philox import words

UNSIGNED = {np.dtype(name) for name in ("uint8", "uint16", "uint32", "uint64")}
# Of each float type: the unsigned type it is drawn from, and how many of its bits fit the mantissa.
SOURCES = {
    np.dtype(np.float16): (np.dtype(np.uint16), 11),
    np.dtype(np.float32): (np.dtype(np.uint32), 24),
    np.dtype(np.float64): (np.dtype(np.uint64), 53),
}
PARTS = {
    np.dtype(np.complex64): np.dtype(np.float32),
    np.dtype(np.complex128): np.dtype(np.float64),
}

# 64 KiB of float64: larger arrays would be got from, and returned to, the system each time.
PIECE = 1 << 13


@draw
def bits(key, shape=(), dtype=np.uint64):
    """Uniform unsigned integers: the output of np.random.Philox(key=key), read little-endian.

    dtype uint64 gives NumPy's words (`random_raw`), uint32 their low and high halves in turn, and
    so on.  TypeError for another dtype.

    >>> from wonderland.shared import random
    >>> random.bits(random.key(7), 2) == np.random.Philox(key=7).random_raw(2)
    array([ True,  True])
    """
    shape, dtype = check_shape("random.bits", shape), np.dtype(dtype)
    if dtype not in UNSIGNED:
        raise TypeError(f"random.bits: dtype must be uint8, uint16, uint32 or uint64, got {dtype}")
    return flat_bits(key, math.prod(shape), dtype).reshape((*key.shape[:-1], *shape))


@draw
def uniform(key, shape=(), dtype=np.float32, minval=0.0, maxval=1.0):
    """minval + (maxval - minval) u, with u = top bits / 2ᵏ in [0, 1); k = 11, 24, 53 by dtype.

    u is what np.random.Generator(np.random.Philox(key=key)).random(shape, dtype) gives, for float32
    and float64.  The result is below maxval even after rounding.  minval and maxval: numbers, or
    arrays that broadcast to the result.  ValueError where minval exceeds maxval.

    >>> from wonderland.shared import random
    >>> random.uniform(random.key(7), (2,))
    array([0.16372651, 0.8720734 ], dtype=float32)
    """
    operation = "random.uniform"
    shape, dtype = check_shape(operation, shape), check_float(operation, dtype)
    result = flat_unit(key, math.prod(shape), dtype).reshape((*key.shape[:-1], *shape))
    numbers = isinstance(minval, (int, float)) and isinstance(maxval, (int, float))
    if numbers and (minval, maxval) == (0, 1):
        return result
    with np.errstate(over="ignore"):  # the check below speaks of it
        low, high = _bound(minval, dtype), _bound(maxval, dtype)
        span = high - low
    check_broadcast(operation, "minval", low, result.shape)
    check_broadcast(operation, "maxval", high, result.shape)
    if not bool(np.all((span >= 0) & (span < np.inf))):
        raise ValueError(
            f"{operation}: minval must not exceed maxval, and their difference must fit {dtype}: "
            f"minval {minval}, maxval {maxval}"
        )
    result *= span
    result += low
    return np.minimum(result, np.nextafter(high, low), out=result)


def _bound(value, dtype):
    return value.astype(dtype) if hasattr(value, "astype") else dtype.type(value)


@draw
def normal(key, shape=(), dtype=np.float32):
    """Φ⁻¹(u): the inverse of the normal distribution function, by Wichura's AS 241 in float64.

    u = (top bits + ½) / 2ᵏ from as many bits as `flat_open` says, so |z| < 6.3 (8.3 for float64).
    A complex dtype has independent parts of variance ½.  TypeError for other dtypes.

    >>> from wonderland.shared import random
    >>> random.normal(random.key(7), (2,))
    array([-0.9792568,  1.1362473], dtype=float32)
    """
    operation, dtype = "random.normal", np.dtype(dtype)
    shape = check_shape(operation, shape)
    size, real = math.prod(shape), PARTS.get(dtype)
    if real is None:
        check_float(operation, dtype, " or complex64, complex128")
        result = _each(normal_quantile, flat_open(key, size, dtype)).astype(dtype)
    else:
        values = _each(normal_quantile, flat_open(key, 2 * size, real)) * math.sqrt(0.5)
        result = values.astype(real).view(dtype)
    return result.reshape((*key.shape[:-1], *shape))


@draw
def truncated_normal(key, lower, upper, shape=(), dtype=np.float32):
    """Φ⁻¹(Φ(lower) + (Φ(upper) - Φ(lower)) u): a normal value given that it is between the two.

    lower < upper are numbers (-inf and inf too); the values lie strictly between them.  ValueError
    for an empty interval, or one so far out that float64 has no probability for it.

    >>> from wonderland.shared import random
    >>> random.truncated_normal(random.key(7), -2.0, 2.0, (2,))
    array([-0.9190792,  1.0587537], dtype=float32)
    """
    operation = "random.truncated_normal"
    shape, dtype = check_shape(operation, shape), check_float(operation, dtype)
    lower, upper = _number(operation, "lower", lower), _number(operation, "upper", upper)
    if not lower < upper:
        raise ValueError(f"{operation}: lower must be below upper, got {lower} and {upper}")
    # Far probabilities are exact on the lower side only: 1 - 1e-20 is 1.
    mirrored = lower > 0
    low, high = map(_distribution, (-upper, -lower) if mirrored else (lower, upper))
    if high <= low:
        raise ValueError(f"{operation}: no probability in float64 between {lower} and {upper}")
    probability = low + (high - low) * flat_open(key, math.prod(shape), dtype)
    smallest = np.finfo(np.float64).tiny
    z = _each(normal_quantile, np.clip(probability, smallest, 1 - 2.0**-53))
    inside = [float(np.nextafter(dtype.type(a), dtype.type(b))) for a, b in _both(lower, upper)]
    result = np.clip((-z if mirrored else z).astype(dtype), *inside)
    return result.reshape((*key.shape[:-1], *shape))


def _both(a, b):
    return (a, b), (b, a)


def _distribution(x):
    """Φ(x), exact in the lower tail."""
    return math.erfc(-x / math.sqrt(2)) / 2


@draw
def exponential(key, shape=(), dtype=np.float32):
    """-log(u): the exponential distribution with mean 1.

    >>> from wonderland.shared import random
    >>> random.exponential(random.key(7), (2,))
    array([1.8095577 , 0.13688162], dtype=float32)
    """
    return _transformed("random.exponential", key, shape, dtype, _standard_exponential)


@draw
def gumbel(key, shape=(), dtype=np.float32):
    """-log(-log(u)): the standard Gumbel distribution; logits + gumbel has `categorical` argmax.

    >>> from wonderland.shared import random
    >>> random.gumbel(random.key(7), (2,))
    array([-0.5930824,  1.9886388], dtype=float32)
    """
    return _transformed("random.gumbel", key, shape, dtype, standard_gumbel)


def standard_gumbel(u):
    """-log(-log(u)) in float64; uses u up."""
    return _each(lambda u: -log(-log(u)), u)


def _standard_exponential(u):
    return _each(lambda u: -log(u), u)


def _transformed(operation, key, shape, dtype, transform):
    shape, dtype = check_shape(operation, shape), check_float(operation, dtype)
    result = transform(flat_open(key, math.prod(shape), dtype))
    return result.astype(dtype).reshape((*key.shape[:-1], *shape))


def _each(transform, values):
    """transform(values), by a function of one dimension; uses `values` up.

    NumPy's arrays go in pieces that stay in the processor's cache, which is twice as fast.
    """
    flat = values.reshape(-1)
    if not isinstance(flat, np.ndarray) or flat.size <= PIECE:
        return transform(flat).reshape(values.shape)
    for start in range(0, flat.size, PIECE):
        flat[start : start + PIECE] = transform(flat[start : start + PIECE])
    return flat.reshape(values.shape)


# ---- the sources: (..., count) values in the order of the stream


def flat_bits(key, count, dtype):
    """The first `count` unsigned integers of the stream."""
    per_word = 8 // dtype.itemsize
    if per_word == 1:
        return words(key, count)
    # Whole blocks, so that the array is contiguous, which view() needs.
    whole = words(key, 4 * -(-count // (4 * per_word)))
    return whole.view(dtype)[..., :count]


def flat_unit(key, count, dtype):
    """u in [0, 1): the top bits that fit the mantissa, over their range."""
    source, kept = SOURCES[dtype]
    result = (flat_bits(key, count, source) >> (8 * source.itemsize - kept)).astype(dtype)
    result *= 2.0**-kept
    return result


def flat_open(key, count, dtype):
    """u in (0, 1), symmetric about ½, float64: (b + ½) / 2ᵏ, with b the top k bits.

    k = 32 bits of 32 for float16 and float32, 52 of 64 for float64: b + ½ and 1 - u are then exact.
    """
    if dtype == np.float64:
        source, kept = words(key, count) >> 12, 52
    else:
        source, kept = flat_bits(key, count, np.dtype(np.uint32)), 32
    result = source.astype(np.float64)
    result += 0.5
    result *= 2.0**-kept
    return result


# ---- what all draws check


def check_shape(operation, shape):
    """The shape as a tuple of integers; ValueError for negative ones, TypeError for no integers."""
    try:
        result = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
        result = tuple(n.__index__() for n in result)
    except AttributeError:
        raise TypeError(
            f"{operation}: shape must be an integer or a tuple of them, got {shape!r}"
        ) from None
    if any(n < 0 for n in result):
        raise ValueError(f"{operation}: shape must hold no negative numbers, got {result}")
    return result


def check_float(operation, dtype, alternative=""):
    """The dtype, which must be one of SOURCES."""
    dtype = np.dtype(dtype)
    if dtype not in SOURCES:
        raise TypeError(
            f"{operation}: dtype must be float16, float32 or float64{alternative}, got {dtype}"
        )
    return dtype


def check_broadcast(operation, name, value, shape):
    """Refuse a parameter that would make the result larger than its shape."""
    own = getattr(value, "shape", ())
    if not broadcasts(own, shape):
        raise ValueError(
            f"{operation}: {name} of shape {tuple(own)} does not broadcast to {tuple(shape)}"
        )


def broadcasts(own, shape):
    """Whether an array of shape `own` broadcasts to `shape`."""
    pairs = zip(own[::-1], shape[::-1], strict=False)
    return len(own) <= len(shape) and all(n in (1, m) for n, m in pairs)


def _number(operation, name, value):
    try:
        return float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{operation}: {name} must be a number, got {value!r}") from None
