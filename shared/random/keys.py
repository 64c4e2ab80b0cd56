"""Keys: how they are made, and how one becomes many.

A key is a value, a uint64 array of shape (2,): the same key gives the same numbers, always. Use
each key once; get more by `split` and `fold_in`, whose children are independent of each other, of
the draws from the parent, and of each other's children.
"""

import functools
import hashlib
import operator

import numpy as np

from ..dispatch import Value
from .philox import FOLD, FOLD_TEXT, SPLIT, words

WORD = 0xFFFFFFFFFFFFFFFF
# The name of a draw -> its version for traced keys or parameters, which `ops.random` enters here.
TRACED: dict = {}


def key(seed):
    """The key [seed mod 2⁶⁴, seed div 2⁶⁴], which is NumPy's Philox(key=seed).

    seed: an integer from 0 to 2¹²⁸ - 1; TypeError for another type, ValueError outside.

    >>> from wonderland.shared import random
    >>> random.key(7)
    array([7, 0], dtype=uint64)
    """
    number = _integer("random.key", "seed", seed)
    return np.array([number & WORD, number >> 64], np.uint64)


def draw(function):
    """A function of one key (2,), with `.batched`: the same for keys (..., 2), results stacked.

    The function itself must be written for keys (..., 2) and give (..., *shape).
    """
    operation = f"random.{function.__name__}"

    @functools.wraps(function)
    def single(key, *args, **kwargs):
        if any(isinstance(x, Value) for x in (key, *args, *kwargs.values())):
            return TRACED[function.__name__](key, *args, **kwargs)
        check_keys(operation, key)
        if key.ndim != 1:
            raise ValueError(
                f"{operation}: key must have shape (2,), got {tuple(key.shape)}; "
                "use one of the keys, or vmap over them"
            )
        return function(key, *args, **kwargs)

    def batched(keys, *args, **kwargs):
        check_keys(operation, keys)
        return function(keys, *args, **kwargs)

    single.batched = batched
    return single


def check_keys(operation, keys):
    """Refuse anything but a uint64 array of shape (..., 2)."""
    dtype, shape = getattr(keys, "dtype", None), getattr(keys, "shape", None)
    if dtype is None or shape is None:
        raise TypeError(
            f"{operation}: key must be a uint64 array of shape (2,), got {type(keys).__name__}; "
            "make one with random.key(seed)"
        )
    if dtype != np.uint64 or not shape or shape[-1] != 2:
        raise ValueError(
            f"{operation}: key must be a uint64 array of shape (2,), got {dtype} {tuple(shape)}; "
            "make one with random.key(seed)"
        )


@draw
def split(key, num=2):
    """`num` new keys, as an array (num, 2).

    split(key, n) begins with split(key, m) for m < n.  ValueError for a negative number.

    >>> from wonderland.shared import random
    >>> weight_key, bias_key = random.split(random.key(0))
    >>> bool((weight_key == random.split(random.key(0), 3)[0]).all())
    True
    """
    number = _integer("random.split", "num", num)
    return words(key, 2 * number, domain=SPLIT).reshape(*key.shape[:-1], number, 2)


@draw
def fold_in(key, *data):
    """The key of `data` under `key`; each of the data an integer from 0 to 2¹²⁸ - 1, or a string.

    fold_in(key, a, b) is fold_in(fold_in(key, a), b).  Batched, an integer may be an array of the
    keys' leading shape.  Strings go by their UTF-8 bytes, the same in every process.

    >>> from wonderland.shared import random
    >>> mask_key = random.fold_in(random.key(0), "encoder.0.dropout", 17)
    >>> mask_key.shape
    (2,)
    """
    for item in data:
        halves, domain = _counter_of(item, key.shape[:-1])
        key = words(key, 2, halves, domain)
    return key


def _counter_of(item, batch):
    """((low word, high word), domain) of one item for fold_in."""
    if isinstance(item, str):
        return _digest(item), FOLD_TEXT
    shape = getattr(item, "shape", ())
    if shape:
        return (_array_item(item, shape, batch), 0), FOLD
    number = _integer("random.fold_in", "data", item, " or a string")
    return (number & WORD, number >> 64), FOLD


def _array_item(item, shape, batch):
    if item.dtype.kind not in "iu" or tuple(shape) != tuple(batch) or bool((item < 0).any()):
        raise ValueError(
            "random.fold_in: an array of data must hold non-negative integers, one per key: "
            f"keys {tuple(batch)}, data {item.dtype} {tuple(shape)}"
        )
    return item.astype(np.uint64)


@functools.lru_cache(1024)
def _digest(text):
    number = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "little")
    return number & WORD, number >> 64


def _integer(operation, name, value, alternative=""):
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(
            f"{operation}: {name} must be a non-negative integer{alternative}, "
            f"got {value!r} ({type(value).__name__})"
        ) from None
    if not 0 <= number < 1 << 128:
        raise ValueError(f"{operation}: {name} must lie in [0, 2**128), got {number}")
    return number
