import numpy as np
import pytest

from tests import standin
from wonderland.functional import nn
from wonderland.functional.nn import initializers
from wonderland.shared import random

key = random.key(0)


class Like:
    shape, dtype = (4, 3), np.dtype(np.float64)


def test_parameters_have_the_names_and_layout_of_the_module():
    params = nn.Linear(5).init(key, np.ones((4, 3), np.float32))
    assert {n: (p.shape, p.dtype) for n, p in params.items()} == {
        "weight": ((5, 3), np.float32), "bias": ((5,), np.float32),
    }  # fmt: skip
    assert "bias" not in nn.Linear(5, bias=False).init(key, np.ones(3))


def test_the_dtype_is_that_of_the_example():
    assert nn.Linear(2).init(key, Like)["weight"].dtype == np.float64
    assert nn.Linear(2).init(key, np.ones((1, 2), int))["weight"].dtype == np.float32


def test_initializers_of_ones_own():
    layer = nn.Linear(2, weight_init=initializers.he_normal(), bias_init=initializers.zeros)
    params = layer.init(key, np.ones((1, 3), np.float32))
    assert not params["bias"].any() and params["weight"].any()


def test_bad_input():
    with pytest.raises(ValueError, match="Linear: x has no axes, so there are no features"):
        nn.Linear(2).init(key, np.array(1.0))
    params = nn.Linear(2).init(key, np.ones((1, 3), np.float32))
    with pytest.raises(ValueError, match="linear: x has 4 features but weight takes 3"):
        nn.Linear(2).apply(params, np.ones((1, 4), np.float32))


def test_identity():
    assert nn.Identity().apply({}, 3) == 3


def test_parameters_land_on_the_device_of_the_example():
    with standin.installed():
        x = standin.lift(np.ones((1, 3), np.float32))
        params = nn.Sequential(nn.Linear(2), nn.Linear(4)).init(key, x)
        for p in (*params["0"].values(), *params["1"].values()):
            assert isinstance(p, standin.ndarray)
        assert nn.Sequential(nn.Linear(2), nn.Linear(4)).apply(params, x).shape == (1, 4)
    same = nn.Linear(2).init(key, np.ones((1, 3), np.float32))
    drawn = nn.Sequential(nn.Linear(2)).init(key, np.ones((1, 3), np.float32))["0"]
    assert same["weight"].shape == drawn["weight"].shape == (2, 3)
