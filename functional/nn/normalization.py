"""Normalisation of each sample by itself."""

from functools import partial

import numpy as np

from ...shared.nn import normalization as formulas
from ...shared.nn.normalization import layer_norm, normalize, rms_norm
from .fit import check_leaves
from .layer import Layer, parameter_dtype

__all__ = ["LayerNorm", "RMSNorm", "layer_norm", "normalize", "rms_norm"]


def LayerNorm(normalized_shape, eps=1e-5, elementwise_affine=True, bias=True):
    """(x - mean) / √(variance + eps) weight + bias over the last axes.

    x: (..., *normalized_shape); params: weight, all 1, and bias, all 0, of that shape.

    >>> import numpy as np
    >>> layer = LayerNorm(2)
    >>> x = np.array([[1.0, 3.0]])
    >>> layer.apply(layer.init(None, x), x).round(3)
    array([[-1.,  1.]])
    """
    values = {"weight": 1, "bias": 0} if bias else {"weight": 1}
    return _layer(
        "LayerNorm",
        formulas.layer_norm,
        normalized_shape,
        eps,
        values if elementwise_affine else {},
    )


def RMSNorm(normalized_shape, eps=None, elementwise_affine=True):
    """x / √(mean(x²) + eps) weight over the last axes.

    x: (..., *normalized_shape); params: weight, all 1, of that shape. eps: None for the precision
    of the dtype.
    """
    values = {"weight": 1} if elementwise_affine else {}
    return _layer("RMSNorm", formulas.rms_norm, normalized_shape, eps, values)


def _layer(name, formula, normalized_shape, eps, values):
    """A formula of (x, normalized_shape, *parameters), with the parameters' initial values."""
    alone = isinstance(normalized_shape, int)
    shape = (normalized_shape,) if alone else tuple(normalized_shape)
    shapes, normalized = dict.fromkeys(values, shape), partial(formula, eps=eps)

    def init(key, x):
        return {leaf: np.full(shape, v, parameter_dtype(x)) for leaf, v in values.items()}

    def apply(params, x):
        check_leaves(name, params, shapes)
        return normalized(x, shape, **params)

    return Layer(init, apply)
