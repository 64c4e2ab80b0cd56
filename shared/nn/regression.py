"""Losses between numbers. Names and defaults are torch's."""

from ..ops.promotion import inexact
from ..ops.selection import where
from ..primitives.loss import mse
from .reduction import check_reduction, paired, reduced

ALL_AXES = [tuple(range(rank)) for rank in range(65)]  # NumPy has 64 axes at most


def mse_loss(input, target, reduction="mean"):
    """The mean of (x - y)² for input x and target y; "sum" for the sum, "none" for each entry.

    >>> import numpy as np
    >>> float(mse_loss(np.array([1.0, 2.0]), np.array([1.0, 4.0])))
    2.0
    """
    shape, dtype = input.shape, input.dtype
    if shape != target.shape or dtype is not target.dtype or dtype.kind != "f":
        input, target = [inexact(x) for x in paired("mse_loss", input, target)]
        if input.dtype.kind == "c":
            raise TypeError(
                f"mse_loss: of {input.dtype} numbers there is no squared error without a choice; "
                "give real and imaginary parts, or abs(input - target)"
            )
    if reduction == "mean":
        return mse(input, target, axis=ALL_AXES[len(input.shape)])
    check_reduction(reduction)
    d = input - target
    return reduced(d * d, reduction)


def l1_loss(input, target, reduction="mean"):
    """The mean of |x - y|; the derivative where they are equal is 0.

    >>> import numpy as np
    >>> float(l1_loss(np.array([1.0, 2.0]), np.array([1.0, 4.0])))
    1.0
    """
    x, y = paired("l1_loss", input, target)
    return reduced(abs(x - y), reduction)


def smooth_l1_loss(input, target, reduction="mean", beta=1.0):
    """The mean of d² / (2 beta) where d = |x - y| < beta, else of d - beta / 2."""
    if beta < 0:
        raise ValueError(f"smooth_l1_loss: beta must not be negative, but is {beta}")
    if beta == 0:
        return l1_loss(input, target, reduction)
    x, y = paired("smooth_l1_loss", input, target)
    d = x - y
    return reduced(where(abs(d) < beta, d * d * (0.5 / beta), abs(d) - 0.5 * beta), reduction)


def huber_loss(input, target, reduction="mean", delta=1.0):
    """The mean of d² / 2 where d = |x - y| <= delta, else of delta (d - delta / 2)."""
    if delta <= 0:
        raise ValueError(f"huber_loss: delta must be positive, but is {delta}")
    x, y = paired("huber_loss", input, target)
    d = x - y
    return reduced(where(abs(d) <= delta, d * d * 0.5, delta * (abs(d) - 0.5 * delta)), reduction)
