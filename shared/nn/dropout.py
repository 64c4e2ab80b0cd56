"""Dropout: entries are left out at random, and the others grow, so that the mean stays."""

from .. import random
from ..backend import device_of
from ..dispatch import bottom
from ..ops.selection import where
from ..primitives.device import transfer


def check_rate(rate):
    """ValueError for what is no probability."""
    if not 0 <= rate <= 1:
        raise ValueError(f"dropout: p is a probability in [0, 1], not {rate}")


def dropout(x, key, rate=0.5):
    """x / (1 - rate) with probability 1 - rate, else 0, entry by entry. Srivastava et al. 2014.

    >>> import numpy as np
    >>> sorted(set(dropout(np.ones(50), random.key(7), 0.5).tolist()))
    [0.0, 2.0]
    """
    check_rate(rate)
    if rate == 0:
        return x
    if rate == 1:
        return x * 0
    device, source = device_of(bottom(x)), device_of(bottom(key))
    if device != source:
        key = transfer(key, device=device, source=source)
    kept = random.bernoulli(key, 1 - rate, tuple(x.shape))
    return where(kept, x / (1 - rate), 0.0)
