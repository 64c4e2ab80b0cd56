import numpy as np
import pytest

from wonderland.oop import manual_seed, nn, no_grad, tensor


def test_the_table():
    manual_seed(0)
    layer = nn.Embedding(1000, 8)
    w = layer.weight.detach().numpy()
    assert w.dtype == np.float32 and abs(w.std() - 1) < 0.03 and abs(w.mean()) < 0.03


def test_a_padding_row_stays_zero_in_training():
    layer = nn.Embedding(4, 3, padding_idx=-1)
    assert layer.padding_idx == 3 and layer.weight[3].tolist() == [0.0, 0.0, 0.0]
    (layer(tensor([3, 1, 3])) + 1).pow(2).sum().backward()
    assert layer.weight.grad[3].tolist() == [0.0, 0.0, 0.0] and layer.weight.grad[1].all()


def test_under_no_grad():
    layer = nn.Embedding(4, 3)
    with no_grad():
        assert not layer(tensor([1])).requires_grad


def test_what_does_not_fit():
    layer = nn.Embedding(4, 3)
    with pytest.raises(ValueError, match=r"embedding: index 4 at \(1,\) is out of range for 4"):
        layer(tensor([0, 4]))
    with pytest.raises(TypeError, match="embedding: indices are integers, but these are float32"):
        layer(tensor([0.0]))
    with pytest.raises(ValueError, match="padding_idx 4 is out of range for 4 rows"):
        nn.Embedding(4, 3, padding_idx=4)
