"""One network in both styles: written twice, and converted with purify.  The same bits come out.

python examples/two_styles.py
"""

import numpy as np

from wonderland import functional as wf
from wonderland import oop
from wonderland.functional import nn, optim
from wonderland.purify import purify

STEPS = 200


def spirals(count=100):
    """(x, labels): two spirals that no straight line separates."""
    rng = np.random.default_rng(0)
    turn = np.linspace(0.5, 2.5, count)
    labels = np.arange(2 * count) % 2
    angle = np.repeat(turn, 2) * np.pi + labels * np.pi
    x = np.stack([np.cos(angle), np.sin(angle)], axis=1) * np.repeat(turn, 2)[:, None]
    return (x + 0.05 * rng.standard_normal(x.shape)).astype(np.float32), labels


class Network(oop.nn.Module):
    """The object-oriented style: the model holds its parameters."""

    def __init__(self):
        super().__init__()
        self.hidden = oop.nn.Linear(2, 32)
        self.out = oop.nn.Linear(32, 2)

    def forward(self, x):
        return self.out(self.hidden(x).tanh())


def train_module(model, x, labels):
    """backward() fills .grad, the optimiser changes the parameters in place."""
    x, labels = oop.tensor(x), oop.tensor(labels)
    optimizer = oop.optim.Adam(model.parameters(), lr=0.02)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = oop.nn.functional.cross_entropy(model(x), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


hidden, out = nn.Linear(32), nn.Linear(2)


def network(params, x):
    """The functional style: parameters come in, nothing is held."""
    return out.apply(params["out"], np.tanh(hidden.apply(params["hidden"], x)))


def train_function(apply, params, x, labels):
    """A gradient is a value, and so are the optimiser's state and the new parameters."""

    def loss(params):
        return nn.cross_entropy(apply(params, x), labels)

    optimizer = optim.adam(0.02)
    state, losses = optimizer.init(params), []
    for _ in range(STEPS):
        value, grads = wf.value_and_grad(loss)(params)
        updates, state = optimizer.update(grads, state, params)
        params = optim.apply_updates(params, updates)
        losses.append(value.item())
    return losses, params


def main():
    x, labels = spirals()
    oop.manual_seed(0)
    model = Network()
    pure = purify(model)
    start, _ = pure.init()

    stateful = train_module(model, x, labels)
    functional, params = train_function(network, pure.unflatten(start), x, labels)
    purified, flat = train_function(pure, start, x, labels)
    trained, _ = pure.init()

    print(f"loss {stateful[0]:.4f} -> {stateful[-1]:.4f} in {STEPS} steps")
    predicted = network(params, x).argmax(axis=1)
    print(f"accuracy {np.mean(predicted == labels):.3f}")
    assert stateful == functional == purified
    for name, value in pure.flatten(params).items():
        assert value.tobytes() == flat[name].tobytes() == trained[name].tobytes()
        print(f"{name:14s} {value.shape!s:8s} equal bit for bit")


if __name__ == "__main__":
    main()
