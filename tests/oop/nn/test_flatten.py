import numpy as np

from wonderland.oop import nn
from wonderland.oop.tensor import Tensor

x = Tensor(np.arange(24.0).reshape(2, 3, 4))


def test_flatten_keeps_the_batch():
    assert nn.Flatten()(x).shape == (2, 12) and nn.Flatten(0)(x).shape == (24,)
    assert repr(nn.Flatten()) == "Flatten(start_dim=1, end_dim=-1)"


def test_unflatten():
    assert nn.Unflatten(2, (2, 2))(x).shape == (2, 3, 2, 2)
    assert repr(nn.Unflatten(1, [3])) == "Unflatten(dim=1, unflattened_size=(3,))"
