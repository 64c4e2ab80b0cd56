import numpy as np
import pytest

from wonderland.oop import nn
from wonderland.oop.tensor import Tensor


def test_weights_are_buffers_and_move_with_the_loss():
    loss = nn.CrossEntropyLoss(weight=Tensor([1.0, 2.0]))
    assert list(loss.state_dict()) == ["weight"]
    assert loss.double().weight.dtype == np.float64
    assert list(nn.BCEWithLogitsLoss().state_dict()) == []


def test_a_weight_is_a_tensor():
    with pytest.raises(TypeError, match="register_buffer: 'weight' must be a Tensor or None"):
        nn.NLLLoss(weight=[1.0, 2.0])


def test_an_unknown_reduction_is_found_at_once():
    with pytest.raises(ValueError, match="loss: reduction is one of mean, sum, none, not 'avg'"):
        nn.MSELoss("avg")
    assert nn.KLDivLoss("batchmean").reduction == "batchmean"


def test_an_integer_target_goes_along():
    loss = nn.MSELoss()(Tensor([1.0, 2.0], requires_grad=True), Tensor([1, 1]))
    assert loss.dtype == np.float32 and loss.item() == 0.5
