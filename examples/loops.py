"""Loops and branches as operations: a recurrent network by scan, trained under jit.

python examples/loops.py
"""

import numpy as np

from wonderland import functional as wf
from wonderland.functional import lax, optim

HIDDEN, STEPS, BATCH = 16, 30, 32


def init(key):
    """Parameters of a recurrent network with one input and one output."""
    one, two, three = wf.random.split(key, 3)
    return {
        "input": wf.random.normal(one, (HIDDEN, 1)) * 0.5,
        "state": wf.random.normal(two, (HIDDEN, HIDDEN)) / np.float32(np.sqrt(HIDDEN)),
        "output": wf.random.normal(three, (1, HIDDEN)) * 0.3,
    }


def network(params, xs):
    """(STEPS,) -> (STEPS,): the state goes from step to step, an output comes at each."""

    def step(h, x):
        h = np.tanh(params["state"] @ h + params["input"] @ x)
        return h, params["output"] @ h

    return lax.scan(step, np.zeros(HIDDEN, np.float32), xs[:, None])[1][:, 0]


def loss(params, xs, ys):
    """The mean squared error over a batch of sequences."""
    return ((wf.vmap(network, (None, 0))(params, xs) - ys) ** 2).mean()


def draw(key):
    """Noise, and its running mean: something to remember."""
    xs = wf.random.normal(key, (BATCH, STEPS))
    decay = np.float32(0.8)
    mean = lambda m, x: (decay * m + (1 - decay) * x,) * 2  # noqa: E731
    return xs, wf.vmap(lambda xs: lax.scan(mean, 0.0, xs)[1])(xs)


def train(steps=150):
    """(losses, parameters) of the training; the loop over time is one equation of the graph."""
    adam = optim.adam(1e-2)

    @wf.jit
    def update(params, state, xs, ys):
        value, gradients = wf.value_and_grad(loss)(params, xs, ys)
        updates, state = adam.update(gradients, state, params)
        return value, optim.apply_updates(params, updates), state

    params = init(wf.random.key(0))
    state, losses = adam.init(params), []
    for i in range(steps):
        value, params, state = update(params, state, *draw(wf.random.key(i + 1)))
        losses.append(float(value))
    return losses, params


def main():
    losses, _ = train()
    print(f"a recurrent network learns a running mean: loss {losses[0]:.4f} -> {losses[-1]:.4f}")
    assert losses[-1] < 0.1 * losses[0]

    # how often until it converges? For each element of a batch; and how the result changes
    def root(a):
        going = lambda x: abs(x * x - a) > 1e-12  # noqa: E731
        return lax.while_loop(going, lambda x: (x + a / x) / 2, 1 + 0 * a, max_steps=30)

    a = np.array([2.0, 9.0, 400.0])
    print("roots", wf.vmap(root)(a), "and their slopes", wf.vmap(wf.grad(root))(a))
    assert np.allclose(wf.vmap(wf.grad(root))(a), 0.5 / np.sqrt(a))

    # each element takes its branch; log never sees the others
    safe = wf.vmap(lambda x: lax.cond(x > 0, np.log, lambda x: -10 + 0 * x, x))
    print("log where there is one:", safe(np.array([1.0, -1.0, np.e])))


if __name__ == "__main__":
    main()
