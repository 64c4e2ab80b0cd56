import math

import numpy as np
import pytest

from wonderland.oop import manual_seed, nn
from wonderland.shared import random
from wonderland.shared.nn import initializers

DRAWS = {
    nn.init.uniform_: (initializers.uniform, {}),
    nn.init.normal_: (initializers.normal, {}),
    nn.init.trunc_normal_: (initializers.truncated_normal, {}),
    nn.init.xavier_uniform_: (initializers.xavier_uniform, {}),
    nn.init.xavier_normal_: (initializers.xavier_normal, {}),
    nn.init.kaiming_uniform_: (initializers.kaiming_uniform, {}),
    nn.init.kaiming_normal_: (initializers.kaiming_normal, {}),
    nn.init.orthogonal_: (initializers.orthogonal, {}),
}


@pytest.mark.parametrize("function", DRAWS)
def test_fills_in_place_with_what_the_formula_draws(function):
    p = nn.Parameter(np.zeros((4, 3), np.float32))
    memory = p.detach().numpy()
    assert function(p, generator=random.Generator(7)) is p and p.requires_grad and p.is_leaf
    key = random.fold_in(random.key(7), 0)
    assert np.array_equal(memory, DRAWS[function][0](key, (4, 3)))
    manual_seed(7)
    function(p)
    assert np.array_equal(memory, DRAWS[function][0](key, (4, 3)))


def test_constants():
    p = nn.Parameter(np.zeros((2, 3), np.float32))
    assert np.all(nn.init.ones_(p).detach().numpy() == 1)
    assert np.all(nn.init.constant_(p, 2.5).detach().numpy() == 2.5)
    assert np.all(nn.init.zeros_(p).detach().numpy() == 0)
    assert np.array_equal(nn.init.eye_(p).detach().numpy(), np.eye(2, 3))
    with pytest.raises(ValueError, match=r"eye_: a matrix is needed \(tensor: \(2,\)\)"):
        nn.init.eye_(nn.Parameter(np.zeros(2, np.float32)))


def test_gain():
    assert nn.init.calculate_gain("relu") == math.sqrt(2)
