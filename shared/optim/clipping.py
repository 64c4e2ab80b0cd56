"""Clipping by the norm of all gradients together, as torch.nn.utils.clip_grad_norm_ does it."""

import numpy as np

from ..primitives.reduction import sum as reduce_sum


def global_norm(leaves):
    """The 2-norm of all entries of all leaves; 0.0 where there are none.

    >>> global_norm([np.array([3.0]), np.array([4.0])])
    np.float64(5.0)
    """
    total = 0.0
    for x in leaves:
        squares = x * x if x.dtype.kind != "c" else (x * np.conj(x)).real
        total = total + reduce_sum(squares, axis=tuple(range(len(x.shape))), keepdims=False)
    return np.sqrt(total)


def clip_factor(norm, max_norm, eps=1e-6):
    """min(1, max_norm / (norm + eps)): what to scale gradients of this norm by."""
    return np.minimum(max_norm / (norm + eps), 1.0)
