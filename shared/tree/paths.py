"""Where a leaf is: a path is a tuple of keys, one per container on the way down from the root."""


class PathKey:
    """One step of a path; equal to a step of the same kind with the same content."""

    __slots__ = ("_content",)

    def __init__(self, content):
        self._content = content

    def __eq__(self, other):
        return type(self) is type(other) and self._content == other._content

    def __hash__(self):
        return hash((type(self), self._content))

    def __repr__(self):
        return f"{type(self).__name__}({self._content!r})"

    def __reduce__(self):
        return type(self), (self._content,)

    @property
    def simple(self):
        """The content as text, without the punctuation of Python's syntax."""
        return str(self._content)


class DictKey(PathKey):
    """Into a dict, by key.  str(): ['name']."""

    __slots__ = ()
    key = property(lambda self: self._content)

    def __str__(self):
        return f"[{self._content!r}]"


class SequenceKey(PathKey):
    """Into a list or a tuple, by position.  str(): [3]."""

    __slots__ = ()
    idx = property(lambda self: self._content)

    def __str__(self):
        return f"[{self._content}]"


class GetAttrKey(PathKey):
    """Into a namedtuple, a dataclass or another object, by attribute.  str(): .name."""

    __slots__ = ()
    name = property(lambda self: self._content)

    def __str__(self):
        return f".{self._content}"


class FlattenedIndexKey(PathKey):
    """Into a registered class that does not name its children, by their order."""

    __slots__ = ()
    key = property(lambda self: self._content)

    def __str__(self):
        return f"[<flat index {self._content}>]"


def path_string(path):
    """The path as error messages and parameter names write it: 'encoder.0.bias'; '' for the root.

    >>> from wonderland.shared import tree
    >>> tree.path_string((tree.DictKey("encoder"), tree.SequenceKey(0), tree.GetAttrKey("bias")))
    'encoder.0.bias'
    """
    return keystr(path, simple=True, separator=".")


def keystr(path, *, simple=False, separator=""):
    """The path as Python would write the access, as jax's keystr does.

    >>> from wonderland.shared import tree
    >>> tree.keystr((tree.DictKey("encoder"), tree.SequenceKey(0), tree.GetAttrKey("bias")))
    "['encoder'][0].bias"
    """
    return separator.join(_simple(key) if simple else str(key) for key in path)


def place(path):
    """The path as a sentence puts it: at 'encoder.0', or at the root."""
    return f"at '{path_string(path)}'" if path else "at the root"


def _simple(key):
    # A user's flatten_with_keys may give keys of any type.
    return key.simple if isinstance(key, PathKey) else str(key)
