"""Recurrent layers and their cells: LSTM, GRU, RNN."""

from ...shared.nn import initializers
from ...shared.nn import recurrent as formulas
from ...shared.nn.dropout import check_rate
from ..random import next_key
from . import init
from .module import Module
from .parameter import Parameter, zeros


class Recurrent(Module):
    """What LSTM, GRU and RNN share: parameters under torch's names, drawn from U(-k, k), k = H^-½.

    input: (T, N, input_size), (N, T, input_size) with batch_first, or (T, input_size). hidden:
    (layers directions, N, H); zeros unless given. dropout: how much of what goes from layer to
    layer is dropped in training mode.
    """

    def __init__(
        self, kind, input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional,
        device, dtype,
    ):  # fmt: skip
        super().__init__()
        formulas.check_sizes(kind.name, hidden_size, num_layers)
        check_rate(dropout)
        self.kind, self.input_size, self.hidden_size = kind, input_size, hidden_size
        self.num_layers, self.bias, self.batch_first = num_layers, bias, batch_first
        self.dropout, self.bidirectional = dropout, bidirectional
        shapes = formulas.parameter_shapes(
            kind, input_size, hidden_size, num_layers, bias, bidirectional
        )
        for name, shape in shapes.items():
            self.register_parameter(name, Parameter(zeros(shape, dtype, device)))
        self.reset_parameters()

    def reset_parameters(self):
        """Draw new weights."""
        draw_all(self)

    def forward(self, input, hx=None):
        dropping = self.training and self.dropout > 0 and self.num_layers > 1
        return formulas.recurrent(
            self.kind, input, hx, formulas.grouped(self._parameters.values(), self.bias),
            bidirectional=self.bidirectional, batch_first=self.batch_first,
            dropout_p=self.dropout, dropout_key=next_key(self) if dropping else None,
        )  # fmt: skip

    def flatten_parameters(self):
        """For torch's sake: there is no other layout to bring the weights to."""

    def extra_repr(self):
        settings = {"num_layers": 1, "bias": True, "batch_first": False, "dropout": 0.0}
        settings["bidirectional"] = False
        changed = {k: getattr(self, k) for k, v in settings.items() if getattr(self, k) != v}
        others = "".join(f", {k}={v}" for k, v in changed.items())
        return f"{self.input_size}, {self.hidden_size}{others}"


class LSTM(Recurrent):
    """Long short-term memory: (output, (h_n, c_n)).  Hochreiter and Schmidhuber 1997.

    h', c' = σ(o) tanh(c'), σ(f) c + σ(i) tanh(g), where i, f, g, o are the quarters of
    x W_ihᵀ + b_ih + h W_hhᵀ + b_hh; shapes as in Recurrent.

    >>> from wonderland.oop.tensor import Tensor
    >>> output, (h, c) = LSTM(3, 5)(Tensor(np.ones((7, 2, 3), np.float32)))
    >>> output.shape, h.shape, c.shape
    ((7, 2, 5), (1, 2, 5), (1, 2, 5))
    """

    def __init__(
        self, input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0,
        bidirectional=False, device=None, dtype=None,
    ):  # fmt: skip
        super().__init__(
            formulas.LSTM, input_size, hidden_size, num_layers, bias, batch_first, dropout,
            bidirectional, device, dtype,
        )  # fmt: skip


class GRU(Recurrent):
    """Gated recurrent units: (output, h_n).  Cho et al. 2014.

    h' = (1 - u) n + u h with n = tanh(x_n + r h_n); shapes as in Recurrent.
    """

    def __init__(
        self, input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0,
        bidirectional=False, device=None, dtype=None,
    ):  # fmt: skip
        super().__init__(
            formulas.GRU, input_size, hidden_size, num_layers, bias, batch_first, dropout,
            bidirectional, device, dtype,
        )  # fmt: skip


class RNN(Recurrent):
    """The plain network, h' = tanh(x W_ihᵀ + b_ih + h W_hhᵀ + b_hh) or relu: (output, h_n).

    Shapes as in Recurrent.  Elman 1990.
    """

    def __init__(
        self, input_size, hidden_size, num_layers=1, nonlinearity="tanh", bias=True,
        batch_first=False, dropout=0.0, bidirectional=False, device=None, dtype=None,
    ):  # fmt: skip
        self.nonlinearity = nonlinearity
        super().__init__(
            formulas.plain(nonlinearity), input_size, hidden_size, num_layers, bias, batch_first,
            dropout, bidirectional, device, dtype,
        )  # fmt: skip


def draw_all(module):
    """Every parameter of a module with hidden_size from U(-k, k), k = hidden_size^-½."""
    for parameter in module._parameters.values():
        if parameter is not None:
            init.fill(parameter, initializers.fan_in_uniform, fan_in=module.hidden_size)


class RecurrentCell(Module):
    """One step of LSTM, GRU or RNN: forward(input, hx), where hx is zeros unless given.

    input: (N, I) or (I,). Parameters: weight_ih, weight_hh, bias_ih, bias_hh; see Recurrent.
    """

    def __init__(self, kind, input_size, hidden_size, bias, device, dtype):
        super().__init__()
        formulas.check_sizes(f"{kind.name}Cell", hidden_size)
        self.kind, self.input_size, self.hidden_size = kind, input_size, hidden_size
        shapes = formulas.parameter_shapes(kind, input_size, hidden_size)
        for name, shape in shapes.items():
            wanted = bias or name.startswith("weight")
            parameter = Parameter(zeros(shape, dtype, device)) if wanted else None
            self.register_parameter(name.removesuffix("_l0"), parameter)
        self.reset_parameters()

    def reset_parameters(self):
        """Draw new weights."""
        draw_all(self)

    def forward(self, input, hx=None):
        return formulas.cell(self.kind, input, hx, formulas.Weights(**self._parameters))

    def extra_repr(self):
        bias = "" if self.bias_ih is not None else ", bias=False"
        return f"{self.input_size}, {self.hidden_size}{bias}"


class LSTMCell(RecurrentCell):
    """One step of an LSTM: (h', c') from the input and the pair hx = (h, c); see LSTM."""

    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__(formulas.LSTM, input_size, hidden_size, bias, device, dtype)


class GRUCell(RecurrentCell):
    """One step of a GRU: h' from the input and hx = h; see GRU."""

    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__(formulas.GRU, input_size, hidden_size, bias, device, dtype)


class RNNCell(RecurrentCell):
    """One step of a plain RNN: h' from the input and hx = h; see RNN."""

    def __init__(
        self, input_size, hidden_size, bias=True, nonlinearity="tanh", device=None, dtype=None
    ):
        self.nonlinearity = nonlinearity
        kind = formulas.plain(nonlinearity)
        super().__init__(kind, input_size, hidden_size, bias, device, dtype)
