"""Trees of containers with arrays (or anything) at the leaves; names and behaviour of jax.tree.

None is a container without leaves, and dicts are read by sorted key. Registration is global, and
meant to follow the definition of a class. Structures that differ are reported by the path of the
first difference: `tree.map: structures differ at 'encoder.0': ...`.
"""

from .functions import (
    all,
    broadcast,
    broadcast_prefix,
    leaves_with_path,
    map,
    map_with_path,
    reduce,
    transpose,
    unflatten,
)
from .paths import DictKey, FlattenedIndexKey, GetAttrKey, SequenceKey, keystr, path_string
from .registration import (
    register_dataclass,
    register_pytree_node,
    register_pytree_node_class,
    register_pytree_with_keys,
    register_static,
)
from .structures import Structure
from .traversal import flatten, flatten_with_path, leaves, structure

__all__ = [
    "DictKey",
    "FlattenedIndexKey",
    "GetAttrKey",
    "SequenceKey",
    "Structure",
    "all",
    "broadcast",
    "broadcast_prefix",
    "flatten",
    "flatten_with_path",
    "keystr",
    "leaves",
    "leaves_with_path",
    "map",
    "map_with_path",
    "path_string",
    "reduce",
    "register_dataclass",
    "register_pytree_node",
    "register_pytree_node_class",
    "register_pytree_with_keys",
    "register_static",
    "structure",
    "transpose",
    "unflatten",
]
