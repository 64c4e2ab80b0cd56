"""What lax calls otherwise than NumPy, or NumPy does not have."""

import numpy as np

from ...shared import ops, tree


def select(pred, on_true, on_false):
    """on_true where pred holds, else on_false; the branch not taken gets a derivative of zero.

    >>> select(np.array([True, False]), np.zeros(2), np.ones(2))
    array([0., 1.])
    """
    return ops.where(pred, on_true, on_false)


def concatenate(operands, dimension):
    """The operands one after another along an axis."""
    return ops.concatenate(operands, dimension)


def rsqrt(x):
    """1 / √x."""
    return 1 / ops.sqrt(x)


def map(f, xs):
    """f of one entry after another along the leading axis of every leaf; the results are stacked.

    As vmap(f)(xs), but one call at a time: for what vmap does not take, or to save memory.

    >>> map(lambda x: x + 1, np.arange(3))
    array([1, 2, 3])
    """
    leaves, structure = tree.flatten(xs)
    sizes = {x.shape[:1] for x in leaves}
    if len(sizes) != 1 or not next(iter(sizes)):
        raise ValueError(
            f"lax.map: all leaves need a leading axis of one size, but their shapes are "
            f"{[tuple(x.shape) for x in leaves]}"
        )
    results = [f(structure.unflatten([x[i] for x in leaves])) for i in range(leaves[0].shape[0])]
    if not results:
        raise ValueError("lax.map: the leading axis is empty, so that nothing can be stacked")
    return tree.map(lambda *entries: np.stack(entries), results[0], *results[1:])
