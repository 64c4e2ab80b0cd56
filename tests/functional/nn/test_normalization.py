import numpy as np
import pytest

from wonderland.functional import nn

x = np.ones((2, 3), np.float32)


def test_parameters():
    params = nn.LayerNorm(3).init(None, x)
    assert params["weight"].tolist() == [1.0] * 3 and params["bias"].tolist() == [0.0] * 3
    assert params["weight"].dtype == np.float32
    assert list(nn.LayerNorm((2, 3), bias=False).init(None, x)) == ["weight"]
    assert list(nn.RMSNorm(3).init(None, x.astype(float))) == ["weight"]
    for make in (nn.LayerNorm, nn.RMSNorm):
        layer = make(3, elementwise_affine=False)
        assert layer.init(None, x) == {} and layer.apply({}, x).shape == x.shape


@pytest.mark.parametrize("make", [nn.LayerNorm, nn.RMSNorm])
def test_what_does_not_fit(make):
    layer = make(3)
    with pytest.raises(ValueError, match=r"params do not fit the layer: .*'weight' has shape"):
        layer.apply(make(4).init(None, x), x)
    with pytest.raises(ValueError, match=r"does not end in normalized_shape \(3,\)"):
        layer.apply(layer.init(None, x), x[:, :2])
