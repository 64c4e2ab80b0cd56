"""The same entries in another arrangement: reshape and transpose, each the inverse of its own kind."""

import math

import numpy as np

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
    lambda x, *, shape: np.reshape(x, shape),
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
    """The permutation that undoes `axes`."""
    return tuple(sorted(range(len(axes)), key=axes.__getitem__))


# z[i, j, ...] = x with its axes in the order `axes`
transpose = linear(
    "transpose",
    lambda x, *, axes: np.transpose(x, axes),
    shape=_transpose_shape,
    transpose=lambda gz, axes: transpose(gz, axes=inverse_permutation(axes)),
    batch=lambda args, batched, axes: transpose(args[0], axes=(0, *[a + 1 for a in axes])),
    view=True,
)
