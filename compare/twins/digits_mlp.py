"""A multilayer perceptron for digits, 64-128-64-10, written by hand in each style."""

from ... import oop
from ...functional import nn as fnn
from ...functional import random
from ...oop import nn
from .digits import digits
from .twin import Twin


class DigitsMLP(nn.Module):
    """Object-oriented: the parameters live in the layers."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(64, 128)
        self.second = nn.Linear(128, 64)
        self.logits = nn.Linear(64, 10)

    def forward(self, x):
        """x: (batch, 64) -> (batch, 10)."""
        x = oop.tanh(self.first(x))
        x = oop.relu(self.second(x))
        return self.logits(x)


def digits_mlp():
    """Functional: the parameters are an argument."""
    first, second, logits = fnn.Linear(128), fnn.Linear(64), fnn.Linear(10)

    def init(key, x):
        params = {}
        for name, layer in (("first", first), ("second", second), ("logits", logits)):
            params[name] = layer.init(random.fold_in(key, name), x)
            x = layer.apply(params[name], x)  # for its shape: no need of the activations
        return params

    def apply(params, x):
        x = fnn.tanh(first.apply(params["first"], x))
        x = fnn.relu(second.apply(params["second"], x))
        return logits.apply(params["logits"], x)

    return fnn.Layer(init, apply)


DIGITS_MLP = Twin(
    name="mlp",
    title="mlp: a multilayer perceptron on handwritten digits",
    about="Layers 64-128-64-10 with tanh and relu, cross entropy.",
    module=DigitsMLP,
    layer=digits_mlp,
    data=digits,
    oop_loss=nn.CrossEntropyLoss(),
    functional_loss=fnn.cross_entropy,
    learning_rate=5e-3,
    batch_size=128,
    accuracy_goal=0.95,
)
