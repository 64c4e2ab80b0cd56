"""Reductions. sum and broadcast_to are each other's transpose."""

import numpy as np

from .primitive import linear
from .shape import reshape


def _broadcast_to_shape(x, *, shape):
    """Equal ranks; axes of size 1 widen."""
    if len(shape) != len(x.shape) or any(n not in (1, m) for n, m in zip(x.shape, shape, strict=True)):
        raise ValueError(f"broadcast_to: {x.shape} does not broadcast to {shape}")
    return shape


broadcast_to = linear(
    "broadcast_to",
    lambda x, *, shape: np.broadcast_to(x, shape),
    shape=_broadcast_to_shape,
    transpose=lambda gz, x_shape, shape: sum(gz, axis=widened(x_shape, shape), keepdims=True),
    batch=lambda args, batched, shape: broadcast_to(args[0], shape=(args[0].shape[0], *shape)),
    view=True,
)


def widened(narrow, wide):
    """The axes along which `narrow` has size 1 and `wide` has not."""
    return tuple(i for i, (n, m) in enumerate(zip(narrow, wide, strict=True)) if n != m)


def _sum_shape(x, *, axis, keepdims):
    kept = [1 if i in axis else n for i, n in enumerate(x.shape)]
    return tuple(kept) if keepdims else tuple(n for i, n in enumerate(kept) if i not in axis)


def expanded(shape, axis):
    """The shape with the reduced axes put back at size 1."""
    return tuple(1 if i in axis else n for i, n in enumerate(shape))


def shifted(axis):
    """Axes behind a leading batch axis."""
    return tuple(a + 1 for a in axis)


def _sum_transpose(gz, x_shape, axis):
    return broadcast_to(reshape(gz, shape=expanded(x_shape, axis)), shape=x_shape)


sum = linear(
    "sum",
    lambda x, *, axis, keepdims: np.add.reduce(x, axis=axis, keepdims=keepdims, dtype=x.dtype),
    shape=_sum_shape,
    transpose=_sum_transpose,
    batch=lambda args, batched, axis, keepdims: sum(args[0], axis=shifted(axis), keepdims=keepdims),
)
