import numpy as np

from wonderland.functional import nn


def test_a_layer_is_two_functions():
    layer = nn.Layer(lambda key, x: {"a": x}, lambda params, x: params["a"] * x)
    init, apply, takes_key = layer
    assert init is layer.init and apply is layer.apply and not takes_key
    assert nn.Lambda(np.sin).init(None, None) == {}
