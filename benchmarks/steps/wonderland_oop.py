"""wonderland.oop: the torch script with its imports changed."""

from wonderland import oop
from wonderland.oop import nn
from wonderland.oop.nn import functional as F

from . import LEARNING_RATE

PACKAGE = "wonderland"


def network(weights):
    """nn.Sequential with these weights."""
    layers = []
    for w, _ in weights:
        layers += [nn.Linear(w.shape[1], w.shape[0]), nn.Tanh()]
    model = nn.Sequential(*layers[:-1])
    with oop.no_grad():
        for p, value in zip(model.parameters(), [a for pair in weights for a in pair], strict=True):
            p.copy_(oop.tensor(value))
    return model


def prepare(weights, x, y, device="cpu"):
    """step() for these weights and this batch."""
    model = network(weights).to(device)
    x, y = oop.tensor(x).to(device), oop.tensor(y).to(device)
    optimizer = oop.optim.SGD(model.parameters(), lr=LEARNING_RATE)

    def step():
        optimizer.zero_grad()
        loss = F.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return step
