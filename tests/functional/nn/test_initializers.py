import numpy as np
import pytest

from wonderland.functional.nn import initializers
from wonderland.shared import random
from wonderland.shared.nn import initializers as formulas

key, shape = random.key(0), (60, 40)
SAME = {
    "glorot_uniform": formulas.xavier_uniform,
    "glorot_normal": formulas.xavier_normal,
    "he_uniform": formulas.kaiming_uniform,
    "he_normal": formulas.kaiming_normal,
    "orthogonal": formulas.orthogonal,
}


@pytest.mark.parametrize("name", SAME)
def test_equals_the_formula(name):
    drawn = getattr(initializers, name)()(key, shape, np.float32)
    assert np.array_equal(drawn, SAME[name](key, shape))


def test_the_others():
    assert np.all(initializers.constant(3.0)(key, shape) == 3)
    assert not initializers.zeros(key, shape).any() and initializers.ones(key, shape).all()
    assert 0.05 < initializers.uniform(0.1)(key, shape).max() < 0.1
    assert np.isclose(initializers.normal(0.1)(key, shape).std(), 0.1, rtol=0.1)
    assert np.abs(initializers.truncated_normal(0.1)(key, shape)).max() <= 0.2
