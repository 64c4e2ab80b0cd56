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
    """A scan over the steps; the inputs' part of all gates is one product before it."""
    params, x, y = arrays
    np = face.numpy

    def loss(params, x, y):
        bias = params["bias_ih_l0"] + params["bias_hh_l0"]
        recurrent = params["weight_hh_l0"].T

        def cell(carry, gates):
            h, c = carry
            i, f, g, o = np.split(gates + h @ recurrent, 4, axis=-1)
            c = face.sigmoid(f) * c + face.sigmoid(i) * np.tanh(g)
            return (face.sigmoid(o) * np.tanh(c), c), None

        start = np.zeros((B, C), np.float32)
        gates = face.linear(x, params["weight_ih_l0"], bias)
        (h, _), _ = face.scan(cell, (start, start), gates)
        return face.mse_loss(h, y)

    return face.train(loss, face.optim.sgd(LEARNING_RATE), params, (x, y))
