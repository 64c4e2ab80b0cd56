"""Clipping of gradients."""

from ...shared import tree
from ...shared.ops.selection import clip as clipped_to
from ...shared.optim import clipping, number
from .transformation import stateless


def clip(max_delta):
    """Each entry of the updates within [-max_delta, max_delta].

    >>> import numpy as np
    >>> clip(1.0).update({"w": np.float32(-3.0)}, ())[0]
    {'w': np.float32(-1.0)}
    """
    if not max_delta >= 0:
        raise ValueError(f"clip: max_delta is {max_delta} but must not be negative")
    bound = number(max_delta)
    return stateless(
        lambda updates, params: tree.map(lambda u: clipped_to(u, -bound, bound), updates)
    )


def global_norm(updates):
    """The 2-norm of all entries of a pytree together."""
    return clipping.global_norm(tree.leaves(updates))


def clip_by_global_norm(max_norm):
    """Scale all updates so that their common norm is at most max_norm.

    The factor is torch's, min(1, max_norm / (norm + 1e-6)), as in clip_grad_norm_.

    >>> import numpy as np
    >>> updates, _ = clip_by_global_norm(1.0).update([np.float64(3.0), np.float64(4.0)], ())
    >>> [round(float(u), 5) for u in updates]
    [0.6, 0.8]
    """

    def clipped(updates, params):
        factor = clipping.clip_factor(global_norm(updates), max_norm)
        return tree.map(lambda u: u * factor.astype(u.dtype), updates)

    return stateless(clipped)
