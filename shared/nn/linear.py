"""Linear maps with weights as torch lays them out: (out, in)."""

import math

from ..primitives.contraction import affine, matmul
from ..primitives.shape import reshape, swap_last


def linear(x, weight, bias=None):
    """x Wᵀ + b.  x: (..., in), weight: (out, in), bias: (out,) or None -> (..., out).

    ValueError where the sizes differ, TypeError where the dtypes do.

    >>> import numpy as np
    >>> linear(np.array([[1.0, 2.0]]), np.array([[3.0, 4.0], [5.0, 6.0]]), np.array([0.0, 1.0]))
    array([[11., 18.]])
    """
    shape = x.shape
    if len(shape) == 2 and bias is not None and x.dtype is weight.dtype is bias.dtype:
        try:  # the hot path: what does not fit is looked for when it has failed
            return affine(x, weight, bias)
        except ValueError:
            check_linear(x, weight, bias)
            raise
    check_linear(x, weight, bias)
    if len(shape) != 2:
        x = reshape(x, shape=(math.prod(shape[:-1]), shape[-1]))
    z = matmul(x, swap_last(weight)) if bias is None else affine(x, weight, bias)
    return z if len(shape) == 2 else reshape(z, shape=(*shape[:-1], weight.shape[0]))


def check_linear(x, weight, bias):
    """The error that names both sizes, or both dtypes, where they do not fit."""
    if not x.shape or x.shape[-1] != weight.shape[-1]:
        features = f"{x.shape[-1]} features" if x.shape else "no axes"
        raise ValueError(
            f"linear: x has {features} but weight takes {weight.shape[-1]} "
            f"(x: {tuple(x.shape)}, weight: {tuple(weight.shape)})"
        )
    for name, w in (("weight", weight), ("bias", bias)):
        if w is not None and w.dtype != x.dtype:
            model = f" (the model: model.to({x.dtype}))" if x.dtype.kind in "fc" else ""
            raise TypeError(
                f"linear: x is {x.dtype} but {name} is {w.dtype}; convert x with "
                f"astype({w.dtype}){model}"
            )
