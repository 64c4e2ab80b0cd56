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
        x = oop.tanh(self.first(x))
        x = nn.functional.relu(self.second(x))
        return self.logits(x)


def digits_mlp():
    """Functional: the parameters are an argument."""
    first, second, logits = fnn.Linear(128), fnn.Linear(64), fnn.Linear(10)

    def init(key, x):
        one, two, three = random.split(key, 3)
        return {
            "first": first.init(one, x),
            "second": second.init(two, x[:, :1].repeat(128, axis=1)),
            "logits": logits.init(three, x[:, :1].repeat(64, axis=1)),
        }

    def apply(params, x):
        x = fnn.tanh(first.apply(params["first"], x))
        x = fnn.relu(second.apply(params["second"], x))
        return logits.apply(params["logits"], x)

    return fnn.Layer(init, apply)


DIGITS_MLP = Twin(
    name="mlp",
    module=DigitsMLP,
    layer=digits_mlp,
    data=digits,
    oop_loss=nn.functional.cross_entropy,
    functional_loss=fnn.cross_entropy,
    learning_rate=3e-3,
    batch_size=64,
    accuracy_goal=0.95,
)
