"""Convolutional layers."""

from ...shared.nn import convolution as formulas
from ...shared.nn.convolution import conv1d, conv2d, conv_transpose2d, per_axis
from ...shared.nn.initializers import fan_in_uniform, fans
from ...shared.random import fold_in
from .fit import check_leaves
from .layer import Layer, parameter_dtype, placed

__all__ = ["Conv1d", "Conv2d", "ConvTranspose2d", "conv1d", "conv2d", "conv_transpose2d"]


def layer(name, axes, weight_shape, out_channels, formula, bias, weight_init, bias_init):
    """weight and bias, and formula(x, weight, bias). weight_shape: of the channels of x, or None.

    Raises ValueError where an example has no axis of channels.
    """

    def init(key, x):
        if len(x.shape) <= axes:
            raise ValueError(
                f"{name}: x has {len(x.shape)} axes, so there are no channels to start from "
                f"(x: {tuple(x.shape)})"
            )
        shape, dtype = weight_shape(x.shape[-axes - 1]), parameter_dtype(x)
        params = {"weight": weight_init(fold_in(key, 0), shape, dtype)}
        if bias and bias_init is None:
            fan_in = fans(shape)[0]
            params["bias"] = fan_in_uniform(fold_in(key, 1), (out_channels,), dtype, fan_in=fan_in)
        elif bias:
            params["bias"] = bias_init(fold_in(key, 1), (out_channels,), dtype)
        return placed(params, x)

    shapes = {"weight": weight_shape(None)} | ({"bias": (out_channels,)} if bias else {})

    def apply(params, x):
        check_leaves(name, params, shapes)
        return formula(x, params["weight"], params["bias"] if bias else None)

    return Layer(init, apply)


def divided(name, label, channels, groups):
    """The channels of one group; None where they are not known."""
    if channels is not None and channels % groups:
        raise ValueError(f"{name}: {groups} groups do not divide {label}={channels}")
    return None if channels is None else channels // groups


def _conv(name, axes, out_channels, kernel_size, groups, formula, *options):
    kernel = per_axis(name, "kernel_size", kernel_size, axes, 1)
    divided(name, "out_channels", out_channels, groups)

    def weight_shape(channels):
        return (out_channels, divided(name, "in_channels", channels, groups), *kernel)

    return layer(name, axes, weight_shape, out_channels, formula, *options)


def Conv2d(
    out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True,
    weight_init=fan_in_uniform, bias_init=None,
):  # fmt: skip
    """z[n, o] = bias[o] + sum over u, i, j of weight[o, u, i, j] x[n, u, r s + i d, c s + j d].

    x: (N, in, H, W) -> (N, out_channels, h, w); params: weight (out_channels, in / groups, k, l)
    and bias (out_channels,), drawn from U(-k, k), k = fan_in^-½, unless initializers are given.

    >>> import numpy as np
    >>> from wonderland.shared import random
    >>> params = Conv2d(8, 3).init(random.key(0), np.ones((1, 2, 5, 5), np.float32))
    >>> {name: p.shape for name, p in params.items()}
    {'weight': (8, 2, 3, 3), 'bias': (8,)}
    """

    def formula(x, weight, b):
        return formulas.conv2d(x, weight, b, stride, padding, dilation, groups)

    options = bias, weight_init, bias_init
    return _conv("Conv2d", 2, out_channels, kernel_size, groups, formula, *options)


def Conv1d(
    out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True,
    weight_init=fan_in_uniform, bias_init=None,
):  # fmt: skip
    """As Conv2d, of signals: x (N, in, L), weight (out_channels, in / groups, k)."""

    def formula(x, weight, b):
        return formulas.conv1d(x, weight, b, stride, padding, dilation, groups)

    options = bias, weight_init, bias_init
    return _conv("Conv1d", 1, out_channels, kernel_size, groups, formula, *options)


def ConvTranspose2d(
    out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1, bias=True,
    dilation=1, weight_init=fan_in_uniform, bias_init=None,
):  # fmt: skip
    """The transpose of Conv2d in its x: (N, in, h, w) -> (N, out_channels, H, W).

    params: weight (in, out_channels / groups, k, l) and bias (out_channels,).
    """
    name = "ConvTranspose2d"
    kernel = per_axis(name, "kernel_size", kernel_size, 2, 1)
    per_group = divided(name, "out_channels", out_channels, groups)

    def weight_shape(channels):
        divided(name, "in_channels", channels, groups)
        return (channels, per_group, *kernel)

    def formula(x, weight, b):
        return formulas.conv_transpose2d(
            x, weight, b, stride, padding, output_padding, groups, dilation
        )

    return layer(name, 2, weight_shape, out_channels, formula, bias, weight_init, bias_init)
