"""vmap on pytrees."""

from functools import wraps

from ..shared import batching, tree
from ..shared.errors import describe
from ..shared.primitives.reduction import broadcast_to
from ..shared.primitives.shape import reshape, transpose
from .arguments import array_leaf, check_callable, returned_leaves


def vmap(fun, in_axes=0, out_axes=0, axis_size=None):
    """fun over one axis of its arguments at once: equal to a loop, without one.

    in_axes: the axis to map, None for an argument that all calls share; an int, or a pytree prefix
    of the positional arguments; keyword arguments are mapped over axis 0. out_axes: where the batch
    stands in the outputs (None: the output may not depend on it). vmap nests.

    >>> import numpy as np
    >>> vmap(lambda x, y: x @ y, in_axes=(0, None))(np.ones((3, 2)), np.ones(2))
    array([2., 2., 2.])
    """
    check_callable("vmap", fun)

    @wraps(fun)
    def wrapped(*args, **kwargs):
        leaves, structure = tree.flatten((args, kwargs))
        leaves = [array_leaf("vmap", x) for x in leaves]
        axes = argument_axes(in_axes, args, kwargs)
        size = batch_size(leaves, axes, axis_size, (args, kwargs))
        payloads = [
            x if axis is None else to_front(x, axis) for x, axis in zip(leaves, axes, strict=True)
        ]
        returned = []

        def flat(*traced):
            given, named = tree.unflatten(structure, traced)
            outs, out_structure = tree.flatten(fun(*given, **named))
            returned[:] = [out_structure]
            return returned_leaves("vmap", outs, out_structure)

        outs, made = batching.vmap(flat, payloads, [axis is not None for axis in axes], size)
        return tree.unflatten(returned[0], placed(outs, made, out_axes, returned[0], size))

    return wrapped


def argument_axes(in_axes, args, kwargs):
    """The mapped axis of every leaf, or None."""
    in_axes = tuple(in_axes) if isinstance(in_axes, list) else in_axes
    if isinstance(in_axes, tuple) and len(in_axes) != len(args):
        raise ValueError(
            f"vmap: in_axes has {len(in_axes)} entries but the function got {len(args)} positional "
            "argument(s)"
        )
    axes = prefixed("in_axes", in_axes, args)
    return axes + [0] * len(tree.leaves(kwargs))


def prefixed(name, axes, values):
    """One axis per leaf of `values`; `axes` is a pytree prefix of them."""
    try:
        found = tree.broadcast_prefix(axes, values, is_leaf=is_none)
    except ValueError as error:
        reason = str(error).removeprefix("tree.broadcast_prefix: ")
        raise ValueError(f"vmap: {name} is no prefix of what it maps: {reason}") from None
    for axis in found:
        if axis is not None and not isinstance(axis, int):
            raise TypeError(f"vmap: {name} holds integers and None, but a leaf is {axis!r}")
    return found


def is_none(x):
    """None stands for 'not mapped', so it is a leaf here."""
    return x is None


def batch_size(leaves, axes, axis_size, arguments):
    """The one size of all mapped axes; ValueError with the paths where they differ."""
    sizes = {}
    for i, (x, axis) in enumerate(zip(leaves, axes, strict=True)):
        if axis is None:
            continue
        if not -len(x.shape) <= axis < len(x.shape):
            raise ValueError(
                f"vmap: {leaf_name(arguments, i)} has no axis {axis} to map: it is {describe(x)}; "
                "pass in_axes=None for it to be shared"
            )
        sizes.setdefault(x.shape[axis], i)
    if len(sizes) > 1:
        given = ", ".join(f"{leaf_name(arguments, i)} has {n}" for n, i in sizes.items())
        raise ValueError(f"vmap: the mapped axes have different sizes: {given}")
    if not sizes and axis_size is None:
        raise ValueError("vmap: no argument is mapped; give one an axis in in_axes, or axis_size=")
    return next(iter(sizes), axis_size)


def leaf_name(arguments, i):
    """'argument 0' with the path inside it, for an error."""
    path = tree.path_string(tree.leaves_with_path(arguments)[i][0]).split(".")
    name = f"argument {path[1]}" if path[0] == "0" else f"argument {path[1]!r}"
    return name + (f" at {'.'.join(path[2:])!r}" if path[2:] else "")


def to_front(x, axis):
    """x with one axis moved to the front."""
    rank = len(x.shape)
    axis %= rank
    if axis == 0:
        return x
    return transpose(x, axes=(axis, *[a for a in range(rank) if a != axis]))


def placed(outs, made, out_axes, structure, size):
    """The outputs with the batch where out_axes wants it, repeated where there is none."""
    axes = prefixed("out_axes", out_axes, tree.unflatten(structure, outs))
    return [
        place(x, batched, axis, size) for x, batched, axis in zip(outs, made, axes, strict=True)
    ]


def place(x, batched, axis, size):
    """One output, its leading batch axis moved to `axis`."""
    if axis is None:
        if batched:
            raise ValueError(
                f"vmap: out_axes is None for an output that depends on the batch, {describe(x)}; "
                "give it an axis"
            )
        return x
    if not batched:
        x = broadcast_to(reshape(x, shape=(1, *x.shape)), shape=(size, *x.shape))
    rank = len(x.shape)
    if not -rank <= axis < rank:
        raise ValueError(f"vmap: out_axes is {axis} but the output has {rank} axes with the batch")
    axis %= rank
    if axis == 0:
        return x
    order = list(range(1, rank))
    order.insert(axis, 0)
    return transpose(x, axes=tuple(order))
