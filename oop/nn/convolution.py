"""Convolutional layers."""

from ...shared.nn import convolution as formulas
from ...shared.nn import initializers
from ...shared.nn.convolution import check_setting, per_axis
from . import init
from .module import Module
from .parameter import Parameter, zeros


class Convolution(Module):
    """What convolutional layers share: settings, weight and bias. Abstract."""

    axes = 2
    transposed = False
    output_padding = 0

    def __init__(
        self, in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias,
        padding_mode, device, dtype,
    ):  # fmt: skip
        super().__init__()
        name = type(self).__name__
        if padding_mode != "zeros":
            raise ValueError(
                f"{name}: padding_mode is {padding_mode!r}, but only 'zeros' is supported; pad the "
                "input before"
            )
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size = per_axis(name, "kernel_size", kernel_size, self.axes, 1)
        self.stride = per_axis(name, "stride", stride, self.axes, 1)
        self.dilation = per_axis(name, "dilation", dilation, self.axes, 1)
        (self.groups,) = per_axis(name, "groups", groups, 1, 1)
        self.padding, self.padding_mode = padding, padding_mode
        if isinstance(padding, str):
            check_setting(name, padding)
        else:
            self.padding = per_axis(name, "padding", padding, self.axes, 0)
        self._make_parameters(name, bias, device, dtype)

    def _make_parameters(self, name, bias, device, dtype):
        for label in ("in_channels", "out_channels"):
            if getattr(self, label) % self.groups:
                raise ValueError(
                    f"{name}: {self.groups} groups do not divide {label}={getattr(self, label)}"
                )
        lead = (self.out_channels, self.in_channels)
        first, second = lead[::-1] if self.transposed else lead
        shape = (first, second // self.groups, *self.kernel_size)
        self.weight = Parameter(zeros(shape, dtype, device))
        self.register_parameter(
            "bias", Parameter(zeros((self.out_channels,), dtype, device)) if bias else None
        )
        self.reset_parameters()

    def reset_parameters(self):
        """Draw new weights: U(-k, k), k = fan_in^-½, which is Kaiming's with a = √5."""
        fan_in = initializers.fans(tuple(self.weight.shape))[0]
        for parameter in (self.weight, self.bias):
            if parameter is not None:
                init.fill(parameter, initializers.fan_in_uniform, fan_in=fan_in)

    def extra_repr(self):
        text = (
            f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, "
            f"stride={self.stride}"
        )
        usual = {"padding": 0, "dilation": 1, "output_padding": 0}
        for name, least in usual.items():
            value = getattr(self, name)
            if value not in (least, (least,) * self.axes):
                text += f", {name}={value}"
        text += f", groups={self.groups}" if self.groups != 1 else ""
        return text + (", bias=False" if self.bias is None else "")


class Conv2d(Convolution):
    """z[n, o] = bias[o] + sum over u, i, j of weight[o, u, i, j] x[n, u, r s + i d, c s + j d].

    x: (N, in_channels, H, W) -> (N, out_channels, h, w); weight: (out_channels,
    in_channels / groups, k, l). padding: zeros on each side, 'valid' or 'same'.

    >>> Conv2d(1, 32, 3, padding=1)
    Conv2d(1, 32, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    """

    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1,
        bias=True, padding_mode="zeros", device=None, dtype=None,
    ):  # fmt: skip
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias,
            padding_mode, device, dtype,
        )  # fmt: skip

    def forward(self, x):
        return formulas.conv2d(
            x, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups
        )


class Conv1d(Convolution):
    """As Conv2d, of signals (N, in_channels, L) -> (N, out_channels, l).

    >>> Conv1d(2, 4, 5, bias=False)
    Conv1d(2, 4, kernel_size=(5,), stride=(1,), bias=False)
    """

    axes = 1

    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1,
        bias=True, padding_mode="zeros", device=None, dtype=None,
    ):  # fmt: skip
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias,
            padding_mode, device, dtype,
        )  # fmt: skip

    def forward(self, x):
        return formulas.conv1d(
            x, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups
        )


class ConvTranspose2d(Convolution):
    """The transpose of Conv2d in its input: from small images to large ones.

    x: (N, in_channels, h, w) -> (N, out_channels, H, W); weight: (in_channels,
    out_channels / groups, k, l).

    >>> ConvTranspose2d(8, 4, 2, stride=2)
    ConvTranspose2d(8, 4, kernel_size=(2, 2), stride=(2, 2))
    """

    transposed = True

    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0,
        groups=1, bias=True, dilation=1, padding_mode="zeros", device=None, dtype=None,
    ):  # fmt: skip
        if isinstance(padding, str):
            raise ValueError(
                f"ConvTranspose2d: padding is {padding!r}, but numbers are needed: its result has "
                "no size of its own to keep"
            )
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias,
            padding_mode, device, dtype,
        )  # fmt: skip
        name = type(self).__name__
        self.output_padding = per_axis(name, "output_padding", output_padding, 2, 0)

    def forward(self, x):
        return formulas.conv_transpose2d(
            x, self.weight, self.bias,
            self.stride, self.padding, self.output_padding, self.groups, self.dilation,
        )  # fmt: skip
