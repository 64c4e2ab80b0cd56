"""gelu(1.1 x + 0.3) * sigmoid(x) + x, forward, over 10^6 float32."""

import numpy as np


def draw(approximate):
    """(which GELU, "none" or "tanh", as torch calls them; x)."""
    return approximate, np.random.default_rng(0).standard_normal(10**6).astype(np.float32)


def stateful(face, arrays):
    """Without gradients."""
    approximate, x = arrays
    torch = face.torch

    def chain(x):
        gelu = torch.nn.functional.gelu(1.1 * x + 0.3, approximate=approximate)
        return gelu * torch.sigmoid(x) + x

    return face.call(chain, (x,))


def stateless(face, arrays):
    """Plain functions."""
    approximate, x = arrays

    def chain(x):
        return face.gelu(1.1 * x + 0.3, approximate=approximate) * face.sigmoid(x) + x

    return face.call(chain, (x,))
