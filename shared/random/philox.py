"""Philox4x64-10: 256 random bits as a function of a 256-bit counter and a 128-bit key.

Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).

The four words of the counter are (block, data low, data high, domain). The domain keeps apart what
one key is used for, so that a child key never repeats a draw:

    DRAWS      data 0            the stream of np.random.Philox(key=key), word for word
    SPLIT      data 0            child keys, two words each
    FOLD       data: an integer  the first two words are the new key
    FOLD_TEXT  data: blake2b of the text in 16 bytes, read as a little-endian integer

Blocks count from 1, as NumPy's do. Whoever writes this on another device needs nothing else.
"""

import threading

import numpy as np

DRAWS, SPLIT, FOLD, FOLD_TEXT = range(4)

MULTIPLIERS = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
KEY_STEPS = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)
ROUNDS = 10
LOW_HALF = 0xFFFFFFFF

# From here on NumPy's generator, called key by key, beats 400 array operations for all the keys.
WORDS_WORTH_A_CALL = 64


def words(keys, count, data=(0, 0), domain=DRAWS):
    """The first `count` 64-bit words of each stream: keys (..., 2) -> (..., count), uint64.

    data = (low word, high word), integers or uint64 arrays of the keys' leading shape.
    """
    if isinstance(keys, np.ndarray):
        if keys.ndim == 1:
            return _numpy_words(keys, count, *data, domain)
        if count >= WORDS_WORTH_A_CALL and isinstance(data[0], int):
            streams = [_numpy_words(key, count, *data, domain) for key in keys.reshape(-1, 2)]
            return np.array(streams, np.uint64).reshape(*keys.shape[:-1], count)
    return _array_words(keys, count, *data, domain)


class _PerThread(threading.local):
    """NumPy's generator, whose state is set before each use, must not be shared between threads."""

    def __init__(self):
        # np.random is reached only now: importing it takes 20 ms.
        self.generator = np.random.Philox(key=0)


_per_thread = None  # made on first use, for the same reason


def _numpy_words(key, count, low, high, domain):
    global _per_thread
    if _per_thread is None:
        _per_thread = _PerThread()
    generator = _per_thread.generator
    generator.state = {
        "bit_generator": "Philox",
        "state": {"counter": (0, low, high, domain), "key": key.tolist()},
        "buffer": (0, 0, 0, 0),
        "buffer_pos": 4,  # used up: the next word begins a new block, counter + 1
        "has_uint32": 0,
        "uinteger": 0,
    }
    return generator.random_raw(count)


def _array_words(keys, count, low, high, domain):
    """`words` in array operations alone, for any array module that answers to NumPy's calls."""
    blocks = -(-count // 4)
    # 1, 2, ... on the keys' device; np.arange would be on the host.
    block = np.cumsum(np.ones_like(keys, shape=(blocks,)), dtype=np.uint64)
    zero = block * 0
    counter = [block, zero + _column(low), zero + _column(high), zero + domain]
    result = np.stack(philox(counter, [keys[..., :1], keys[..., 1:]]), axis=-1)
    return result.reshape(*keys.shape[:-1], 4 * blocks)[..., :count]


def _column(word):
    return word if isinstance(word, int) else word[..., None]


def philox(counter, key):
    """Four words from four of counter and two of key: uint64 arrays that broadcast together."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(ROUNDS):
        high0, low0 = multiply(c0, MULTIPLIERS[0])
        high1, low1 = multiply(c2, MULTIPLIERS[1])
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = k0 + KEY_STEPS[0], k1 + KEY_STEPS[1]
    return c0, c1, c2, c3


def multiply(x, factor):
    """(high, low) words of the 128-bit product of a uint64 array and an integer below 2**64.

    By 32-bit halves, as no array module has a wider product: none of the sums below overflows.
    `factor` may be a uint64 array too.
    """
    x_low, x_high = x & LOW_HALF, x >> 32
    factor_low, factor_high = factor & LOW_HALF, factor >> 32
    middle = x_high * factor_low + (x_low * factor_low >> 32)
    other = x_low * factor_high + (middle & LOW_HALF)
    return x_high * factor_high + (middle >> 32) + (other >> 32), x * factor
