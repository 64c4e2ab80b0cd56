"""Softmax and its logarithm: the largest entry is subtracted first, so that nothing overflows."""

from ..ops.promotion import inexact
from ..primitives import activation


def softmax(x, axis=-1):
    """exp(x) / sum(exp(x)) along an axis (or several); a slice that is -inf throughout gives NaN.

    >>> import numpy as np
    >>> softmax(np.array([0.0, 0.0, -np.inf]))
    array([0.5, 0.5, 0. ])
    """
    x = inexact(x)
    return activation.softmax(x, axis=axes_of("softmax", x, axis))


def log_softmax(x, axis=-1):
    """log(softmax(x)), accurate where softmax(x) is tiny.

    >>> import numpy as np
    >>> log_softmax(np.array([0.0, 1000.0]))
    array([-1000.,     0.])
    """
    x = inexact(x)
    return activation.log_softmax(x, axis=axes_of("log_softmax", x, axis))


def axes_of(operation, x, axis):
    """The axes as a sorted tuple of non-negative numbers."""
    rank = len(x.shape)
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    for a in axes:
        if not -rank <= a < rank:
            raise ValueError(f"{operation}: x has no axis {a} (x: {tuple(x.shape)})")
    return tuple(sorted({a % rank for a in axes}))
