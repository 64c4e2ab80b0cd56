"""Normalisation of each sample by itself."""

from ...shared.nn import normalization as formulas
from . import init
from .module import Module
from .parameter import Parameter, zeros


class Normalization(Module):
    """What both share: the sizes of the last axes, and a weight (and bias) of that shape."""

    def __init__(self, normalized_shape, eps, affine, bias, device, dtype):
        super().__init__()
        alone = isinstance(normalized_shape, int)
        self.normalized_shape = (normalized_shape,) if alone else tuple(normalized_shape)
        self.eps, self.elementwise_affine = eps, affine
        for name, wanted in (("weight", affine), ("bias", bias)):
            if wanted is not None:
                array = zeros(self.normalized_shape, dtype, device)
                self.register_parameter(name, Parameter(array) if wanted else None)
        self.reset_parameters()

    def reset_parameters(self):
        """Weight 1 and bias 0."""
        for name, p in self.named_parameters():
            init.constant_(p, 1 if name == "weight" else 0)


class LayerNorm(Normalization):
    """(x - mean) / √(variance + eps) weight + bias over the last axes.

    x: (..., *normalized_shape); weight and bias: normalized_shape.

    >>> LayerNorm(3)
    LayerNorm((3,), eps=1e-05, elementwise_affine=True, bias=True)
    """

    def __init__(
        self, normalized_shape, eps=1e-5, elementwise_affine=True, bias=True, device=None,
        dtype=None,
    ):  # fmt: skip
        affine = elementwise_affine
        super().__init__(normalized_shape, eps, affine, bias and affine, device, dtype)

    def forward(self, x):
        return formulas.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self):
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"
        )


class RMSNorm(Normalization):
    """x / √(mean(x²) + eps) weight over the last axes of x: (..., *normalized_shape).

    eps: None for the precision of the dtype.
    """

    def __init__(
        self, normalized_shape, eps=None, elementwise_affine=True, device=None, dtype=None
    ):
        super().__init__(normalized_shape, eps, elementwise_affine, None, device, dtype)

    def forward(self, x):
        return formulas.rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self):
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
        )
