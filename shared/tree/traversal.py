"""From a tree to its leaves and its structure, in one of three ways.

A guess: programs flatten trees of the same few structures again and again, so the last structure of
a tree that looked like this one at the top is tried; its compiled match() does all the work.
The fast way: a recursion that tracks nothing.
The careful way: a loop that keeps the path. It starts over where the fast way stumbles (keys
without an order, containers nested deeper than Python recurses, a container inside itself), goes to
any depth and can say where the trouble lies.
"""

from .nodes import UnsortableKeys, expanders, leaf_types, new_cache, remember
from .paths import place
from .structures import structure_of, unlink, unsortable

# How many levels lie between two searches for a container among its own ancestors.
CYCLE_SEARCH_DISTANCE = 500


def flatten(tree, is_leaf=None):
    """(leaves, structure): the leaves in order, and what `unflatten` needs to put them back.

    Containers are None (it has no leaves), list, tuple, dict (by sorted key), OrderedDict (in its
    own order), defaultdict, namedtuples and registered classes; anything else is a leaf, subclasses
    of these included unless registered, as in jax.  is_leaf(x) true makes a leaf of a container.
    TypeError for keys without an order, ValueError for a container inside itself; both name the
    path.

    >>> from wonderland.shared import tree
    >>> leaves, structure = tree.flatten({"weight": 1.0, "bias": (2.0, None)})
    >>> leaves
    [2.0, 1.0]
    >>> tree.unflatten(structure, leaves)
    {'bias': (2.0, None), 'weight': 1.0}
    """
    return _flatten(tree, is_leaf, "tree.flatten")


def leaves(tree, is_leaf=None):
    """The leaves in order.  `is_leaf` as for `flatten`.

    >>> from wonderland.shared import tree
    >>> tree.leaves({"weight": 1.0, "bias": (2.0, None)})
    [2.0, 1.0]
    """
    return _flatten(tree, is_leaf, "tree.leaves")[0]


def structure(tree, is_leaf=None):
    """The Structure: the tree without its leaves.  `is_leaf` as for `flatten`.

    >>> from wonderland.shared import tree
    >>> tree.structure({"weight": 1.0, "bias": (2.0, None)})
    Structure({'bias': (*, None), 'weight': *})
    """
    return _flatten(tree, is_leaf, "tree.structure")[1]


def flatten_with_path(tree, is_leaf=None):
    """([(path, leaf), ...], structure).  A path is a tuple of keys, see `path_string`.

    >>> from wonderland.shared import tree
    >>> pairs, structure = tree.flatten_with_path({"layers": [1.0, 2.0]})
    >>> [(tree.path_string(path), leaf) for path, leaf in pairs]
    [('layers.0', 1.0), ('layers.1', 2.0)]
    """
    paths, leaves, structure = flatten_to_parts(tree, is_leaf, "tree.flatten_with_path")
    return list(zip(paths, leaves, strict=True)), structure


def flatten_to_parts(tree, is_leaf, operation):
    """(paths, leaves, structure) of a tree."""
    leaves, structure = _flatten(tree, is_leaf, operation)
    paths = structure.paths()
    if paths is None:  # a class that names the children of each instance differently
        paths = [unlink(link) for link in walk(tree, is_leaf, operation)[0]]
    return paths, leaves, structure


def _flatten(tree, is_leaf, operation):
    """(leaves, structure) by the fastest way that can be had."""
    if is_leaf is not None:
        return _flatten_fast(tree, is_leaf, operation)
    cls = type(tree)
    if cls is dict:
        look = tuple(tree)
    elif cls is tuple or cls is list:
        look = (cls, *map(type, tree))
    else:
        look = cls
    guess = _guesses.get(look)
    if guess is not None:
        try:
            leaves = guess.match(tree)
        except KeyError:
            pass
        else:
            if leaf_types.issuperset(map(type, leaves)):
                return leaves, guess
    leaves, structure = _flatten_fast(tree, None, operation)
    if (structure.match is not None or structure.compile()) and structure.exact:
        _guesses.pop(look, None)
        remember(_guesses, look, structure)
    return leaves, structure


# What a tree looks like at the top -> a compiled structure that such a tree had.
_guesses = new_cache()


def _flatten_fast(tree, is_leaf, operation):
    leaves, tokens = [], []
    try:
        _descend((tree,), is_leaf, leaves, tokens)
    except (UnsortableKeys, RecursionError):
        _, leaves, tokens = walk(tree, is_leaf, operation)
    return leaves, structure_of(tuple(tokens))


def _descend(children, is_leaf, leaves, tokens):
    for child in children:
        expand = expanders[type(child)]
        if expand is None or (is_leaf is not None and is_leaf(child)):
            leaves.append(child)
            tokens.append(None)
        else:
            node, grandchildren = expand(child)
            tokens.append(node)
            _descend(grandchildren, is_leaf, leaves, tokens)


def walk(tree, is_leaf, operation):
    """(links, leaves, tokens) by a loop; a link is the path of its leaf, for `unlink`."""
    links, leaves, tokens = [], [], []
    stack = [((), tree, None)]
    while stack:
        link, x, above = stack.pop()
        expand = expanders[type(x)]
        if expand is None or (is_leaf is not None and is_leaf(x)):
            links.append(link)
            leaves.append(x)
            tokens.append(None)
            continue
        try:
            node, children = expand(x)
        except UnsortableKeys as error:
            raise unsortable(operation, link, error) from None
        tokens.append(node)
        if not node.arity:
            continue
        ancestors = _ancestors(x, above, link, operation)
        keys = node.kind.entries(node, x)
        below = [((link, key), child, ancestors) for key, child in zip(keys, children, strict=True)]
        stack += reversed(below)
    return links, leaves, tokens


def _ancestors(x, above, link, operation):
    """(depth, x, those above): refuses an x that is among those above."""
    depth = above[0] + 1 if above else 1
    outermost, other = None, above if depth % CYCLE_SEARCH_DISTANCE == 0 else None
    while other:
        if other[1] is x:
            outermost = other
        other = other[2]
    if outermost:
        path = unlink(link)[: outermost[0] - 1]
        raise ValueError(f"{operation}: the {type(x).__name__} {place(path)} contains itself")
    return depth, x, above
