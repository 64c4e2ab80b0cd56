"""Batch normalisation. Ioffe and Szegedy 2015; defaults are torch's.

# N samples, C channels; x: (N, C) or (N, C, ...)
"""

import math

from ..primitives.arithmetic import sqrt
from ..primitives.reduction import mean as mean_over
from ..primitives.shape import reshape


def reduced_axes(x):
    """All axes but that of the channels."""
    if len(x.shape) < 2:
        raise ValueError(f"batch_norm: x has samples and channels, (N, C, ...) (x: {x.shape})")
    return (0, *range(2, len(x.shape)))


def moments(x):
    """(mean, biased variance, number of entries) of each channel.

    ValueError where a channel has a single entry, as it has no variance.
    """
    axis = reduced_axes(x)
    n = math.prod([x.shape[a] for a in axis])
    if n < 2:
        raise ValueError(
            f"batch_norm: in training mode each channel needs more than {n} entries "
            f"(x: {tuple(x.shape)}); give a larger batch, or call eval(), with purify train=False: "
            "under vmap a sample is a batch of its own"
        )
    mean = mean_over(x, axis=axis, keepdims=False)
    centred = x - on_channels(mean, x)
    return mean, mean_over(centred * centred, axis=axis, keepdims=False), n


def on_channels(v, x):
    """v: (C,) in a shape that broadcasts against x."""
    return reshape(v, shape=(1, *v.shape, *[1] * (len(x.shape) - 2)))


def normalize(x, mean, variance, weight=None, bias=None, eps=1e-5):
    """(x - mean) / √(variance + eps) weight + bias, channel by channel."""
    z = (x - on_channels(mean, x)) / on_channels(sqrt(variance + eps), x)
    if weight is not None:
        z = z * on_channels(weight, x)
    return z if bias is None else z + on_channels(bias, x)


def running(old, new, momentum):
    """The running average, in which the new value weighs `momentum`."""
    return old * (1 - momentum) + new * momentum


def unbiased(variance, n):
    """The variance as it is estimated for the population."""
    return variance * (n / (n - 1))
