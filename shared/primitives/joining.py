"""Joining and taking apart: concatenate and split, stack and unstack, each a pair of transposes."""

import numpy as np

from .primitive import linear
from .reduction import batch_size, with_batch


def _same(name, xs, shapes):
    if not xs:
        raise ValueError(f"{name}: there is nothing to join; give one array or more")
    for i, shape in enumerate(shapes):
        if shape != shapes[0]:
            raise ValueError(
                f"{name}: argument {i} does not fit argument 0 "
                f"({i}: {tuple(xs[i].shape)}, 0: {tuple(xs[0].shape)})"
            )


def _no_axis(name, axis, shape):
    return ValueError(f"{name}: x has no axis {axis} (x: {tuple(shape)})")


def _concatenate_shape(*xs, axis):
    for x in xs:
        if not 0 <= axis < len(x.shape):
            raise _no_axis("concatenate", axis, x.shape)
    _same("concatenate", xs, [(*x.shape[:axis], *x.shape[axis + 1 :]) for x in xs])
    total = np.add.reduce([x.shape[axis] for x in xs])
    return (*xs[0].shape[:axis], int(total), *xs[0].shape[axis + 1 :])


def _joined_batch(args, batched, axis):
    n = batch_size(args, batched)
    return [with_batch(a, flag, n) for a, flag in zip(args, batched, strict=True)]


# z: the xs one after another along `axis`
concatenate = linear(
    "concatenate",
    lambda *xs, axis: np.concatenate(xs, axis),
    shape=_concatenate_shape,
    transpose=lambda gz, xs_shape, axis: split(
        gz, axis=axis, sizes=tuple([shape[axis] for shape in xs_shape])
    ),
    batch=lambda args, batched, axis: concatenate(
        *_joined_batch(args, batched, axis), axis=axis + 1
    ),
)


def _split(x, *, axis, sizes):
    before, pieces, start = (slice(None),) * axis, [], 0
    for n in sizes:
        pieces.append(x[(*before, slice(start, start + n))])
        start += n
    return tuple(pieces)


def _split_shape(x, *, axis, sizes):
    if not 0 <= axis < len(x.shape):
        raise _no_axis("split", axis, x.shape)
    if sum(sizes) != x.shape[axis]:
        raise ValueError(
            f"split: sizes {sizes} do not add up to {x.shape[axis]} on axis {axis} (x: {x.shape})"
        )
    return [(*x.shape[:axis], n, *x.shape[axis + 1 :]) for n in sizes]


# the pieces of x along `axis`, of the given sizes; views
split = linear(
    "split",
    _split,
    shape=_split_shape,
    transpose=lambda gz, axis: concatenate(*gz, axis=axis),
    batch=lambda args, batched, axis, sizes: split(args[0], axis=axis + 1, sizes=sizes),
    outputs="many",
    view=True,
)


def _stack_shape(*xs, axis):
    _same("stack", xs, [tuple(x.shape) for x in xs])
    if not 0 <= axis <= len(xs[0].shape):
        raise ValueError(f"stack: the result has no axis {axis} (each x: {tuple(xs[0].shape)})")
    return (*xs[0].shape[:axis], len(xs), *xs[0].shape[axis:])


# z: the xs side by side along a new axis
stack = linear(
    "stack",
    lambda *xs, axis: np.stack(xs, axis),
    shape=_stack_shape,
    transpose=lambda gz, axis: unstack(gz, axis=axis),
    batch=lambda args, batched, axis: stack(*_joined_batch(args, batched, axis), axis=axis + 1),
)


def _unstack(x, *, axis):
    before = (slice(None),) * axis
    return tuple([x[(*before, slice(i, i + 1))].squeeze(axis) for i in range(x.shape[axis])])


def _unstack_shape(x, *, axis):
    if not 0 <= axis < len(x.shape):
        raise _no_axis("unstack", axis, x.shape)
    return [(*x.shape[:axis], *x.shape[axis + 1 :])] * x.shape[axis]


# the slices of x along `axis`, which goes; views
unstack = linear(
    "unstack",
    _unstack,
    shape=_unstack_shape,
    transpose=lambda gz, axis: stack(*gz, axis=axis),
    batch=lambda args, batched, axis: unstack(args[0], axis=axis + 1),
    outputs="many",
    view=True,
)
