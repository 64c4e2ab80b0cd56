"""Activation functions, and each as a layer: relu(x) and ReLU()."""

from functools import partial

from ...shared.nn import activations as formulas
from ...shared.nn import softmax as softmaxes
from ...shared.nn.activations import (
    celu,
    elu,
    gelu,
    hardtanh,
    leaky_relu,
    log_sigmoid,
    mish,
    relu,
    relu6,
    selu,
    sigmoid,
    silu,
    softplus,
    softsign,
    tanh,
)
from ...shared.nn.softmax import log_softmax, softmax
from .layer import Lambda

__all__ = [
    "CELU", "ELU", "GELU", "SELU", "Hardtanh", "LeakyReLU", "LogSigmoid", "LogSoftmax", "Mish",
    "ReLU", "ReLU6", "SiLU", "Sigmoid", "Softmax", "Softplus", "Softsign", "Tanh",
    "celu", "elu", "gelu", "hardtanh", "leaky_relu", "log_sigmoid", "log_softmax", "mish", "relu",
    "relu6", "selu", "sigmoid", "silu", "softmax", "softplus", "softsign", "swish", "tanh",
]  # fmt: skip

swish = silu


def layer(name, formula, **defaults):
    """A function of the settings that returns the formula as a Layer."""

    def make(*values, **named):
        unknown = named.keys() - defaults.keys()
        if unknown or len(values) > len(defaults):
            raise TypeError(
                f"{name}: it takes {', '.join(defaults) or 'no settings'}, "
                f"but got {len(values)} positional ones and {sorted(named)}"
            )
        given = defaults | dict(zip(defaults, values, strict=False)) | named
        return Lambda(partial(formula, **given) if given else formula, name)

    make.__name__ = make.__qualname__ = name
    shown = ", ".join(f"{key}={value!r}" for key, value in defaults.items())
    make.__doc__ = (
        f"A layer without parameters: {formula.__name__}(x{', ' + shown if shown else ''})."
    )
    return make


ReLU = layer("ReLU", formulas.relu)
ReLU6 = layer("ReLU6", formulas.relu6)
LeakyReLU = layer("LeakyReLU", formulas.leaky_relu, negative_slope=0.01)
ELU = layer("ELU", formulas.elu, alpha=1.0)
CELU = layer("CELU", formulas.celu, alpha=1.0)
SELU = layer("SELU", formulas.selu)
GELU = layer("GELU", formulas.gelu, approximate="none")
Sigmoid = layer("Sigmoid", formulas.sigmoid)
LogSigmoid = layer("LogSigmoid", formulas.log_sigmoid)
SiLU = layer("SiLU", formulas.silu)
Mish = layer("Mish", formulas.mish)
Tanh = layer("Tanh", formulas.tanh)
Softplus = layer("Softplus", formulas.softplus, beta=1.0, threshold=20.0)
Softsign = layer("Softsign", formulas.softsign)
Hardtanh = layer("Hardtanh", formulas.hardtanh, min_val=-1.0, max_val=1.0)
Softmax = layer("Softmax", softmaxes.softmax, axis=-1)
LogSoftmax = layer("LogSoftmax", softmaxes.log_softmax, axis=-1)
