"""Recurrent networks: LSTM, GRU and the plain RNN, with torch's gate order, layouts and names.

# T steps, N samples, I input features, H hidden features, G gates, L layers, D directions
"""

from collections.abc import Callable
from typing import NamedTuple

from ..primitives.activation import relu
from ..primitives.contraction import affine, matmul
from ..primitives.joining import concatenate, stack, unstack
from ..primitives.recurrent import gru_gates, lstm_gates
from ..primitives.shape import reshape, swap_last, transpose, zeros
from ..primitives.trigonometric import tanh
from ..random import fold_in
from ..schedule.control.rolled import is_captured, rolled
from .dropout import dropout
from .linear import linear


class Cell(NamedTuple):
    """What one kind of cell does in a step.

    gates: G, the rows of its weights over H. states: how many it carries. stepping(weights) gives
    step(carry, x) -> (carry, h), where x: (N, G H) is the projected input of the step.
    """

    name: str
    gates: int
    states: int
    stepping: Callable


class Weights(NamedTuple):
    """Of one layer in one direction: (G H, I), (G H, H), and two biases (G H,) or None."""

    weight_ih: object
    weight_hh: object
    bias_ih: object = None
    bias_hh: object = None


def _lstm_stepping(weights):
    w = swap_last(weights.weight_hh)

    def step(carry, x):
        h, c = carry
        h, c = lstm_gates(x, matmul(h, w), c)
        return (h, c), h

    return step


def _gru_stepping(weights):
    w, b = weights.weight_hh, weights.bias_hh
    wt = swap_last(w)

    def step(carry, x):
        (h,) = carry
        # One use of h, behind which are two: so what they send back is added up first, in Python's
        # loop as in a graph's, before what the output at h sends.
        h = reshape(h, shape=h.shape)
        h = gru_gates(x, matmul(h, wt) if b is None else affine(h, w, b), h)
        return (h,), h

    return step


def _plain_stepping(activation):
    def stepping(weights):
        w = swap_last(weights.weight_hh)

        def step(carry, x):
            h = activation(x + matmul(carry[0], w))
            return (h,), h

        return step

    return stepping


LSTM = Cell("LSTM", 4, 2, _lstm_stepping)
GRU = Cell("GRU", 3, 1, _gru_stepping)
RNN = {
    "tanh": Cell("RNN", 1, 1, _plain_stepping(tanh)),
    "relu": Cell("RNN", 1, 1, _plain_stepping(relu)),
}


def plain(nonlinearity):
    """The plain cell with that nonlinearity; ValueError for any but 'tanh' and 'relu'."""
    if nonlinearity not in RNN:
        raise ValueError(f"RNN: nonlinearity is 'tanh' or 'relu', not {nonlinearity!r}")
    return RNN[nonlinearity]


def lstm_cell(x, hidden, weight_ih, weight_hh, bias_ih=None, bias_hh=None):
    """One step: h', c' = σ(o) tanh(c'), σ(f) c + σ(i) tanh(g).

    i, f, g, o are the quarters of x W_ihᵀ + b_ih + h W_hhᵀ + b_hh. x: (N, I) or (I,); hidden: the
    pair (h, c), each (N, H) or (H,), or None for zeros.

    >>> import numpy as np
    >>> h, c = lstm_cell(np.ones((1, 2)), None, np.zeros((4, 2)), np.zeros((4, 1)))
    >>> float(h[0, 0]), float(c[0, 0])
    (0.0, 0.0)
    """
    return cell(LSTM, x, hidden, Weights(weight_ih, weight_hh, bias_ih, bias_hh))


def gru_cell(x, hidden, weight_ih, weight_hh, bias_ih=None, bias_hh=None):
    """One step: h' = (1 - u) n + u h with n = tanh(x_n + r h_n).

    r, u = σ(x_r + h_r), σ(x_u + h_u); x_r, x_u, x_n are the thirds of x W_ihᵀ + b_ih, and h_r, h_u,
    h_n those of h W_hhᵀ + b_hh. Shapes as for lstm_cell, the state being h alone.
    """
    return cell(GRU, x, hidden, Weights(weight_ih, weight_hh, bias_ih, bias_hh))


def rnn_cell(
    x, hidden, weight_ih, weight_hh, bias_ih=None, bias_hh=None, nonlinearity="tanh"
):  # fmt: skip
    """One step: h' = tanh(x W_ihᵀ + b_ih + h W_hhᵀ + b_hh), or relu. Shapes as for gru_cell."""
    weights = Weights(weight_ih, weight_hh, bias_ih, bias_hh)
    return cell(plain(nonlinearity), x, hidden, weights)


def cell(kind, x, hidden, weights):
    """One step of a cell: the new state, a pair for an LSTM."""
    name = f"{kind.name}Cell"
    check_input(name, x, (1, 2), "(N, I) or (I,)", weights)
    states = given_states(name, kind, hidden, (*x.shape[:-1], weights.weight_hh.shape[1]), x)
    single = len(x.shape) == 1
    if single:
        x, states = _row(x), [_row(s) for s in states]
    carry, _ = kind.stepping(weights)(tuple(states), projected(kind, x, weights))
    carry = tuple([reshape(s, shape=s.shape[1:]) for s in carry]) if single else carry
    return carry if kind.states > 1 else carry[0]


def _row(x):
    return reshape(x, shape=(1, *x.shape))


def projected(kind, x, weights):
    """What all steps take from their inputs, by one product; with the bias of the state too.

    Not so for a GRU, whose reset gate comes between the state and the bias.
    """
    bias = weights.bias_ih
    if bias is not None and kind is not GRU:
        bias = bias + weights.bias_hh
    return linear(x, weights.weight_ih, bias)


def over_time(step, carry, xs, reverse=False, name="scan"):
    """(carry, ys) for step(carry, x) -> (carry, y) over the slices of xs; with reverse from the
    last on.

    In a graph that is captured the loop is one operation, however long the sequence.
    """
    if is_captured(xs, *carry):
        return rolled(step, carry, xs, reverse, name)
    ys = []
    slices = unstack(xs, axis=0)
    for x in reversed(slices) if reverse else slices:
        carry, y = step(carry, x)
        ys.append(y)
    return carry, stack(*(ys[::-1] if reverse else ys), axis=0)


def recurrent(
    kind, x, hidden, weights, *, bidirectional=False, batch_first=False, dropout_p=0.0,
    dropout_key=None,
):  # fmt: skip
    """The layers of a recurrent network over a sequence: (output, final state).

    x: (T, N, I), (N, T, I) with batch_first, or (T, I) without a batch. hidden: (L D, N, H), or
    (L D, H) without a batch, a pair of them for an LSTM, None for zeros. weights: one Weights for
    each layer and, within it, each direction. output: as x, with D H features, those of the last
    layer; the final state is as hidden. dropout_key: drop that part of what goes between layers.
    """
    layout = "(N, T, I)" if batch_first else "(T, N, I)"
    check_input(kind.name, x, (2, 3), f"{layout}, or (T, I) without a batch", weights[0])
    single = len(x.shape) == 2
    if single:
        x = reshape(x, shape=(x.shape[0], 1, x.shape[1]))
    elif batch_first:
        x = transpose(x, axes=(1, 0, 2))
    if not x.shape[0]:
        raise ValueError(f"{kind.name}: the sequence has no steps (input, time first: {x.shape})")
    features = weights[0].weight_hh.shape[1]
    wanted = (len(weights), features) if single else (len(weights), x.shape[1], features)
    states = given_states(kind.name, kind, hidden, wanted, x)
    states = [reshape(s, shape=(len(weights), x.shape[1], features)) for s in states]
    rate = dropout_p if dropout_key is not None else 0.0
    x, final = _layers(kind, x, states, weights, 1 + bidirectional, rate, dropout_key)
    if single:
        x = reshape(x, shape=(x.shape[0], x.shape[2]))
        final = [reshape(s, shape=wanted) for s in final]
    elif batch_first:
        x = transpose(x, axes=(1, 0, 2))
    return x, tuple(final) if kind.states > 1 else final[0]


def _layers(kind, x, states, weights, directions, rate, key):
    """(output, [each state, stacked]) of one layer after the other, time first."""
    carries = list(zip(*[unstack(s, axis=0) for s in states], strict=True))
    final = []
    for layer in range(len(weights) // directions):
        if layer and rate:
            x = dropout(x, fold_in(key, layer - 1), rate)
        outputs = []
        for d in range(directions):
            place = layer * directions + d
            xs, step = projected(kind, x, weights[place]), kind.stepping(weights[place])
            carry, ys = over_time(step, carries[place], xs, d == 1, kind.name)
            final.append(carry)
            outputs.append(ys)
        x = outputs[0] if directions == 1 else concatenate(*outputs, axis=2)
    return x, [stack(*each, axis=0) for each in zip(*final, strict=True)]


def check_input(name, x, ranks, layout, weights):
    """ValueError for an input of another rank or width than the weights take."""
    shape, wanted = tuple(x.shape), weights.weight_ih.shape[1]
    if len(shape) not in ranks:
        raise ValueError(f"{name}: the input is {layout}, but it has {len(shape)} axes: {shape}")
    if shape[-1] != wanted:
        raise ValueError(
            f"{name}: the input has {shape[-1]} features but the weights take {wanted} "
            f"(input: {shape}, weight_ih: {tuple(weights.weight_ih.shape)})"
        )


def given_states(name, kind, hidden, shape, x):
    """The initial states as a list: those given, once they fit, or zeros like x."""
    if hidden is None:
        return [zeros(x, shape)] * kind.states
    names = ("h", "c")[: kind.states]
    if kind.states > 1 and not (isinstance(hidden, (tuple, list)) and len(hidden) == len(names)):
        raise TypeError(
            f"{name}: the hidden state is the pair (h, c), but this is {type(hidden).__name__}"
        )
    states = list(hidden) if kind.states > 1 else [hidden]
    for letter, state in zip(names, states, strict=True):
        if tuple(state.shape) != tuple(shape):
            raise ValueError(
                f"{name}: the hidden state {letter} has shape {tuple(state.shape)}, but with this "
                f"input it is {tuple(shape)} (input: {tuple(x.shape)})"
            )
        if state.dtype != x.dtype:
            raise TypeError(
                f"{name}: the input is {x.dtype} but the hidden state {letter} {state.dtype}; "
                f"convert it with astype({x.dtype})"
            )
    return states


def parameter_shapes(kind, input_size, hidden_size, num_layers=1, bias=True, bidirectional=False):
    """{name: shape} under torch's names: weight_ih_l0, ..., bias_hh_l1_reverse; in its order.

    >>> parameter_shapes(LSTM, 3, 2, bias=False)
    {'weight_ih_l0': (8, 3), 'weight_hh_l0': (8, 2)}
    """
    rows, shapes = kind.gates * hidden_size, {}
    for layer in range(num_layers):
        width = hidden_size * (1 + bidirectional) if layer else input_size
        for suffix in (f"_l{layer}", f"_l{layer}_reverse")[: 1 + bidirectional]:
            shapes[f"weight_ih{suffix}"] = (rows, width)
            shapes[f"weight_hh{suffix}"] = (rows, hidden_size)
            if bias:
                shapes[f"bias_ih{suffix}"] = shapes[f"bias_hh{suffix}"] = (rows,)
    return shapes


def grouped(parameters, bias=True):
    """Parameters, in the order of parameter_shapes, as a list of Weights."""
    values, size = list(parameters), 4 if bias else 2
    return [Weights(*values[i : i + size]) for i in range(0, len(values), size)]


def check_sizes(name, hidden_size, num_layers=1):
    """ValueError for a network without features or layers."""
    for what, size in (("hidden_size", hidden_size), ("num_layers", num_layers)):
        if size < 1:
            raise ValueError(f"{name}: {what} is {size} but must be at least 1")
