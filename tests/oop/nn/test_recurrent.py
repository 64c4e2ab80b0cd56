import numpy as np
import pytest

from wonderland import oop
from wonderland.oop import nn
from wonderland.purify import purify

x = oop.tensor(np.random.default_rng(0).normal(size=(4, 2, 3)).astype(np.float32))


def test_parameters_have_torchs_names_and_order():
    assert [n for n, _ in nn.LSTM(3, 5, 2, bidirectional=True).named_parameters()] == [
        f"{kind}_l{layer}{end}"
        for layer in range(2)
        for end in ("", "_reverse")
        for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    ]
    assert {n: tuple(p.shape) for n, p in nn.GRUCell(3, 5, bias=False).named_parameters()} == {
        "weight_ih": (15, 3),
        "weight_hh": (15, 5),
    }


def test_weights_are_drawn_by_the_number_of_features():
    for p in nn.LSTM(3, 400).parameters():
        assert 0.045 < abs(p.detach().numpy()).max() <= 0.05


@pytest.mark.parametrize("name", ["LSTM", "GRU", "RNN"])
def test_a_module_trains_copies_and_is_purified(name):
    model = getattr(nn, name)(3, 5, 2, dropout=0.5)
    oop.manual_seed(0)
    out, _ = model(x)
    assert out.shape == (4, 2, 5)
    out.sum().backward()
    assert all(p.grad is not None and p.grad.shape == p.shape for p in model.parameters())
    assert not oop.equal(model(x)[0], out)
    model.eval().flatten_parameters()
    expected, _ = model(x)
    pure = purify(model)
    params, state = pure.init()
    found, _ = pure.apply(params, state, x.numpy())[0]
    assert found.tobytes() == expected.detach().numpy().tobytes()
    again = getattr(nn, name)(3, 5, 2)
    again.load_state_dict(model.state_dict())
    assert oop.equal(again(x)[0], expected)


def test_reprs():
    assert repr(nn.LSTM(3, 5)) == "LSTM(3, 5)"
    text = "GRU(3, 5, num_layers=2, batch_first=True, bidirectional=True)"
    assert repr(nn.GRU(3, 5, 2, batch_first=True, bidirectional=True)) == text
    assert repr(nn.RNNCell(3, 5, bias=False)) == "RNNCell(3, 5, bias=False)"


def test_bad_settings():
    with pytest.raises(ValueError, match="LSTMCell: hidden_size is 0 but must be at least 1"):
        nn.LSTMCell(3, 0)
    with pytest.raises(ValueError, match=r"dropout: p is a probability in \[0, 1\], not 1\.5"):
        nn.LSTM(3, 5, dropout=1.5)
