"""Batch normalisation."""

import numpy as np

from ...shared.nn import batch_norm as formulas
from ..grad_mode import no_grad
from ..inplace import become
from ..tensor import Tensor
from . import init
from .module import Module
from .parameter import Parameter, zeros


class BatchNorm1d(Module):
    """(x - mean) / √(variance + eps) weight + bias, for each channel of x: (N, C) or (N, C, L).

    In training mode with the mean and the biased variance of the batch, which also move the running
    ones: by `momentum` (None: all batches weigh the same) towards the mean and the unbiased
    variance. In evaluation mode with the running ones.
    """

    ranks = (2, 3)

    def __init__(
        self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True,
        device=None, dtype=None, *, bias=True,
    ):  # fmt: skip
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        for name, wanted in (("weight", affine), ("bias", affine and bias)):
            array = zeros((num_features,), dtype, device)
            self.register_parameter(name, Parameter(array) if wanted else None)
        tracked = track_running_stats
        for name in ("running_mean", "running_var"):
            array = zeros((num_features,), dtype, device)
            self.register_buffer(name, Tensor(array) if tracked else None)
        count = zeros((), np.int64, device)
        self.register_buffer("num_batches_tracked", Tensor(count) if tracked else None)
        self.reset_parameters()

    def reset_parameters(self):
        """Weight 1, bias 0, and no batch seen so far."""
        if self.track_running_stats:
            init.zeros_(self.running_mean)
            init.ones_(self.running_var)
            init.zeros_(self.num_batches_tracked)
        if self.affine:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def forward(self, x):
        if len(x.shape) not in self.ranks or x.shape[1] != self.num_features:
            raise ValueError(
                f"{type(self).__name__}: x has shape {tuple(x.shape)}, but (N, "
                f"{self.num_features}{', ...' * (max(self.ranks) > 2)}) is needed, with "
                f"{' or '.join(map(str, self.ranks))} axes; a sample alone, as under vmap, has no "
                "batch statistics: call eval(), or with purify pass train=False"
            )
        if self.training or not self.track_running_stats:
            mean, variance, n = formulas.moments(x)
            if self.training and self.track_running_stats:
                self._track(mean, formulas.unbiased(variance, n))
        else:
            mean, variance = self.running_mean, self.running_var
        return formulas.normalize(x, mean, variance, self.weight, self.bias, self.eps)

    def _track(self, mean, variance):
        """Move the running statistics towards those of a batch."""
        with no_grad():
            become(self.num_batches_tracked, self.num_batches_tracked + 1, "batch_norm")
            weight = self.momentum
            if weight is None:
                weight = 1.0 / self.num_batches_tracked.to(self.running_mean.dtype)
            for old, new in ((self.running_mean, mean), (self.running_var, variance)):
                become(old, formulas.running(old, new.detach(), weight), "batch_norm")

    def extra_repr(self):
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )
