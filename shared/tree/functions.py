"""What is done with trees, under jax.tree's names.

`map`, `all` and `reduce` hide the builtins in this file, as they do in jax; those of Python are
`builtins.map` and so on.
"""

import builtins
import functools

from .structures import Structure
from .traversal import flatten, flatten_to_parts, flatten_with_path, leaves, structure

_MISSING = object()


def unflatten(structure, leaves):
    """The tree of this structure with these leaves, in the order in which `flatten` gave them.

    ValueError where their number differs, TypeError where the first argument is no Structure.

    >>> from wonderland.shared import tree
    >>> leaves, structure = tree.flatten({"weight": 1.0, "bias": 2.0})
    >>> tree.unflatten(structure, [0.0, 1.0])
    {'bias': 0.0, 'weight': 1.0}
    """
    _check_structure("tree.unflatten", "structure", structure)
    return structure.unflatten(leaves)


def map(f, tree, *rest, is_leaf=None):
    """A tree of f(leaf, *leaves of the rest), leaf by leaf.

    The other trees may be deeper than the first: where it has a leaf, f gets their subtree.
    ValueError gives the path of the first difference of their structures.

    >>> from wonderland.shared import tree
    >>> tree.map(lambda x, y: x + y, {"weight": 1, "bias": [2]}, {"weight": 10, "bias": [20]})
    {'bias': [22], 'weight': 11}
    """
    columns, structure = flatten(tree, is_leaf)
    if rest:
        others = [structure.flatten_up_to(other, "tree.map") for other in rest]
        return structure.unflatten(list(builtins.map(f, columns, *others)))
    return structure.unflatten(list(builtins.map(f, columns)))


def map_with_path(f, tree, *rest, is_leaf=None):
    """A tree of f(path, leaf, *leaves of the rest); otherwise as `map`.

    >>> from wonderland.shared import tree
    >>> tree.map_with_path(lambda path, x: f"{tree.path_string(path)}={x}", {"bias": [2, 3]})
    {'bias': ['bias.0=2', 'bias.1=3']}
    """
    paths, columns, structure = flatten_to_parts(tree, is_leaf, "tree.map_with_path")
    others = [structure.flatten_up_to(other, "tree.map_with_path") for other in rest]
    return structure.unflatten(list(builtins.map(f, paths, columns, *others)))


def leaves_with_path(tree, is_leaf=None):
    """[(path, leaf), ...] in the order of `leaves`.

    >>> from wonderland.shared import tree
    >>> tree.leaves_with_path({"bias": [2]})
    [((DictKey('bias'), SequenceKey(0)), 2)]
    """
    return flatten_with_path(tree, is_leaf)[0]


def reduce(function, tree, initializer=_MISSING, is_leaf=None):
    """function(... function(function(initializer, leaf), leaf) ..., leaf), leaf after leaf.

    TypeError for a tree without leaves where no initializer is given.

    >>> from wonderland.shared import tree
    >>> tree.reduce(lambda total, x: total + x, {"weight": 1, "bias": [2, 3]}, 0)
    6
    """
    values = leaves(tree, is_leaf)
    if initializer is not _MISSING:
        return functools.reduce(function, values, initializer)
    if not values:
        raise TypeError("tree.reduce: the tree has no leaves; give an initializer")
    return functools.reduce(function, values)


def all(tree, *, is_leaf=None):
    """Whether every leaf is true; True for a tree without leaves.

    >>> from wonderland.shared import tree
    >>> tree.all({"weight": True, "bias": [True, False]})
    False
    """
    return builtins.all(leaves(tree, is_leaf))


def transpose(outer, inner, tree):
    """From `outer` of `inner` to `inner` of `outer`, both Structures.

    `inner` None: the structure of the first subtree.  ValueError where the tree is not theirs.

    >>> from wonderland.shared import tree
    >>> pairs = {"weight": (1, 2), "bias": (3, 4)}
    >>> tree.transpose(tree.structure({"weight": 0, "bias": 0}), tree.structure((0, 0)), pairs)
    ({'bias': 3, 'weight': 1}, {'bias': 4, 'weight': 2})
    """
    _check_structure("tree.transpose", "outer structure", outer)
    subtrees = outer.flatten_up_to(tree, "tree.transpose")
    if inner is None:
        if not subtrees:
            raise ValueError("tree.transpose: outer has no leaves; give the inner structure")
        inner = structure(subtrees[0])
    _check_structure("tree.transpose", "inner structure", inner)
    if not (outer.num_leaves and inner.num_leaves):
        raise ValueError(
            f"tree.transpose: outer has {outer.num_leaves} leaves and inner {inner.num_leaves}; "
            "both need at least one"
        )
    # Against the whole structure, for the path in the error to begin at the root.
    values = outer.compose(inner).flatten_up_to(tree, "tree.transpose")
    columns = [values[start :: inner.num_leaves] for start in range(inner.num_leaves)]
    return inner.unflatten([outer.unflatten(column) for column in columns])


def broadcast_prefix(prefix, tree, is_leaf=None):
    """A list as long as leaves(tree): each leaf of `prefix` as often as `tree` has leaves below it.

    ValueError gives the path where `prefix` is not the top of `tree`.

    >>> from wonderland.shared import tree
    >>> tree.broadcast_prefix((0, None), (5, None))
    [0]
    >>> tree.broadcast_prefix([0, 1], [(5, 6), {"weight": 7}])
    [0, 0, 1]
    """
    values, top = flatten(prefix, is_leaf)
    subtrees = top.flatten_up_to(tree, "tree.broadcast_prefix")
    result = []
    for value, subtree in zip(values, subtrees, strict=True):
        result += [value] * len(leaves(subtree))
    return result


def broadcast(prefix, tree, is_leaf=None):
    """A tree like `tree` whose leaves are those of `prefix`, each repeated over what is below it.

    >>> from wonderland.shared import tree
    >>> tree.broadcast([0, 1], [(5, 6), {"weight": 7}])
    [(0, 0), {'weight': 1}]
    """
    return structure(tree).unflatten(broadcast_prefix(prefix, tree, is_leaf))


def _check_structure(operation, role, value):
    if not isinstance(value, Structure):
        raise TypeError(
            f"{operation}: the {role} must be a tree.Structure, got {type(value).__name__}; "
            "make one with tree.structure(example)"
        )
