"""To look at a function or value without differentiating it: eval_shape, is_traced."""

from ..shared import abstract, tree
from ..shared.dispatch import Value
from .arguments import array_leaf, is_number, returned_leaves


def eval_shape(fun, *args, **kwargs):
    """The result of fun(*args, **kwargs), with a ShapeDtype (.shape, .dtype) for every array.

    No array is made and nothing is computed. Arguments may be arrays, numbers or ShapeDtypes, in
    pytrees; leaves of other kinds are given to fun as they are.

    >>> import numpy as np
    >>> eval_shape(lambda x: x @ x.T, np.zeros((1000, 3), np.float32))
    ShapeDtype(float32[1000,1000])
    """
    leaves, structure = tree.flatten((args, kwargs))
    leaves = [array_leaf("eval_shape", x) if is_number(x) else x for x in leaves]
    shaped = [i for i, x in enumerate(leaves) if has_shape(x)]
    returned = []

    def flat(*traced):
        full = list(leaves)
        for i, x in zip(shaped, traced, strict=True):
            full[i] = x
        given, named = tree.unflatten(structure, full)
        outs, out_structure = tree.flatten(fun(*given, **named))
        returned[:] = [out_structure]
        return returned_leaves("eval_shape", outs, out_structure)

    outs = abstract.eval_shape(flat, [leaves[i] for i in shaped])
    return tree.unflatten(returned[0], outs)


def has_shape(x):
    """True for arrays, Values and whatever else has a shape and a dtype."""
    return hasattr(x, "shape") and hasattr(x, "dtype")


def is_traced(x):
    """True where a transform watches x, or an array in the pytree x.

    >>> is_traced([1.0, 2.0])
    False
    """
    return any(isinstance(leaf, Value) for leaf in tree.leaves(x))
