import math

import numpy as np
import pytest

from wonderland.shared import random
from wonderland.shared.nn import initializers

key = random.key(3)
SHAPE = (300, 200)
SPREAD = {
    "fan_in_uniform": math.sqrt(1 / 200 / 3),
    "xavier_uniform": math.sqrt(2 / 500),
    "xavier_normal": math.sqrt(2 / 500),
    "kaiming_uniform": math.sqrt(2 / 200),
    "kaiming_normal": math.sqrt(2 / 200),
    "normal": 1.0,
    "uniform": math.sqrt(1 / 12),
}


@pytest.mark.parametrize("name", SPREAD)
def test_the_spread_is_the_stated_one(name):
    draw = getattr(initializers, name)
    w = draw(key, SHAPE)
    assert w.dtype == np.float32 and w.shape == SHAPE
    assert math.isclose(w.std(), SPREAD[name], rel_tol=0.02)
    assert np.array_equal(draw(key, SHAPE), w)
    assert not np.array_equal(draw(random.key(4), SHAPE), w)
    assert draw(key, SHAPE, np.float64).dtype == np.float64


def test_uniform_ones_stay_within_their_bound():
    assert np.abs(initializers.fan_in_uniform(key, SHAPE)).max() <= 1 / math.sqrt(200)
    assert np.abs(initializers.xavier_uniform(key, SHAPE)).max() <= math.sqrt(6 / 500)


def test_truncated_normal_stays_within_its_bounds():
    w = initializers.truncated_normal(key, SHAPE, mean=1.0, std=2.0, low=-1.0, high=2.0)
    assert w.min() >= -1 and w.max() <= 2


def test_kaiming_settings():
    w = initializers.kaiming_normal(key, SHAPE, mode="fan_out", nonlinearity="tanh")
    assert math.isclose(w.std(), 5 / 3 / math.sqrt(300), rel_tol=0.02)
    w = initializers.kaiming_uniform(key, SHAPE, a=math.sqrt(5))
    assert math.isclose(w.std(), SPREAD["fan_in_uniform"], rel_tol=0.02)


@pytest.mark.parametrize("shape", [(4, 3), (3, 4), (3, 2, 2), (3, 3)])
def test_orthogonal_rows_or_columns(shape):
    w = initializers.orthogonal(key, shape, np.float64, gain=2.0).reshape(shape[0], -1)
    gram = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    assert np.allclose(gram, 4 * np.eye(len(gram)))


def test_fans_count_the_receptive_field():
    assert initializers.fans((8, 4, 3, 3)) == (36, 72)
    with pytest.raises(ValueError, match=r"fans: a weight has at least two axes \(shape: \(3,\)\)"):
        initializers.fans((3,))


def test_gains():
    assert initializers.calculate_gain("relu") == math.sqrt(2)
    assert initializers.calculate_gain("leaky_relu", 1.0) == 1.0
    with pytest.raises(ValueError, match=r"calculate_gain: 'gelu' is none of .*, tanh"):
        initializers.calculate_gain("gelu")


def test_bad_input():
    with pytest.raises(ValueError, match="mode is 'fan_in' or 'fan_out', not 'fan'"):
        initializers.kaiming_normal(key, SHAPE, mode="fan")
    with pytest.raises(ValueError, match="orthogonal: a weight has at least two axes"):
        initializers.orthogonal(key, (3,))
