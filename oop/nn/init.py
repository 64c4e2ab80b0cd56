"""Initial values, drawn in place, under torch.nn.init's names.

Each draw takes one key from the generator given, or from the one that `oop.manual_seed` seeds.
"""

import numpy as np

from ...shared.backend import host
from ...shared.dispatch import bottom
from ...shared.nn import initializers
from ..random import next_key
from .parameter import overwrite

calculate_gain = initializers.calculate_gain


def fill(tensor, draw, generator=None, **options):
    """Overwrite the tensor with draw(key, shape, dtype, **options); returns the tensor."""
    key = next_key(generator=generator)
    overwrite(tensor, draw(key, tuple(tensor.shape), tensor.dtype, **options))
    return tensor


def uniform_(tensor, a=0.0, b=1.0, generator=None):
    """U(a, b)."""
    return fill(tensor, initializers.uniform, generator, low=a, high=b)


def normal_(tensor, mean=0.0, std=1.0, generator=None):
    """N(mean, std²)."""
    return fill(tensor, initializers.normal, generator, mean=mean, std=std)


def trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, generator=None):
    """N(mean, std²), given that the value lies in [a, b]."""
    return fill(tensor, initializers.truncated_normal, generator, mean=mean, std=std, low=a, high=b)


def constant_(tensor, val):
    """The same value everywhere.

    >>> from wonderland.oop import nn
    >>> constant_(nn.Parameter(np.zeros(2, np.float32)), 3.0)
    Parameter containing:
    tensor([3., 3.], requires_grad=True)
    """
    overwrite(tensor, val)
    return tensor


def zeros_(tensor):
    """0 everywhere."""
    return constant_(tensor, 0)


def ones_(tensor):
    """1 everywhere."""
    return constant_(tensor, 1)


def eye_(tensor):
    """The identity matrix."""
    if len(tensor.shape) != 2:
        raise ValueError(f"eye_: a matrix is needed (tensor: {tuple(tensor.shape)})")
    overwrite(tensor, np.eye(*tensor.shape, dtype=host(bottom(tensor)).dtype))
    return tensor


def xavier_uniform_(tensor, gain=1.0, generator=None):
    """U(-k, k) with k = gain √(6 / (fan_in + fan_out))."""
    return fill(tensor, initializers.xavier_uniform, generator, gain=gain)


def xavier_normal_(tensor, gain=1.0, generator=None):
    """N(0, gain² 2 / (fan_in + fan_out))."""
    return fill(tensor, initializers.xavier_normal, generator, gain=gain)


def kaiming_uniform_(tensor, a=0.0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    """U(-k, k) with k = gain √(3 / fan)."""
    options = {"a": a, "mode": mode, "nonlinearity": nonlinearity}
    return fill(tensor, initializers.kaiming_uniform, generator, **options)


def kaiming_normal_(tensor, a=0.0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    """N(0, gain² / fan)."""
    options = {"a": a, "mode": mode, "nonlinearity": nonlinearity}
    return fill(tensor, initializers.kaiming_normal, generator, **options)


def orthogonal_(tensor, gain=1.0, generator=None):
    """A (semi-)orthogonal matrix, times gain."""
    return fill(tensor, initializers.orthogonal, generator, gain=gain)
