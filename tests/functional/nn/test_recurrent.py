import numpy as np
import pytest

from tests import standin
from wonderland import functional as wf
from wonderland.functional import nn, random

key = random.key(0)
x = np.random.default_rng(0).normal(size=(4, 2, 3)).astype(np.float32)


def test_parameters():
    params = nn.LSTM(5, 2).init(key, x)
    assert {name: p.shape for name, p in params.items()} == {
        "weight_ih_l0": (20, 3), "weight_hh_l0": (20, 5), "bias_ih_l0": (20,), "bias_hh_l0": (20,),
        "weight_ih_l1": (20, 5), "weight_hh_l1": (20, 5), "bias_ih_l1": (20,), "bias_hh_l1": (20,),
    }  # fmt: skip
    assert sorted(nn.RNNCell(5).init(key, x[0])) == [
        "bias_hh", "bias_ih", "weight_hh", "weight_ih",
    ]  # fmt: skip
    with standin.installed():
        there = nn.GRU(5).init(key, standin.lift(x))
        assert all(isinstance(p, standin.ndarray) for p in there.values())


def test_a_state_goes_on_where_it_stopped():
    layer = nn.LSTM(5, 2)
    params = layer.init(key, x)
    whole, final = layer.apply(params, x)
    first, hidden = layer.apply(params, x[:2])
    second, last = layer.apply(params, x[2:], hidden)
    assert np.array_equal(np.concatenate([first, second]), whole)
    assert all(map(np.array_equal, last, final))


def test_a_key_switches_dropout_on():
    layer = nn.GRU(5, 2, dropout=0.5)
    params = layer.init(key, x)
    plain, _ = layer.apply(params, x)
    dropped, _ = layer.apply(params, x, key=key)
    assert layer.takes_key and not np.array_equal(plain, dropped)


def test_a_cell_is_differentiated():
    cell = nn.LSTMCell(5)
    params = cell.init(key, x[0])
    g = wf.grad(lambda p: cell.apply(p, x[0])[0].sum())(params)
    assert {n: a.shape for n, a in g.items()} == {n: a.shape for n, a in params.items()}


def test_bad_input():
    params = nn.RNN(5).init(key, x)
    with pytest.raises(ValueError, match="LSTM: params do not fit the layer: 'weight_ih_l0' has"):
        nn.LSTM(5).apply(params, x)
    with pytest.raises(ValueError, match="GRUCell: x has no axes, so there are no features"):
        nn.GRUCell(5).init(key, np.array(1.0))
