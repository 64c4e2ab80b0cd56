"""A training step of an LSTM: mean squared error of its last hidden state, SGD."""

import numpy as np

T, B, C = 64, 32, 128  # steps, batch, width of input and of hidden state
LEARNING_RATE = 0.1


def draw():
    """(parameters by torch's names, x, y)."""
    rng = np.random.default_rng(0)
    k = C**-0.5
    shapes = {
        "weight_ih_l0": (4 * C, C), "weight_hh_l0": (4 * C, C),
        "bias_ih_l0": (4 * C,), "bias_hh_l0": (4 * C,),
    }  # fmt: skip
    params = {n: rng.uniform(-k, k, shape).astype(np.float32) for n, shape in shapes.items()}
    x = rng.standard_normal((T, B, C)).astype(np.float32)
    return params, x, rng.standard_normal((B, C)).astype(np.float32)


def stateful(face, arrays):
    """nn.LSTM, optim.SGD."""
    params, x, y = arrays
    model = face.loaded(face.torch.nn.LSTM(C, C), params)
    optimizer = face.torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)

    def loss(x, y):
        outputs, _ = model(x)
        return face.torch.nn.functional.mse_loss(outputs[-1], y)

    return face.train(loss, optimizer, (x, y))


def stateless(face, arrays):
    """A function of a dict of weights, and sgd."""
    params, x, y = arrays

    def loss(params, x, y):
        return face.mse_loss(face.lstm(params, x)[-1], y)

    return face.train(loss, face.optim.sgd(LEARNING_RATE), params, (x, y))
