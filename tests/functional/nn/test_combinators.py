import numpy as np
import pytest

from wonderland.functional import nn
from wonderland.shared import random, tree

key = random.key(1)
x = np.ones((4, 3), np.float32)


def test_flat_names_are_those_of_the_modules():
    model = nn.Sequential(nn.Linear(5), nn.Tanh(), nn.Sequential(nn.Linear(2, bias=False)))
    params = model.init(key, x)
    names = [tree.path_string(path) for path, _ in tree.leaves_with_path(params)]
    assert names == ["0.bias", "0.weight", "2.0.weight"]


def test_a_layer_draws_the_same_whatever_stands_before_it():
    a = nn.Sequential(nn.Linear(3), nn.Linear(2)).init(key, x)
    b = nn.Sequential(nn.Tanh(), nn.Linear(2)).init(key, x)
    assert np.array_equal(a["1"]["weight"], b["1"]["weight"])


def test_an_example_may_be_only_a_shape_and_a_dtype():
    class Like:
        shape, dtype = (4, 3), np.dtype(np.float32)

    model = nn.Sequential(nn.Flatten(), nn.Linear(2))
    params, other = model.init(key, Like), model.init(key, x)
    assert np.array_equal(params["1"]["weight"], other["1"]["weight"])


def test_a_key_switches_randomness_on():
    model = nn.Sequential(nn.Linear(8), nn.Dropout(0.5), nn.Sequential(nn.Dropout(0.5)))
    assert model.takes_key and not nn.Sequential(nn.Tanh()).takes_key
    params = model.init(key, x)
    still = model.apply(params, x)
    assert np.array_equal(still, nn.Linear(8).apply(params["0"], x))
    moved = model.apply(params, x, key=random.key(2))
    assert np.array_equal(moved, model.apply(params, x, key=random.key(2)))
    assert np.any(moved == 0) and not np.array_equal(moved, model.apply(params, x, key=key))


def test_two_dropouts_never_share_a_mask():
    ones = np.ones(200, np.float32)
    once = nn.Sequential(nn.Dropout(0.5)).apply({}, ones, key=key)
    twice = nn.Sequential(nn.Dropout(0.5), nn.Dropout(0.5)).apply({}, ones, key=key)
    assert 0 < np.sum(twice != 0) < np.sum(once != 0)


@pytest.mark.parametrize("wrong", [np.tanh, nn.Tanh])
def test_only_layers_are_members(wrong):
    with pytest.raises(TypeError, match=r"Sequential: member 1 is no Layer\(init, apply\) but"):
        nn.Sequential(nn.Linear(2), wrong)
