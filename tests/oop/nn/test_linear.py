import math

import numpy as np
import pytest

from wonderland.oop import manual_seed, nn
from wonderland.oop.random import drawing_from
from wonderland.oop.tensor import Tensor
from wonderland.shared import random


def test_weights_are_drawn_within_the_bound_of_torch():
    m = nn.Linear(400, 300)
    k = 1 / math.sqrt(400)
    for p in m.parameters():
        w = p.detach().numpy()
        assert w.dtype == np.float32 and np.abs(w).max() <= k
        assert math.isclose(w.std(), k / math.sqrt(3), rel_tol=0.1)
    assert m.weight.shape == (300, 400) and m.bias.shape == (300,)


def test_a_seed_decides():
    def draw():
        manual_seed(5)
        return nn.Linear(3, 2).weight.detach().numpy()

    assert np.array_equal(draw(), draw())
    assert not np.array_equal(draw(), nn.Linear(3, 2).weight.detach().numpy())


def test_with_a_key_the_order_of_creation_does_not_matter():
    def weight(before):
        for _ in range(before):
            nn.Linear(2, 2)
        with drawing_from(random.key(9)):
            return nn.Linear(3, 2).weight.detach().numpy()

    assert np.array_equal(weight(0), weight(3))


def test_settings():
    assert nn.Linear(2, 3, bias=False).bias is None
    assert nn.Linear(2, 3, dtype=np.float64).weight.dtype == np.float64
    assert nn.Linear(0, 3).weight.shape == (3, 0)
    x = Tensor([1.0])
    assert nn.Identity(3, unused=4)(x) is x


def test_bad_input_names_both_sizes():
    with pytest.raises(ValueError, match="linear: x has 3 features but weight takes 2"):
        nn.Linear(2, 5)(Tensor(np.ones((4, 3), np.float32)))
    with pytest.raises(TypeError, match="linear: x is float64 but weight is float32"):
        nn.Linear(2, 5)(Tensor(np.ones((4, 2))))
