"""A structure as straight-line Python: build() and match(), written out and compiled once each.

For {'layer': {'bias': *, 'weight': *}} the two functions are

    def build(leaves):
        n2, n3, = leaves
        return {'layer': {'bias': n2, 'weight': n3}}

    def match(n0):
        if type(n0) is not dict or len(n0) != 1: raise KeyError
        n1 = n0['layer']
        if type(n1) is not dict or len(n1) != 2: raise KeyError
        n2 = n1['bias']
        n3 = n1['weight']
        return [n2, n3]

which is several times faster than a loop over the nodes. Compiling takes as long as a hundred such
loops, so a Structure asks for it only when it is used again and again.
"""

from .nodes import UnsortableKeys

# Python's parser gives up at about 100 nested brackets, and long sources take long to compile.
MAX_DEPTH = 50
MAX_TOKENS = 2000


def compile_structure(tokens):
    """(build, match) of a structure's tokens, or None where they are too deep or too many.

    build(leaves) makes the tree from an iterable of just as many leaves.  match(tree) gives the
    subtrees where the structure has leaves, or raises KeyError at a difference; it may do so too
    for metadata that are equal but not exactly the same (1 and True).
    """
    if len(tokens) > MAX_TOKENS or _depth(tokens) > MAX_DEPTH:
        return None
    writer = _Writer(tokens)
    # The angle brackets tell the library's error notes that this is not the user's code.
    exec(compile(writer.source(), "<wonderland.shared.tree>", "exec"), writer.namespace)
    return writer.namespace["build"], writer.namespace["match"]


def _depth(tokens):
    open_children, deepest = [], 0  # how many children each container on the way down still lacks
    for node in tokens:
        while open_children and open_children[-1] == 0:
            open_children.pop()
        if open_children:
            open_children[-1] -= 1
        if node is not None:
            open_children.append(node.arity)
            deepest = max(deepest, len(open_children))
    return deepest


def _expand_like(node, x):
    """The children of x, which must be a container like `node`."""
    if type(x) is not node.kind.cls:
        raise KeyError
    try:
        found, children = node.kind.expand(x)
    except UnsortableKeys:
        raise KeyError from None
    if found is not node:
        raise KeyError
    return children


class _Writer:
    """Walks the tokens in order; writes the lines of match() and the display for build()."""

    def __init__(self, tokens):
        self.tokens = iter(tokens)
        self.namespace = {"expand_like": _expand_like}
        self.lines, self.leaves, self.variables = [], [], 0
        self.display = self.visit(self.variable())

    def source(self):
        leaves = "".join(f"{leaf}, " for leaf in self.leaves)
        match = "\n    ".join([*self.lines, f"return [{leaves}]"])
        return (
            f"def build(leaves):\n    {leaves or '()'} = leaves\n    return {self.display}\n"
            f"def match(n0):\n    {match}\n"
        )

    def variable(self):
        self.variables += 1
        return f"n{self.variables - 1}"

    def constant(self, value):
        """A name for the value, or its literal where that is the same thing."""
        if type(value) in (str, int, type(None)):
            return repr(value)
        name = f"c{len(self.namespace)}"
        self.namespace[name] = value
        return name

    def visit(self, name):
        """Take the next token, held by variable `name`; return the expression that builds it."""
        node = next(self.tokens)
        if node is None:
            self.leaves.append(name)
            return name
        cls = node.kind.cls
        if cls is type(None):
            self.lines.append(f"if {name} is not None: raise KeyError")
            return "None"
        if cls is dict:
            return self.visit_dict(node, name)
        if cls in (list, tuple):
            return self.visit_sequence(node, name)
        return self.visit_other(node, name)

    def check(self, node, name):
        self.lines.append(
            f"if type({name}) is not {node.kind.cls.__name__} or len({name}) != {node.arity}: "
            "raise KeyError"
        )

    def visit_dict(self, node, name):
        self.check(node, name)
        items = []
        for key in map(self.constant, node.metadata):
            child = self.variable()
            self.lines.append(f"{child} = {name}[{key}]")
            items.append(f"{key}: {self.visit(child)}")
        return f"{{{', '.join(items)}}}"

    def visit_sequence(self, node, name):
        self.check(node, name)
        children = self.unpack(node, name)
        return f"[{children}]" if node.kind.cls is list else f"({children})"

    def visit_other(self, node, name):
        children = self.unpack(node, f"expand_like({self.constant(node)}, {name})")
        return f"{self.constant(node.kind.build)}({self.constant(node.metadata)}, ({children}))"

    def unpack(self, node, children):
        """Name the children and visit each; their displays, each followed by a comma."""
        names = [self.variable() for _ in range(node.arity)]
        self.lines.append(f"{''.join(f'{name}, ' for name in names) or '()'} = {children}")
        return "".join(f"{self.visit(name)}, " for name in names)
