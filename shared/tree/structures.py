"""Structure: what is left of a tree when its leaves are taken out. A value: ==, hash, pickle."""

import itertools

from .compiled import compile_structure
from .nodes import UnsortableKeys, expanders, has_plain_keys, intern, kinds, new_cache, remember
from .paths import place

# Compiling costs what it saves in a hundred uses, so a structure must first show that it stays.
USES_BEFORE_COMPILING = 5


class Structure:
    """A tree without its leaves.  structure.unflatten(leaves) puts leaves in.

    Equal structures are nearly always the same object, so that `==` costs nothing.  Its repr shows
    each leaf as `*`.

    >>> from wonderland.shared import tree
    >>> structure = tree.structure({"weight": 1.0, "bias": [2.0, None]})
    >>> structure
    Structure({'bias': [*, None], 'weight': *})
    >>> structure.unflatten([0, 1])
    {'bias': [0, None], 'weight': 1}
    """

    __slots__ = ("_build", "_hash", "_paths", "_uses", "exact", "match", "num_leaves", "tokens")

    def __init__(self, tokens):
        # Nodes in depth-first order, None for a leaf: flat, so that no operation here recurses.
        self.tokens = tokens
        self.num_leaves = tokens.count(None)
        self._uses, self._hash, self._paths = 0, None, None
        self._build = self.match = None  # until compiled
        # Whether trees that match() accepts have this very structure, not merely an equal one.
        self.exact = False

    @property
    def num_nodes(self):
        """Containers (None counts as one) and leaves together."""
        return len(self.tokens)

    def unflatten(self, leaves):
        """The tree of this structure with these leaves; ValueError where their number differs."""
        if type(leaves) is not list and type(leaves) is not tuple:
            leaves = list(leaves)
        if len(leaves) != self.num_leaves:
            raise ValueError(
                f"tree.unflatten: the structure has {self.num_leaves} leaves but {len(leaves)} "
                f"were given ({_shorten(repr(self))})"
            )
        if self._build is None and not self.compile():
            return _fold(self.tokens, list(leaves), _build)
        return self._build(leaves)

    def flatten_up_to(self, tree, operation="tree.flatten_up_to"):
        """The subtrees of `tree` that stand where this structure has its leaves.

        ValueError names the first place where `tree` differs from the structure above them.
        """
        if self.match is not None or self.compile():
            try:
                return self.match(tree)
            except KeyError:
                pass  # the loop says where
        return self._match_with_path(tree, operation)

    def paths(self):
        """The path of each leaf; None where a class names the children of each instance anew."""
        if self._paths is None and all(n is None or n.kind.fixed_entries for n in self.tokens):
            paths, stack = [], [()]
            for node in self.tokens:
                link = stack.pop()
                if node is None:
                    paths.append(unlink(link))
                else:
                    stack += [(link, key) for key in node.kind.entries(node, None)][::-1]
            self._paths = tuple(paths)
        return self._paths

    def children(self):
        """The structures of the root's children, in order; [] for a leaf."""
        if self.tokens[0] is None:
            return []
        result, start = [], 1
        for _ in range(self.tokens[0].arity):
            end = _end_of_subtree(self.tokens, start)
            result.append(structure_of(self.tokens[start:end]))
            start = end
        return result

    def compose(self, inner):
        """This structure with `inner` in place of each leaf."""
        parts = (inner.tokens if node is None else (node,) for node in self.tokens)
        return structure_of(tuple(itertools.chain.from_iterable(parts)))

    def __eq__(self, other):
        if self is other:
            return True
        if not isinstance(other, Structure):
            return NotImplemented
        if len(self.tokens) != len(other.tokens):
            return False
        pairs = zip(self.tokens, other.tokens, strict=True)
        return all(a is b or (a is not None and b is not None and a.same(b)) for a, b in pairs)

    def __hash__(self):
        if self._hash is None:
            self._hash = hash(
                tuple(
                    node and (node.kind.cls, node.arity, _hash_metadata(node))
                    for node in self.tokens
                )
            )
        return self._hash

    def __repr__(self):
        return f"Structure({self.format()})"

    def __reduce__(self):
        parts = [node and (node.kind.cls, node.metadata, node.arity) for node in self.tokens]
        return _restore, (parts,)

    def format(self, leaf="*"):
        """The tree as text, with `leaf` for each leaf."""
        return _fold(self.tokens, [leaf] * self.num_leaves, _display)

    def compile(self):
        """Count a use; true once build() and match() are compiled, which the fifth use does."""
        self._uses += 1
        if self._uses == USES_BEFORE_COMPILING:
            compiled = compile_structure(self.tokens)
            if compiled is not None:
                self.exact = all(node is None or has_plain_keys(node) for node in self.tokens)
                self._build, self.match = compiled
        return self._build is not None

    def _match_with_path(self, tree, operation):
        """flatten_up_to by a loop that knows where it is: slower, and the one that explains."""
        subtrees, stack = [], [((), tree)]
        for node in self.tokens:
            path, x = stack.pop()
            if node is None:
                subtrees.append(x)
                continue
            found, children = _expand(x, path, operation)
            if found is None or not node.same(found):
                raise ValueError(
                    f"{operation}: structures differ {place(unlink(path))}: "
                    f"{node.kind.describe(node)} and {_describe(found, x)}"
                )
            keys = found.kind.entries(found, x)
            below = [((path, key), child) for key, child in zip(keys, children, strict=True)]
            stack += reversed(below)
        return subtrees


def structure_of(tokens):
    """The Structure of a tuple of tokens: the one object that stands for it, where one can."""
    structure = _structures.get(tokens)
    if structure is None:
        structure = Structure(tokens)
        # A node that is not interned never comes again, nor does a structure that contains it.
        if all(node is None or node.interned for node in tokens):
            return remember(_structures, tokens, structure)
    return structure


_structures = new_cache()


def unlink(path):
    """A tuple of keys from the nested pairs (pair of the parent, key) that traversals keep.

    Pairs cost the same at every depth, a tuple per container would be quadratic.
    """
    keys = []
    while path:
        path, key = path
        keys.append(key)
    return tuple(reversed(keys))


def unsortable(operation, path, keys):
    """The TypeError for a dict whose keys have no order."""
    return TypeError(
        f"{operation}: the keys of the dict {place(unlink(path))} cannot be sorted: {keys}; "
        "use keys of one type"
    )


def _expand(x, path, operation):
    expand = expanders[type(x)]
    try:
        return expand(x) if expand else (None, ())
    except UnsortableKeys as error:
        raise unsortable(operation, path, error) from None


def _describe(node, x):
    if node is not None:
        return node.kind.describe(node)
    shape, dtype = getattr(x, "shape", None), getattr(x, "dtype", None)
    if shape is None or dtype is None:
        return f"a leaf of type {type(x).__name__}"
    return f"a leaf {dtype} {shape}"


def _fold(tokens, leaves, combine):
    """combine(node, values of its children) from the leaves upwards; uses the list `leaves` up."""
    values = []
    for node in reversed(tokens):
        if node is None:
            values.append(leaves.pop())
        else:
            first = len(values) - node.arity
            children = values[first:]
            del values[first:]
            values.append(combine(node, children[::-1]))
    return values[0]


def _build(node, children):
    return node.kind.build(node.metadata, children)


def _display(node, texts):
    cls, metadata = node.kind.cls, node.metadata
    if cls is type(None):
        return "None"
    if cls is list:
        return f"[{', '.join(texts)}]"
    if cls is tuple:
        return f"({texts[0]},)" if len(texts) == 1 else f"({', '.join(texts)})"
    if cls is dict:
        return f"{{{', '.join(f'{k!r}: {t}' for k, t in zip(metadata, texts, strict=True))}}}"
    shown = [] if metadata in (None, ()) else [repr(metadata)]
    return f"{cls.__name__}({', '.join([*texts, *shown])})"


def _end_of_subtree(tokens, start):
    missing = 1
    while missing:
        node = tokens[start]
        missing += -1 if node is None else node.arity - 1
        start += 1
    return start


def _hash_metadata(node):
    try:
        return hash(node.metadata)
    except TypeError as error:
        raise TypeError(
            f"tree: the metadata of {node.kind.cls.__name__} cannot be hashed: {error}; "
            "give a tuple or another hashable value"
        ) from None


def _restore(parts):
    tokens = []
    for part in parts:
        if part is None:
            tokens.append(None)
            continue
        cls, metadata, arity = part
        expanders[cls]  # a namedtuple is learned on first sight
        if cls not in kinds:
            raise TypeError(
                f"tree: {cls.__qualname__} of a pickled Structure is not registered as a pytree "
                "node in this process; import the module that registers it first"
            )
        tokens.append(intern(kinds[cls], metadata, arity))
    return structure_of(tuple(tokens))


def _shorten(text, limit=200):
    return text if len(text) <= limit else f"{text[:limit]}..."
