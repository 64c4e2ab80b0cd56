"""A convolutional network for digits, 1x8x8 to 10, written by hand in each style."""

from ... import oop
from ...functional import nn as fnn
from ...functional import random
from ...oop import nn
from .digits import digits
from .twin import Data, Twin


class DigitsCNN(nn.Module):
    """Object-oriented: the parameters live in the layers."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 16, 3, padding=1)
        self.second = nn.Conv2d(16, 32, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.logits = nn.Linear(32 * 2 * 2, 10)

    def forward(self, x):
        """x: (batch, 1, 8, 8) -> (batch, 10)."""
        x = self.pool(oop.relu(self.first(x)))
        x = self.pool(oop.relu(self.second(x)))
        return self.logits(oop.flatten(x, 1))


def digits_cnn():
    """Functional: the parameters are an argument."""
    first = fnn.Conv2d(16, 3, padding=1)
    second = fnn.Conv2d(32, 3, padding=1)
    flat, logits = fnn.Flatten(), fnn.Linear(10)

    def pooled(layer, params, x):
        return fnn.max_pool2d(fnn.relu(layer.apply(params, x)), 2)

    def init(key, x):
        params = {}
        for name, layer in (("first", first), ("second", second)):
            params[name] = layer.init(random.fold_in(key, name), x)
            x = pooled(layer, params[name], x)
        x = flat.apply({}, x)
        params["logits"] = logits.init(random.fold_in(key, "logits"), x)
        return params

    def apply(params, x):
        x = pooled(first, params["first"], x)
        x = pooled(second, params["second"], x)
        return logits.apply(params["logits"], flat.apply({}, x))

    return fnn.Layer(init, apply)


def images():
    """The digits as images of one channel, (n, 1, 8, 8)."""
    data = digits()
    train, test = [x.reshape(-1, 1, 8, 8) for x in (data.train_x, data.test_x)]
    return Data(train, data.train_y, test, data.test_y)


DIGITS_CNN = Twin(
    name="cnn",
    title="cnn: a convolutional network on handwritten digits",
    about="Two 3x3 convolutions, of 16 and 32 channels, relu, max pooling, cross entropy.",
    module=DigitsCNN,
    layer=digits_cnn,
    data=images,
    oop_loss=nn.CrossEntropyLoss(),
    functional_loss=fnn.cross_entropy,
    learning_rate=5e-3,
    batch_size=128,
    accuracy_goal=0.97,
)
