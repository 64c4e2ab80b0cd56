"""Recurrent layers and their cells: LSTM, GRU, RNN."""

from ...shared.nn import recurrent as formulas
from ...shared.nn.dropout import check_rate
from ...shared.nn.initializers import fan_in_uniform
from ...shared.random import fold_in
from .fit import check_leaves
from .layer import Layer, parameter_dtype, placed

__all__ = ["GRU", "LSTM", "RNN", "GRUCell", "LSTMCell", "RNNCell"]


def LSTM(
    hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0, bidirectional=False
):  # fmt: skip
    """Long short-term memory: apply(params, x, hidden=None, key=None) -> (output, (h, c)).

    x: (T, N, in), (N, T, in) with batch_first, or (T, in); hidden: the pair (h, c), each
    (layers directions, N, H), zeros unless given. params: weight_ih_l0 (4 H, in), weight_hh_l0
    (4 H, H), bias_ih_l0 and bias_hh_l0 (4 H,), and so on for each layer and _reverse, drawn from
    U(-k, k), k = H^-½. A key switches dropout between the layers on.

    >>> import numpy as np
    >>> from wonderland.shared import random
    >>> layer, x = LSTM(5), np.ones((7, 2, 3), np.float32)
    >>> output, (h, c) = layer.apply(layer.init(random.key(0), x), x)
    >>> output.shape, h.shape, c.shape
    ((7, 2, 5), (1, 2, 5), (1, 2, 5))
    """
    settings = num_layers, bias, batch_first, dropout, bidirectional
    return _network(formulas.LSTM, hidden_size, *settings)


def GRU(
    hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0, bidirectional=False
):  # fmt: skip
    """Gated recurrent units: apply(params, x, hidden=None, key=None) -> (output, h); see LSTM."""
    settings = num_layers, bias, batch_first, dropout, bidirectional
    return _network(formulas.GRU, hidden_size, *settings)


def RNN(
    hidden_size, num_layers=1, nonlinearity="tanh", bias=True, batch_first=False, dropout=0.0,
    bidirectional=False,
):  # fmt: skip
    """The plain network, with 'tanh' or 'relu'; as GRU, with the weights of one gate."""
    settings = num_layers, bias, batch_first, dropout, bidirectional
    return _network(formulas.plain(nonlinearity), hidden_size, *settings)


def _network(kind, hidden_size, num_layers, bias, batch_first, dropout, bidirectional):
    formulas.check_sizes(kind.name, hidden_size, num_layers)
    check_rate(dropout)

    def shapes(width):
        return formulas.parameter_shapes(kind, width, hidden_size, num_layers, bias, bidirectional)

    wanted = shapes(None)

    def init(key, x):
        return drawn(kind.name, key, x, shapes, hidden_size)

    def apply(params, x, hidden=None, key=None):
        check_leaves(kind.name, params, wanted)
        weights = formulas.grouped([params[name] for name in wanted], bias)
        return formulas.recurrent(
            kind, x, hidden, weights, bidirectional=bidirectional, batch_first=batch_first,
            dropout_p=dropout, dropout_key=key,
        )  # fmt: skip

    return Layer(init, apply, takes_key=True)


def LSTMCell(hidden_size, bias=True):
    """One step of an LSTM: apply(params, x, hidden=None) -> (h, c), where hidden is the pair too.

    x: (N, in) or (in,), and h and c (N, H) or (H,). params: weight_ih (4 H, in), weight_hh
    (4 H, H), bias_ih and bias_hh (4 H,).
    """
    return _cell(formulas.LSTM, hidden_size, bias)


def GRUCell(hidden_size, bias=True):
    """One step of a GRU: apply(params, x, hidden=None) -> h; see LSTMCell."""
    return _cell(formulas.GRU, hidden_size, bias)


def RNNCell(hidden_size, bias=True, nonlinearity="tanh"):
    """One step of a plain RNN: apply(params, x, hidden=None) -> h; see LSTMCell."""
    return _cell(formulas.plain(nonlinearity), hidden_size, bias)


def _cell(kind, hidden_size, bias):
    name = f"{kind.name}Cell"
    formulas.check_sizes(name, hidden_size)

    def shapes(width):
        found = formulas.parameter_shapes(kind, width, hidden_size, 1, bias)
        return {leaf.removesuffix("_l0"): shape for leaf, shape in found.items()}

    wanted = shapes(None)

    def init(key, x):
        return drawn(name, key, x, shapes, hidden_size)

    def apply(params, x, hidden=None):
        check_leaves(name, params, wanted)
        return formulas.cell(kind, x, hidden, formulas.Weights(**params))

    return Layer(init, apply)


def drawn(name, key, x, shapes, hidden_size):
    """Parameters for inputs like x, each from its own key, by number."""
    if not x.shape:
        raise ValueError(f"{name}: x has no axes, so there are no features to start from")
    params = {
        leaf: fan_in_uniform(fold_in(key, i), shape, parameter_dtype(x), fan_in=hidden_size)
        for i, (leaf, shape) in enumerate(shapes(x.shape[-1]).items())
    }
    return placed(params, x)
