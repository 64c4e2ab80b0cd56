"""The Hessian of a logistic regression's loss, 200 weights, 1000 samples: forward over reverse."""

import numpy as np


def draw():
    """(w, x, signs)."""
    rng = np.random.default_rng(0)
    w = 0.1 * rng.standard_normal(200).astype(np.float32)
    x = rng.standard_normal((1000, 200)).astype(np.float32)
    return w, x, rng.choice([-1, 1], 1000).astype(np.float32)


def stateful(face, arrays):
    """torch.func.hessian, which is jacfwd of jacrev."""
    if not hasattr(face.torch, "func"):
        raise AttributeError("no torch.func here: functional.hessian is that")
    softplus = face.torch.nn.functional.softplus

    def loss(w, x, signs):
        return softplus(-signs * (x @ w)).mean()

    return face.call(face.torch.func.hessian(loss), arrays)


def stateless(face, arrays):
    """hessian, which is jacfwd of jacrev."""

    def loss(w, x, signs):
        return face.softplus(-signs * (x @ w)).mean()

    return face.call(face.hessian(loss), arrays)
