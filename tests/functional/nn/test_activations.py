import numpy as np
import pytest

from wonderland.functional import nn

x = np.array([-1.0, 2.0])


def test_settings_by_place_and_by_name():
    assert nn.LeakyReLU(0.5).apply({}, x).tolist() == [-0.5, 2.0]
    assert nn.LeakyReLU(negative_slope=0.5).apply({}, x).tolist() == [-0.5, 2.0]
    assert np.isclose(nn.Softmax(axis=0).apply({}, x).sum(), 1)


def test_unknown_settings():
    with pytest.raises(TypeError, match=r"LeakyReLU: it takes negative_slope, but got 0 pos"):
        nn.LeakyReLU(slope=0.5)
    with pytest.raises(TypeError, match="ReLU: it takes no settings, but got 1 positional"):
        nn.ReLU(0.5)
