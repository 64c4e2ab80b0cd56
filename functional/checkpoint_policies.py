"""Policies of `checkpoint`: which results of the forward pass are kept, not computed again.

A policy is policy(primitive, *operands, **static) -> bool, where operands are numbers and what has
a shape and a dtype, but no entries.
"""

from ..shared.errors import describe
from ..shared.primitives import affine, checkpoint_name, dot_general, matmul
from ..shared.schedule.selective import NEVER

__all__ = [
    "checkpoint_dots",
    "checkpoint_dots_with_no_batch_dims",
    "dots_saveable",
    "dots_with_no_batch_dims_saveable",
    "everything_saveable",
    "nothing_saveable",
    "save_anything_except_these_names",
    "save_only_these_names",
]


def everything_saveable(primitive, *operands, **static):
    """Keep all: as without a checkpoint."""
    return True


def nothing_saveable(primitive, *operands, **static):
    """Keep the arguments alone: as without a policy."""
    return False


def dots_saveable(primitive, *operands, **static):
    """Keep matrix products, which are dear; what is entrywise is cheap."""
    return primitive in (matmul, affine, dot_general)


def dots_with_no_batch_dims_saveable(primitive, *operands, **static):
    """Keep products of two matrices; those of stacks (attention's) grow with the batch."""
    if primitive is dot_general:
        return static["batch"] == ((), ())
    return dots_saveable(primitive) and all(len(x.shape) <= 2 for x in operands)


checkpoint_dots = dots_saveable
checkpoint_dots_with_no_batch_dims = dots_with_no_batch_dims_saveable


def save_only_these_names(*names):
    """Keep the values that `checkpoint_name` gave one of these names.

    >>> import numpy as np
    >>> from wonderland.functional import checkpoint, checkpoint_name, grad
    >>> def f(x):
    ...     return checkpoint_name(x * x, "square") * x
    >>> float(grad(checkpoint(f, policy=save_only_these_names("square")))(2.0))
    12.0
    """
    names = checked("save_only_these_names", names)
    return lambda primitive, *operands, **static: (
        primitive is checkpoint_name and static["name"] in names
    )


def save_anything_except_these_names(*names):
    """Keep all but the values that `checkpoint_name` gave one of these names."""
    names = checked("save_anything_except_these_names", names)
    return lambda primitive, *operands, **static: (
        NEVER if primitive is checkpoint_name and static["name"] in names else True
    )


def checked(policy, names):
    """The names as a set; TypeError for what is no name."""
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"{policy}: names are strings, but one is {describe(name)}")
    return frozenset(names)
