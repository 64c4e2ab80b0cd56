"""How a class of the user's becomes a container."""

import operator

from .nodes import Kind, add_kind, intern, kinds
from .paths import GetAttrKey


def register_pytree_node(cls, flatten, unflatten, flatten_with_keys=None):
    """flatten(x) -> (children, metadata); unflatten(metadata, children) -> x.

    The metadata must have ==, and a hash where structures are hashed; it says what two trees must
    share to be mapped over together.  flatten_with_keys(x) -> ([(path key, child), ...], metadata)
    gives the children names in error messages.  TypeError if `cls` is no class, ValueError if it is
    a container already.

    >>> from wonderland.shared import tree
    >>> class Interval:
    ...     def __init__(self, low, high):
    ...         self.low, self.high = low, high
    >>> tree.register_pytree_node(
    ...     Interval, lambda x: ((x.low, x.high), None), lambda _, ends: Interval(*ends)
    ... )
    >>> tree.leaves([Interval(1, 2), 3])
    [1, 2, 3]
    """
    check_new("register_pytree_node", cls)

    def expand(x):
        children, metadata = _pair(cls, "flatten", flatten(x))
        children = tuple(children)
        return intern(kind, metadata, len(children)), children

    def entries(node, x):
        keys = [key for key, _ in _pair(cls, "flatten_with_keys", flatten_with_keys(x))[0]]
        if len(keys) != node.arity:
            raise ValueError(
                f"tree: flatten_with_keys of {_name(cls)} names {len(keys)} children "
                f"but flatten gives {node.arity}"
            )
        return keys

    def build(metadata, children):
        return unflatten(metadata, tuple(children))

    if flatten_with_keys is None:
        kind = add_kind(Kind(cls, expand, build))
    else:
        kind = add_kind(Kind(cls, expand, build, entries, fixed_entries=False))


def register_pytree_with_keys(cls, flatten_with_keys, unflatten, flatten=None):
    """As register_pytree_node, for classes that name their children; `flatten` is then optional."""
    if flatten is None:

        def flatten(x):
            pairs, metadata = _pair(cls, "flatten_with_keys", flatten_with_keys(x))
            return [child for _, child in pairs], metadata

    register_pytree_node(cls, flatten, unflatten, flatten_with_keys)


def register_pytree_node_class(cls):
    """Decorator: the class flattens itself.

    It needs tree_flatten(self) -> (children, metadata) and the classmethod
    tree_unflatten(metadata, children).

    >>> from wonderland.shared import tree
    >>> @tree.register_pytree_node_class
    ... class Pair:
    ...     def __init__(self, left, right):
    ...         self.left, self.right = left, right
    ...     def tree_flatten(self):
    ...         return (self.left, self.right), None
    ...     @classmethod
    ...     def tree_unflatten(cls, metadata, children):
    ...         return cls(*children)
    >>> tree.leaves(Pair(1, [2, 3]))
    [1, 2, 3]
    """
    for name in ("tree_flatten", "tree_unflatten"):
        if not hasattr(cls, name):
            raise TypeError(
                f"register_pytree_node_class: {_name(cls)} has no method {name}; it needs "
                "tree_flatten(self) and the classmethod tree_unflatten(metadata, children)"
            )
    register_pytree_node(cls, cls.tree_flatten, cls.tree_unflatten)
    return cls


def register_static(cls):
    """Make instances of `cls` part of the structure, without leaves; they need == and a hash."""
    register_pytree_node(cls, lambda x: ((), x), lambda x, _: x)
    return cls


def register_dataclass(cls=None, data_fields=None, meta_fields=None):
    """Make a dataclass a container: its data fields are children, its meta fields are metadata.

    Without lists, a field declared with field(metadata={"static": True}) is meta, any other is
    data; one list implies the other.  Fields with init=False are left to the constructor, which is
    called with keywords.  Usable as @register_dataclass, and with arguments too.
    TypeError for what is no dataclass, ValueError for lists that are not its fields.

    >>> from wonderland.shared import tree
    >>> from dataclasses import dataclass
    >>> @tree.register_dataclass(meta_fields=["name"])
    ... @dataclass
    ... class Linear:
    ...     weight: float
    ...     name: str
    >>> tree.map(lambda x: 2 * x, Linear(1.5, "first"))
    Linear(weight=3.0, name='first')
    """
    if cls is None:
        return lambda cls: register_dataclass(cls, data_fields, meta_fields)
    check_new("register_dataclass", cls)
    data, meta = _split_fields(cls, data_fields, meta_fields)
    get_data, get_meta = _getter(data), _getter(meta)

    def expand(x):
        return intern(kind, get_meta(x), len(data)), get_data(x)

    def build(metadata, children):
        fields = dict(zip(data, children, strict=True))
        fields.update(zip(meta, metadata, strict=True))
        return cls(**fields)

    def entries(node, x):
        return [GetAttrKey(name) for name in data]

    def describe(node):
        shown = [f"{name}={value!r}" for name, value in zip(meta, node.metadata, strict=True)]
        return f"{cls.__name__}({', '.join([*data, *shown])})"

    kind = add_kind(Kind(cls, expand, build, entries, describe))
    return cls


def check_new(operation, cls):
    """Refuse what is no class, or a class that is a container already."""
    if not isinstance(cls, type):
        raise TypeError(f"{operation}: expected a class, got {cls!r}")
    if cls in kinds:
        raise ValueError(f"{operation}: {_name(cls)} is registered as a pytree node already")


def _split_fields(cls, data, meta):
    """(data, meta) as tuples of names that together are the fields of the constructor."""
    # The attribute and the name of the marker are what dataclasses.fields() looks at; importing
    # dataclasses would cost more than the rest of this package.
    declared = getattr(cls, "__dataclass_fields__", None)
    if declared is None:
        raise TypeError(
            f"register_dataclass: {_name(cls)} is not a dataclass; decorate it with "
            "@dataclass below @register_dataclass"
        )
    fields = {
        name: field
        for name, field in declared.items()
        if field._field_type.name == "_FIELD" and field.init
    }
    if data is None and meta is None:
        meta = [name for name, field in fields.items() if field.metadata.get("static", False)]
    if data is None:
        data = [name for name in fields if name not in meta]
    if meta is None:
        meta = [name for name in fields if name not in data]
    if sorted([*data, *meta]) != sorted(fields):
        raise ValueError(
            f"register_dataclass: data fields {list(data)} and meta fields {list(meta)} of "
            f"{_name(cls)} must together be its fields {list(fields)}, each once"
        )
    return tuple(data), tuple(meta)


def _getter(names):
    """x -> the tuple of these attributes of x."""
    if len(names) > 1:
        return operator.attrgetter(*names)
    return lambda x: tuple([getattr(x, name) for name in names])


def _pair(cls, role, result):
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise TypeError(
            f"tree.flatten: the {role} function of {_name(cls)} must return "
            f"(children, metadata), got {type(result).__name__}"
        )
    return result


def _name(cls):
    return getattr(cls, "__name__", repr(cls))
