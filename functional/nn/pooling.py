"""Pooling, and each kind as a layer: max_pool2d(x, 2) and MaxPool2d(2)."""

from functools import partial

from ...shared.nn import pooling as formulas
from ...shared.nn.pooling import (
    adaptive_avg_pool2d,
    avg_pool1d,
    avg_pool2d,
    max_pool1d,
    max_pool2d,
)
from .layer import Lambda

__all__ = [
    "AdaptiveAvgPool2d", "AvgPool2d", "MaxPool1d", "MaxPool2d",
    "adaptive_avg_pool2d", "avg_pool1d", "avg_pool2d", "max_pool1d", "max_pool2d",
]  # fmt: skip


def MaxPool2d(kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
    """The largest entry of each window; of several the first takes the derivative.

    >>> import numpy as np
    >>> MaxPool2d(2).apply({}, np.arange(8.0).reshape(1, 1, 2, 4))
    array([[[[5., 7.]]]])
    """
    settings = (kernel_size, stride, padding, dilation, ceil_mode)
    return Lambda(lambda x: formulas.max_pool2d(x, *settings), "MaxPool2d")


def MaxPool1d(kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
    """As MaxPool2d, of signals (N, C, L)."""
    settings = (kernel_size, stride, padding, dilation, ceil_mode)
    return Lambda(lambda x: formulas.max_pool1d(x, *settings), "MaxPool1d")


def AvgPool2d(
    kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True,
    divisor_override=None,
):  # fmt: skip
    """The mean of each window; count_include_pad: zeros of the padding count as entries."""
    settings = (kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)
    return Lambda(lambda x: formulas.avg_pool2d(x, *settings), "AvgPool2d")


def AdaptiveAvgPool2d(output_size):
    """The mean of output_size windows per axis, as equal as can be; None keeps an axis."""
    return Lambda(
        partial(formulas.adaptive_avg_pool2d, output_size=output_size), "AdaptiveAvgPool2d"
    )
