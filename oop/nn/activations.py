"""Activation functions as modules; the formulas are in shared.nn.activations."""

from ...shared.nn import activations as formulas
from ...shared.nn import softmax as softmaxes
from .module import Module


class Activation(Module):
    """y = formula(x, *settings): a function of each entry, with the settings it was made with.

    Subclasses name their formula; the names of their settings are what repr shows.
    """

    settings: tuple[str, ...] = ()

    def __init__(self, *values):
        super().__init__()
        self.__dict__.update(zip(self.settings, values, strict=True))

    def extra_repr(self):
        return ", ".join(f"{name}={getattr(self, name)}" for name in self.settings)


class ReLU(Activation):
    """max(x, 0); the derivative at 0 is 0.

    inplace is accepted for torch's sake: the result is a new Tensor all the same.
    """

    def __init__(self, inplace=False):
        super().__init__()

    def forward(self, x):
        return formulas.relu(x)


class ReLU6(Activation):
    """min(max(x, 0), 6)."""

    def forward(self, x):
        return formulas.relu6(x)


class LeakyReLU(Activation):
    """x where x > 0, else negative_slope x."""

    settings = ("negative_slope",)

    def __init__(self, negative_slope=0.01, inplace=False):
        super().__init__(negative_slope)

    def forward(self, x):
        return formulas.leaky_relu(x, self.negative_slope)


class ELU(Activation):
    """x where x > 0, else alpha (exp(x) - 1)."""

    settings = ("alpha",)

    def __init__(self, alpha=1.0, inplace=False):
        super().__init__(alpha)

    def forward(self, x):
        return formulas.elu(x, self.alpha)


class CELU(Activation):
    """x where x > 0, else alpha (exp(x / alpha) - 1)."""

    settings = ("alpha",)

    def __init__(self, alpha=1.0, inplace=False):
        super().__init__(alpha)

    def forward(self, x):
        return formulas.celu(x, self.alpha)


class SELU(Activation):
    """ELU, scaled to keep mean 0 and variance 1."""

    def __init__(self, inplace=False):
        super().__init__()

    def forward(self, x):
        return formulas.selu(x)


class GELU(Activation):
    """x Φ(x), with Φ the normal distribution function; approximate='tanh' for its approximation."""

    settings = ("approximate",)

    def __init__(self, approximate="none"):
        super().__init__(approximate)

    def forward(self, x):
        return formulas.gelu(x, self.approximate)

    def extra_repr(self):
        return f"approximate={self.approximate!r}"


class Sigmoid(Activation):
    """1 / (1 + exp(-x))."""

    def forward(self, x):
        return formulas.sigmoid(x)


class LogSigmoid(Activation):
    """log(sigmoid(x))."""

    def forward(self, x):
        return formulas.log_sigmoid(x)


class SiLU(Activation):
    """x sigmoid(x)."""

    def __init__(self, inplace=False):
        super().__init__()

    def forward(self, x):
        return formulas.silu(x)


class Mish(Activation):
    """x tanh(softplus(x))."""

    def __init__(self, inplace=False):
        super().__init__()

    def forward(self, x):
        return formulas.mish(x)


class Tanh(Activation):
    """The hyperbolic tangent."""

    def forward(self, x):
        return formulas.tanh(x)


class Softplus(Activation):
    """log(1 + exp(beta x)) / beta; x itself where beta x > threshold."""

    settings = ("beta", "threshold")

    def __init__(self, beta=1.0, threshold=20.0):
        super().__init__(beta, threshold)

    def forward(self, x):
        return formulas.softplus(x, self.beta, self.threshold)


class Softsign(Activation):
    """x / (1 + |x|)."""

    def forward(self, x):
        return formulas.softsign(x)


class Hardtanh(Activation):
    """x within [min_val, max_val]; the derivative at both is 0."""

    settings = ("min_val", "max_val")

    def __init__(self, min_val=-1.0, max_val=1.0, inplace=False):
        if min_val >= max_val:
            raise ValueError(
                f"Hardtanh: min_val must lie below max_val, but they are {min_val} and {max_val}"
            )
        super().__init__(min_val, max_val)

    def forward(self, x):
        return formulas.hardtanh(x, self.min_val, self.max_val)


class Softmax(Activation):
    """exp(x) / sum(exp(x)) along the axis `dim`."""

    settings = ("dim",)

    def __init__(self, dim=-1):
        super().__init__(dim)

    def forward(self, x):
        return softmaxes.softmax(x, self.dim)


class LogSoftmax(Activation):
    """log(softmax(x)) along the axis `dim`."""

    settings = ("dim",)

    def __init__(self, dim=-1):
        super().__init__(dim)

    def forward(self, x):
        return softmaxes.log_softmax(x, self.dim)
