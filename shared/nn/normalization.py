"""Normalisation of each sample by itself. Names and defaults are torch's."""

import math

from ..ops.norms import vector_norm
from ..ops.promotion import inexact
from ..ops.selection import maximum
from ..primitives.arithmetic import sqrt
from ..primitives.normalization import layer_norm as normalized_rows
from ..primitives.reduction import mean
from ..primitives.shape import ones, reshape, zeros


def layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    """(x - mean) / √(variance + eps) weight + bias over the last axes. Ba, Kiros and Hinton 2016.

    x: (..., *normalized_shape); weight and bias: normalized_shape, or None. The variance is biased.

    >>> import numpy as np
    >>> layer_norm(np.array([[1.0, 3.0]]), (2,), eps=0.0)
    array([[-1.,  1.]])
    """
    x = inexact(x)
    shape = normalized_axes("layer_norm", x, normalized_shape, weight=weight, bias=bias)
    k = math.prod(shape)
    w = ones(x, (k,)) if weight is None else reshape(weight, shape=(k,))
    b = zeros(x, (k,)) if bias is None else reshape(bias, shape=(k,))
    rows = math.prod(x.shape[: len(x.shape) - len(shape)])
    z = normalized_rows(reshape(x, shape=(rows, k)), w, b, eps=float(eps))
    return reshape(z, shape=tuple(x.shape))


def rms_norm(x, normalized_shape, weight=None, eps=None):
    """x / √(mean(x²) + eps) weight over the last axes. Zhang and Sennrich 2019.

    eps: None for the precision of the dtype.

    >>> import numpy as np
    >>> rms_norm(np.array([[3.0, 3.0]]), (2,), eps=0.0)
    array([[1., 1.]])
    """
    x = inexact(x)
    shape = normalized_axes("rms_norm", x, normalized_shape, weight=weight)
    rank = len(x.shape)
    axis = tuple(range(rank - len(shape), rank))
    eps = EPSILON[x.dtype.char] if eps is None else eps
    z = x / sqrt(mean(x * x, axis=axis, keepdims=True) + eps)
    return z if weight is None else z * weight


def normalize(x, p=2.0, dim=1, eps=1e-12):
    """x / max(|x|_p, eps) along an axis; the derivative of the norm at 0 is 0.

    >>> import numpy as np
    >>> normalize(np.array([[3.0, 4.0]]))
    array([[0.6, 0.8]])
    """
    x = inexact(x)
    return x / maximum(vector_norm(x, ord=p, axis=dim, keepdims=True), eps)


EPSILON = {"e": 2.0**-10, "f": 2.0**-23, "d": 2.0**-52}


def normalized_axes(operation, x, normalized_shape, **vectors):
    """normalized_shape as a tuple; the error where x or a parameter does not have it."""
    shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    if not shape or tuple(x.shape[-len(shape) :]) != shape:
        raise ValueError(
            f"{operation}: x does not end in normalized_shape {shape} (x: {tuple(x.shape)}); "
            "make the layer with the sizes of the last axes of x"
        )
    for name, v in vectors.items():
        if v is not None and tuple(v.shape) != shape:
            raise ValueError(
                f"{operation}: {name} has shape {tuple(v.shape)} but normalized_shape is {shape}"
            )
        if v is not None and v.dtype != x.dtype:
            raise TypeError(
                f"{operation}: x is {x.dtype} but {name} is {v.dtype}; convert x with "
                f"astype({v.dtype})"
            )
    return shape
