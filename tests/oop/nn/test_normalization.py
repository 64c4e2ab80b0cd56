import numpy as np
import pytest

from wonderland.oop import nn
from wonderland.oop.tensor import Tensor


def test_parameters():
    assert {n: tuple(p.shape) for n, p in nn.LayerNorm((2, 3)).named_parameters()} == {
        "weight": (2, 3), "bias": (2, 3),
    }  # fmt: skip
    assert list(nn.LayerNorm(3, bias=False).state_dict()) == ["weight"]
    assert list(nn.RMSNorm(3).state_dict()) == ["weight"]
    for make in (nn.LayerNorm, nn.RMSNorm):
        assert not list(make(3, elementwise_affine=False).parameters())
        assert make(3, dtype=np.float64).weight.dtype == np.float64


def test_initial_values_come_back():
    layer = nn.LayerNorm(3)
    layer.load_state_dict({"weight": np.zeros(3, np.float32), "bias": np.ones(3, np.float32)})
    layer.reset_parameters()
    assert layer.weight.tolist() == [1.0, 1.0, 1.0] and layer.bias.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("make", [nn.LayerNorm, nn.RMSNorm])
def test_an_input_of_another_width(make):
    with pytest.raises(ValueError, match=r"does not end in normalized_shape \(3,\) \(x: \(2, 4\)"):
        make(3)(Tensor(np.ones((2, 4), np.float32)))


def test_repr():
    assert repr(nn.RMSNorm(3)) == "RMSNorm((3,), eps=None, elementwise_affine=True)"
