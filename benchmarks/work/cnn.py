"""A training step of a small CNN: two 3x3 convolutions with ReLU and pooling, linear, Adam."""

import numpy as np

N, CLASSES = 64, 10  # images of 1x28x28
LEARNING_RATE = 1e-3


def draw():
    """(parameters by torch's names, images, labels)."""
    rng = np.random.default_rng(0)
    shapes = {"0": (32, 1, 3, 3), "3": (64, 32, 3, 3), "7": (CLASSES, 64 * 7 * 7)}
    params = {}
    for name, shape in shapes.items():
        k = np.prod(shape[1:]) ** -0.5
        params[f"{name}.weight"] = rng.uniform(-k, k, shape).astype(np.float32)
        params[f"{name}.bias"] = rng.uniform(-k, k, shape[0]).astype(np.float32)
    images = rng.standard_normal((N, 1, 28, 28)).astype(np.float32)
    return params, images, rng.integers(0, CLASSES, N)


def stateful(face, arrays):
    """nn.Sequential, cross_entropy, optim.Adam."""
    params, images, labels = arrays
    nn = face.torch.nn
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64 * 7 * 7, CLASSES),
    )  # fmt: skip
    face.loaded(model, params)

    def loss(images, labels):
        return nn.functional.cross_entropy(model(images), labels)

    return face.train(loss, face.adam(model.parameters(), LEARNING_RATE), (images, labels))


def stateless(face, arrays):
    """A function of a dict of weights, and adam."""
    params, images, labels = arrays

    def loss(params, images, labels):
        x = images
        for name in ("0", "3"):
            x = face.conv2d(x, params[f"{name}.weight"], params[f"{name}.bias"], padding=1)
            x = face.max_pool2d(face.relu(x), 2)
        x = face.linear(x.reshape(N, -1), params["7.weight"], params["7.bias"])
        return face.cross_entropy(x, labels)

    return face.train(loss, face.optim.adam(LEARNING_RATE), params, (images, labels))
