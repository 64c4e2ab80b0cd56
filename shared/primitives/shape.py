"""The same entries in another arrangement: reshape, transpose and flip; triangles of a matrix."""

import math

import numpy as np

from ..dispatch import bottom
from .primitive import linear


def _reshape_shape(x, *, shape):
    if math.prod(shape) != math.prod(x.shape):
        raise ValueError(
            f"reshape: {math.prod(x.shape)} entries do not fill shape {shape} (x: {x.shape})"
        )
    return shape


# z has the entries of x, in C order, in another shape
reshape = linear(
    "reshape",
    lambda x, *, shape: x.reshape(shape),
    shape=_reshape_shape,
    transpose=lambda gz, x_shape: reshape(gz, shape=x_shape),
    batch=lambda args, batched, shape: reshape(args[0], shape=(args[0].shape[0], *shape)),
    view=True,
)


def _transpose_shape(x, *, axes):
    if sorted(axes) != list(range(len(x.shape))):
        raise ValueError(
            f"transpose: axes {axes} are no permutation of the {len(x.shape)} axes of x: {x.shape}"
        )
    return tuple(x.shape[a] for a in axes)


def inverse_permutation(axes):
    """The permutation that undoes `axes`.

    >>> inverse_permutation((2, 0, 1))
    (1, 2, 0)
    """
    return tuple(sorted(range(len(axes)), key=axes.__getitem__))


# z[i, j, ...] = x with its axes in the order `axes`
transpose = linear(
    "transpose",
    lambda x, *, axes: x.transpose(axes),
    shape=_transpose_shape,
    transpose=lambda gz, axes: transpose(gz, axes=inverse_permutation(axes)),
    batch=lambda args, batched, axes: transpose(args[0], axes=(0, *[a + 1 for a in axes])),
    view=True,
)


def moved(rank, source, target):
    """The permutation of `rank` axes that puts the axis `source` at `target`.

    >>> moved(4, 0, 2)
    (1, 2, 0, 3)
    """
    axes = [a for a in range(rank) if a != source]
    axes.insert(target, source)
    return tuple(axes)


def swap_last(x):
    """x with its last two axes exchanged; a view."""
    if x.__class__ is np.ndarray:
        return x.swapaxes(-1, -2)
    rank = len(x.shape)
    return transpose(x, axes=(*range(rank - 2), rank - 1, rank - 2))


def flip_shape(x, *, axes):
    """The shape of x, which has every axis of `axes`."""
    absent = [a for a in axes if not 0 <= a < len(x.shape)]
    if absent:
        raise ValueError(f"flip: x has no axis {absent[0]} (x: {x.shape})")
    return x.shape


# z = x with the order of entries reversed along `axes`
flip = linear(
    "flip",
    lambda x, *, axes: np.flip(x, axes),
    shape=flip_shape,
    transpose=lambda gz, axes: flip(gz, axes=axes),
    batch=lambda args, batched, axes: flip(args[0], axes=tuple(a + 1 for a in axes)),
    view=True,
)


def _matrix_shape(name):
    def shape(x, *, k):
        if len(x.shape) < 2:
            raise ValueError(
                f"{name}: a matrix is needed, but x has {len(x.shape)} axes: {x.shape}"
            )
        return x.shape

    return shape


# z[..., i, j] = x[..., i, j] where j - i <= k, else an exact 0
tril = linear(
    "tril",
    lambda x, *, k: np.tril(x, k),
    shape=_matrix_shape("tril"),
    transpose=lambda gz, k: tril(gz, k=k),
    batch=lambda args, batched, k: tril(args[0], k=k),
)


# z[..., i, j] = x[..., i, j] where j - i >= k, else an exact 0
triu = linear(
    "triu",
    lambda x, *, k: np.triu(x, k),
    shape=_matrix_shape("triu"),
    transpose=lambda gz, k: triu(gz, k=k),
    batch=lambda args, batched, k: triu(args[0], k=k),
)


def zeros(like, shape):
    """Zeros in `shape` with the dtype and on the device of `like`; never traced."""
    return np.zeros_like(bottom(like), shape=shape, dtype=like.dtype)


def ones(like, shape):
    """Ones in `shape` with the dtype and on the device of `like`; never traced."""
    return np.ones_like(bottom(like), shape=shape, dtype=like.dtype)
