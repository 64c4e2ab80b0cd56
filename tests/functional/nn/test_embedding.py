import numpy as np
import pytest

from wonderland.functional import nn
from wonderland.shared.random import key

i = np.array([[0, 3], [1, 1]])


def test_parameters():
    params = nn.Embedding(4, 3, padding_idx=1).init(key(0), i)
    assert params["weight"].shape == (4, 3) and params["weight"].dtype == np.float32
    assert not params["weight"][1].any() and params["weight"][2].all()
    assert nn.Embedding(4, 3, dtype=np.float64).init(key(0), i)["weight"].dtype == np.float64


def test_rows():
    layer = nn.Embedding(4, 3)
    params = layer.init(key(0), i)
    np.testing.assert_array_equal(layer.apply(params, i), params["weight"][i])
    np.testing.assert_array_equal(nn.one_hot(i, 4) @ params["weight"], params["weight"][i])


def test_what_does_not_fit():
    layer = nn.Embedding(4, 3)
    with pytest.raises(ValueError, match=r"'weight' has shape \(3, 3\), not \(4, 3\)"):
        layer.apply({"weight": np.zeros((3, 3))}, i)
    with pytest.raises(ValueError, match=r"index 4 at \(0, 1\) is out of range for 4 rows"):
        layer.apply(layer.init(key(0), i), i + np.array([0, 1]))
