"""Parameters in two parts, of which one is trained; and together again."""

from ..shared import tree


def partition(params, chosen):
    """(the chosen leaves, the rest), each of the structure of params with None for the others.

    chosen: names, such as pure.trainable, or a function of a name ('encoder.0.weight'). None is an
    empty subtree: transforms and optimisers pass over it, so that the rest gets no gradient and no
    weight decay. KeyError for a name that params does not have.

    >>> train, frozen = partition({"head.bias": 1.0, "body.bias": 2.0}, lambda n: n[0] == "h")
    >>> train, frozen
    ({'body.bias': None, 'head.bias': 1.0}, {'body.bias': 2.0, 'head.bias': None})
    >>> combine(train, frozen)
    {'body.bias': 2.0, 'head.bias': 1.0}
    """
    leaves, structure = tree.flatten(params)
    names = [tree.path_string(path) for path, _ in tree.leaves_with_path(params)]
    if callable(chosen):
        flags = [bool(chosen(name)) for name in names]
    else:
        chosen = {chosen} if isinstance(chosen, str) else set(chosen)
        unknown = sorted(map(str, chosen - set(names)))
        if unknown:
            raise KeyError(f"partition: params has no {', '.join(map(repr, unknown))}")
        flags = [name in chosen for name in names]
    pairs = list(zip(leaves, flags, strict=True))
    return (
        structure.unflatten([x if flag else None for x, flag in pairs]),
        structure.unflatten([None if flag else x for x, flag in pairs]),
    )


def combine(*parts):
    """What `partition` took apart: at each place the leaf that is not None.

    ValueError, with its path, for a place where not exactly one part has a leaf.
    """
    columns = [tree.flatten_with_path(part, is_leaf=is_none) for part in parts]
    structure = columns[0][1]
    others = [structure.flatten_up_to(part, "combine") for part in parts[1:]]
    found = []
    for (path, first), *rest in zip(columns[0][0], *others, strict=True):
        given = [x for x in (first, *rest) if x is not None]
        if len(given) != 1:
            raise ValueError(
                f"combine: {len(given)} of {len(parts)} parts have a leaf at "
                f"{tree.path_string(path)!r}; exactly one must"
            )
        found += given
    return structure.unflatten(found)


def is_none(x):
    """None stands for a leaf of another part."""
    return x is None
