from statistics import NormalDist

import numpy as np
import pytest

from wonderland.functional import eval_shape
from wonderland.shared import random as eager
from wonderland.shared.primitives.random import fold_in, random
from wonderland.shared.testing import Sample

key = eager.key(7)
keys = eager.split(key, 3)


def philox(keys, count):
    """NumPy's own generator, key by key."""
    flat = [np.random.Philox(key=k).random_raw(count) for k in keys.reshape(-1, 2)]
    return np.array(flat).reshape(*keys.shape[:-1], count)


def unit(keys, draw, arguments):
    shape = dict(arguments)["shape"]
    return (philox(keys, 2) >> 11).reshape(*keys.shape[:-1], *shape) / 2.0**53


def normal(keys, draw, arguments):
    u = ((philox(keys, 2) >> 12) + 0.5) / 2.0**52
    return np.vectorize(NormalDist().inv_cdf)(u)


def arguments(**given):
    return tuple(sorted(given.items()))


BITS = {"draw": "bits", "arguments": arguments(shape=(4,), dtype=np.dtype(np.uint64))}
UNIT = arguments(shape=(2,), dtype=np.dtype(float), minval=0.0, maxval=1.0)
NORMAL = arguments(shape=(2,), dtype=np.dtype(float))

ROWS = [
    Sample(random, key, reference=lambda k, **static: philox(k, 4), **BITS),
    Sample(random, keys, reference=lambda k, **static: philox(k, 4), **BITS),
    Sample(random, keys, reference=unit, draw="uniform", arguments=UNIT),
    Sample(random, keys, reference=normal, draw="normal", arguments=NORMAL),
    Sample(
        random, keys, draw="split", arguments=arguments(num=2), label="split",
        reference=lambda k, **static: np.stack([eager.split(x) for x in k]),
    ),
    Sample(
        random, keys, draw="fold_in", arguments=arguments(data=("path",)), label="fold_in",
        reference=lambda k, **static: np.stack([eager.fold_in(x, "path") for x in k]),
    ),
    Sample(
        fold_in, keys, np.array([5, 0, 2]),
        reference=lambda k, d: np.stack([eager.fold_in(*x) for x in zip(k, d, strict=True)]),
    ),
    Sample(fold_in, key, np.array(5), reference=lambda k, d: eager.fold_in(k, 5)),
]  # fmt: skip


def test_what_is_no_key_is_refused():
    with pytest.raises(
        ValueError,
        match=r"random.bits: key must be a uint64 array of shape \(2,\), got float64 \(3,\)",
    ):
        eval_shape(lambda k: eager.bits(k, 2), np.ones(3))


def test_one_integer_is_folded_into_each_key():
    with pytest.raises(ValueError, match=r"one integer per key, but data has shape \(2,\)"):
        fold_in.abstract(keys, np.arange(2))
