import numpy as np
import pytest

from wonderland.functional import nn
from wonderland.functional.nn import initializers
from wonderland.oop import nn as oop_nn
from wonderland.oop.random import drawing_from
from wonderland.shared import random

KEY, X = random.key(0), np.ones((2, 4, 6, 6), np.float32)


def shapes(layer, x):
    return {name: p.shape for name, p in layer.init(KEY, x).items()}


def test_parameters_have_the_names_and_layout_of_the_module():
    assert shapes(nn.Conv2d(6, (3, 2), groups=2), X) == {"weight": (6, 2, 3, 2), "bias": (6,)}
    assert shapes(nn.Conv1d(6, 3, bias=False), X[0]) == {"weight": (6, 6, 3)}
    transposed = nn.ConvTranspose2d(6, 3, groups=2)
    assert shapes(transposed, X) == {"weight": (4, 3, 3, 3), "bias": (6,)}
    assert nn.Conv2d(1, 1).init(KEY, X.astype(np.float64))["weight"].dtype == np.float64


def test_the_same_key_draws_what_the_module_draws():
    with drawing_from(KEY):
        module = oop_nn.Conv2d(4, 6, 3)
    params = nn.Conv2d(6, 3).init(KEY, X)
    for name, p in module.named_parameters():
        assert p.detach().numpy().tobytes() == params[name].tobytes()


def test_initializers_of_ones_own():
    layer = nn.Conv2d(2, 3, weight_init=initializers.he_normal(), bias_init=initializers.ones)
    params = layer.init(KEY, X)
    assert params["bias"].tolist() == [1, 1] and params["weight"].std() > 0


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: nn.Conv2d(6, 3).init(KEY, X[0, 0]),
         r"Conv2d: x has 2 axes, so there are no channels to start from \(x: \(6, 6\)\)"),
        (lambda: nn.Conv2d(5, 3, groups=2), "Conv2d: 2 groups do not divide out_channels=5"),
        (lambda: nn.Conv2d(6, 3, groups=3).init(KEY, X),
         "Conv2d: 3 groups do not divide in_channels=4"),
        (lambda: nn.ConvTranspose2d(6, 3, groups=3).init(KEY, X),
         "ConvTranspose2d: 3 groups do not divide in_channels=4"),
        (lambda: nn.Conv2d(6, 3).apply({"weight": np.ones((6, 4, 3, 3))}, X),
         "Conv2d: params do not fit the layer: missing 'bias'"),
        (lambda: nn.Conv2d(6, 3).apply(nn.Conv2d(6, 3).init(KEY, X), X[:, :3]),
         "conv2d: x has 3 channels but weight takes 4"),
    ],
)  # fmt: skip
def test_errors_teach(call, text):
    with pytest.raises(ValueError, match=text):
        call()
