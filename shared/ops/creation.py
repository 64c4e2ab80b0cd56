"""New arrays like a given one: its shape, dtype and device, and nothing of its history."""

import numpy as np

from ..dispatch import Value, bottom
from ..primitives.reduction import broadcast_to
from .axes import array
from .promotion import astype, with_rank
from .shape import shape_tuple


def _like(a, dtype, shape, operation):
    """(an array of the kind, shape, dtype) of what is to be made."""
    x = array(a, operation)
    shape = tuple(x.shape) if shape is None else shape_tuple(operation, shape)
    return bottom(x), shape, x.dtype if dtype is None else np.dtype(dtype)


def zeros_like(a, dtype=None, order="K", subok=True, shape=None, *, device=None):
    """Zeros in the shape of a, an array also where a is traced.

    >>> zeros_like(np.ones(2))
    array([0., 0.])
    """
    like, shape, dtype = _like(a, dtype, shape, "zeros_like")
    return np.zeros_like(like, shape=shape, dtype=dtype)


def ones_like(a, dtype=None, order="K", subok=True, shape=None, *, device=None):
    """Ones in the shape of a, an array also where a is traced.

    >>> ones_like(np.zeros(2))
    array([1., 1.])
    """
    like, shape, dtype = _like(a, dtype, shape, "ones_like")
    return np.ones_like(like, shape=shape, dtype=dtype)


def empty_like(prototype, dtype=None, order="K", subok=True, shape=None, *, device=None):
    """Zeros in the shape of prototype: what nobody set is 0, not chance.

    >>> empty_like(np.ones(2)).shape
    (2,)
    """
    return zeros_like(prototype, dtype, shape=shape)


def full_like(a, fill_value, dtype=None, order="K", subok=True, shape=None, *, device=None):
    """fill_value, which may be traced, in the shape of a.

    >>> full_like(np.ones(2), 5.0)
    array([5., 5.])
    """
    like, shape, dtype = _like(a, dtype, shape, "full_like")
    if not isinstance(fill_value, Value):
        return np.full_like(like, fill_value, shape=shape, dtype=dtype)
    return broadcast_to(with_rank(astype(fill_value, dtype), len(shape)), shape=shape)
