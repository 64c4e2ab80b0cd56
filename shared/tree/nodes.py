"""Which types are containers, and what one container looks like: Kind and Node.

Flattening dispatches on the exact `type(x)` by one dictionary lookup, and each container is reduced
to a Node that is interned: two dicts with the same keys give the *same* Node object. A structure is
then a flat tuple of such objects, which hashes and compares at C speed, and at any depth.
"""

import enum
import types
from collections import OrderedDict, defaultdict

import numpy as np

from .paths import DictKey, FlattenedIndexKey, GetAttrKey, SequenceKey

# A bound on every cache of this package, for programs that make new keys or metadata for ever.
CACHE_SIZE = 4096
_caches: list[dict] = []


def new_cache():
    """An empty dict that `remember` keeps small."""
    cache = {}
    _caches.append(cache)
    return cache


def remember(cache, key, value):
    """cache.setdefault(key, value), so that threads agree; a full cache has all of them emptied.

    All, because what was interned before and after are different objects, though still equal: they
    must not mix.
    """
    if len(cache) >= CACHE_SIZE:
        for each in _caches:
            each.clear()
    return cache.setdefault(key, value)


class UnsortableKeys(TypeError):
    """Raised where the path is not known; the traversal turns it into a TypeError that names it."""


class Kind:
    """One type of container: how to take it apart, name its children, and put it together again.

    expand(x) -> (Node, children); build(metadata, children) -> x; entries(node, x) -> path keys,
    which may depend on x only where not `fixed_entries`; describe(node) -> the noun for errors.
    """

    __slots__ = ("build", "cls", "describe", "entries", "expand", "fixed_entries")

    def __init__(self, cls, expand, build, entries=None, describe=None, fixed_entries=True):
        self.cls, self.expand, self.build = cls, expand, build
        self.entries, self.fixed_entries = entries or _flat_indices, fixed_entries
        self.describe = describe or _describe_registered


class Node:
    """One container without its children.  `metadata` is what `build` needs; compared by identity.

    `interned` says that an equal node will be this very object until the caches are emptied.
    """

    __slots__ = ("arity", "interned", "kind", "metadata")

    def __init__(self, kind, metadata, arity, interned=False):
        self.kind, self.metadata, self.arity, self.interned = kind, metadata, arity, interned

    def same(self, other):
        """Whether both are the same kind of container with equal metadata and as many children."""
        if self is other:
            return True
        if self.kind.cls is not other.kind.cls or self.arity != other.arity:
            return False
        try:
            return bool(self.metadata == other.metadata)
        except ValueError as error:  # an array's == is an array, which is neither true nor false
            raise ValueError(
                f"tree: the metadata of {self.kind.cls.__name__} cannot be compared: {error}; "
                "give arrays as children, or wrap them in an object with an == of its own"
            ) from None


def intern(kind, metadata, arity):
    """The Node of these parts: the one made before where the metadata allows it, else a new one."""
    try:
        key = (kind.cls, arity, _exactly(metadata))
    except TypeError:
        return Node(kind, metadata, arity)
    node = _nodes.get(key)
    return node or remember(_nodes, key, Node(kind, metadata, arity, interned=True))


_nodes = new_cache()
_PLAIN = {str, bytes, int, bool, type(None)}
_UNIQUE = (type, np.dtype, np.ufunc, enum.Enum, types.BuiltinFunctionType)


def _exactly(value):
    """A hashable stand-in that is equal only for values that may replace each other.

    1 == True and 0.0 == -0.0, yet a tree that was flattened with one must not come back with the
    other; so types are part of the key and floats go by their text.  TypeError for values of other
    types, which would be kept alive by the cache: a closure may hold any number of arrays.
    """
    kind = type(value)
    if kind is tuple:
        return (tuple, *map(_exactly, value))
    if kind is float:
        return (float, repr(value))
    plain_function = kind is types.FunctionType and value.__closure__ is None
    if kind in _PLAIN or plain_function or isinstance(value, _UNIQUE):
        return (kind, value)
    raise TypeError(kind)


class _Expanders(dict):
    """Exact type -> its Kind's `expand`, or None for a leaf.

    Leaf types are learned on first sight, here and in `leaf_types`.
    """

    def __missing__(self, cls):
        if issubclass(cls, tuple) and hasattr(cls, "_fields") and hasattr(cls, "_make"):
            return add_kind(_namedtuple_kind(cls)).expand
        self[cls] = None
        leaf_types.add(cls)
        return None


expanders = _Expanders()
leaf_types: set[type] = set()
kinds: dict[type, Kind] = {}


def add_kind(kind):
    """Enter a Kind into the tables; from now on its type is a container."""
    kinds[kind.cls] = kind
    expanders[kind.cls] = kind.expand
    leaf_types.discard(kind.cls)
    return kind


# ---- the containers that need no registration


def _expand_none(x):
    return _NONE, ()


def _expand_dict(x):
    keys = tuple(x)
    node = _dict_nodes.get(keys) or _dict_node(keys)
    return node, map(x.__getitem__, node.metadata)


# Keys in any order -> Node, for keys of type str only: (0, 1) == (False, True), and a tree
# must come back with its own. (An enumeration's 'a' does pass for 'a', as it does in a dict.)
_dict_nodes = new_cache()


def _dict_node(keys):
    node = intern(_DICT, sorted_keys(keys), len(keys))
    return remember(_dict_nodes, keys, node) if has_plain_keys(node) else node


def has_plain_keys(node):
    """False for a dict with a key that is no str."""
    return node.kind.cls is not dict or all(type(key) is str for key in node.metadata)


def sorted_keys(keys):
    """The keys in order, as a tuple; UnsortableKeys where < is not defined between them."""
    try:
        return tuple(sorted(keys))
    except TypeError:
        raise UnsortableKeys(f"{list(keys)}") from None


def _sequence_kind(cls):
    nodes = new_cache()

    def expand(x):
        length = len(x)
        node = nodes.get(length) or remember(nodes, length, intern(kind, None, length))
        return node, x

    def describe(node):
        return f"{cls.__name__} of length {node.arity}"

    kind = Kind(cls, expand, lambda _, children: cls(children), _positions, describe)
    return kind


def _namedtuple_kind(cls):
    def expand(x):
        return node, x

    def describe(node):
        return f"{cls.__name__}({', '.join(cls._fields)})"

    def entries(node, x):
        return map(GetAttrKey, cls._fields)

    kind = Kind(cls, expand, lambda _, children: cls._make(children), entries, describe)
    node = intern(kind, None, len(cls._fields))
    return kind


def _expand_ordered(x):
    keys = tuple(x)
    return intern(_ORDERED, keys, len(keys)), x.values()


def _expand_default(x):
    keys = sorted_keys(x)
    return intern(_DEFAULT, (x.default_factory, keys), len(keys)), map(x.__getitem__, keys)


def _positions(node, x):
    return map(SequenceKey, range(node.arity))


def _flat_indices(node, x):
    return map(FlattenedIndexKey, range(node.arity))


def _describe_registered(node):
    text = f"{node.kind.cls.__name__} with {node.arity} children"
    return text if node.metadata in (None, ()) else f"{text} and metadata {node.metadata!r}"


_NONE_KIND = add_kind(
    Kind(type(None), _expand_none, lambda _, children: None, describe=lambda node: "None")
)
_NONE = intern(_NONE_KIND, None, 0)
_LIST = add_kind(_sequence_kind(list))
_TUPLE = add_kind(_sequence_kind(tuple))
_DICT = add_kind(
    Kind(
        dict,
        _expand_dict,
        build=lambda keys, children: dict(zip(keys, children, strict=True)),
        entries=lambda node, x: map(DictKey, node.metadata),
        describe=lambda node: f"dict with keys {list(node.metadata)}",
    )
)
_ORDERED = add_kind(
    Kind(
        OrderedDict,
        _expand_ordered,
        build=lambda keys, children: OrderedDict(zip(keys, children, strict=True)),
        entries=lambda node, x: map(DictKey, node.metadata),
        describe=lambda node: f"OrderedDict with keys {list(node.metadata)}",
    )
)
_DEFAULT = add_kind(
    Kind(
        defaultdict,
        _expand_default,
        build=lambda data, children: defaultdict(data[0], zip(data[1], children, strict=True)),
        entries=lambda node, x: map(DictKey, node.metadata[1]),
        describe=lambda node: f"defaultdict({node.metadata[0]}) with keys {list(node.metadata[1])}",
    )
)
