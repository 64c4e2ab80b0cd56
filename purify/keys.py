"""Randomness in a purified call: which keys its layers draw."""

import numpy as np

from ..shared.batching import Batched
from ..shared.dispatch import Value
from ..shared.random import fold_in


def drawn_from(key, values):
    """A function of the asking module that returns fold_in(key, 0), fold_in(key, 1), ...

    These are the keys that the stateful model draws after manual_seed, so that both have the same
    masks. values(): the leaves of the call. Where one of them is an element of a vmap and the key
    is not, the element's number is folded in first: each has masks of its own.
    """
    count = -1

    def draw(module):
        nonlocal key, count
        if count < 0:
            key = apart(key, values())
        count += 1
        return fold_in(key, count)

    return draw


def no_key(module):
    """What a random layer meets in a call without a key."""
    layer = type(module).__name__ if module is not None else "a random operation"
    raise ValueError(
        f"purify: {layer} draws random numbers, and this call has no key; "
        "pass key=wf.random.key(0), or train=False"
    )


def apart(key, values):
    """A key for each element of the vmaps that `values` are in and the key is not."""
    own = {id(trace) for trace in traces(key)}
    found = {id(trace): trace for x in values for trace in traces(x)}
    for trace in sorted(found.values(), key=lambda trace: trace.level):
        if id(trace) not in own:
            key = fold_in(key, Batched(np.arange(trace.size), trace))
    return key


def traces(x):
    """The vmaps that a value is an element of."""
    while isinstance(x, Value):
        if x.__class__ is Batched:
            yield x.trace
        x = x.value
