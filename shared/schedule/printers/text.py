"""Functions as text that stands alone: their own source, with all that they refer to.

What a kernel says in Python is the plainest statement of it, so that the text has its bits. Names
of this package become functions of the text itself.
"""

import ast
import inspect
import linecache
import re
import textwrap
import types
from functools import cache

from ...primitives.primitive import Primitive
from .literals import RESERVED, literal

INLINED = 64  # characters: a kernel of one expression is written in place up to here
PACKAGE = __name__.split(".shared.", 1)[0]


class Definitions:
    """The functions, constants and imports of a text, each written once.

    replaced: {function: a plainer one that is written in its place}.
    """

    def __init__(self, replaced=()):
        self.replaced, self.names, self.texts = dict(replaced), {}, {}
        self.imports, self.taken, self.kept = {"numpy as np"}, set(RESERVED), []

    def fresh(self, wanted):
        """A name like the one wanted that nobody has."""
        wanted = re.sub(r"\W", "", wanted.strip("<>").replace(" ", "_").replace("-", "_")) or "f"
        name, i = wanted, 2
        while name in self.taken:
            name, i = f"{wanted}_{i}", i + 1
        self.taken.add(name)
        return name

    def add(self, function, wanted=None):
        """The name under which a function is written."""
        function = self.replaced.get(function, function)
        if id(function) not in self.names:
            name = self.names[id(function)] = self.fresh(wanted or function.__name__)
            self.kept.append(function)  # so that its id stays its own
            self.texts[name] = None  # its place: before what is found on the way
            self.texts[name] = self.definition(function, name)
        return self.names[id(function)]

    def written(self, name, text):
        """A text of one's own, for instance of a loop's body."""
        self.texts[name] = text

    def definition(self, function, name):
        """The text of a function, renamed."""
        if inspect.isclass(function):
            node, source = class_node(function)
            scope = vars(inspect.getmodule(function))
        else:
            node, source = node_of(function)
            scope = scope_of(function)
        if isinstance(node, ast.Lambda):
            body = self.resolved(node.body, scope, arguments_of(node))
            text = f"def {name}({ast.unparse(node.args)}):\n    return {ast.unparse(body)}"
            return text
        names = self.mapping(node, scope)
        names[node.name] = name
        return renamed(undecorated(node, source), names)

    def resolved(self, node, scope, bound):
        """An expression with the names of this package as they are called in the text."""
        names = self.mapping(node, scope, bound)

        class Renaming(ast.NodeTransformer):
            def visit_Name(self, found):
                return ast.copy_location(ast.Name(names.get(found.id, found.id), found.ctx), found)

        return Renaming().visit(node)

    def mapping(self, node, scope, bound=()):
        """{name in the function: name in the text} for all that it takes from outside."""
        local = {*bound, *bound_names(node)}
        names = {}
        decorators = {id(n) for d in getattr(node, "decorator_list", ()) for n in ast.walk(d)}
        for found in ast.walk(node):
            if id(found) in decorators:
                continue
            if isinstance(found, ast.Name) and found.id not in local and found.id in scope:
                names[found.id] = self.outside(found.id, scope[found.id])
        return names

    def outside(self, name, value):
        """How the text calls something that a function takes from its module."""
        if isinstance(value, types.ModuleType):
            return self.module(name, value)
        if isinstance(value, Primitive):
            return self.add(value.kernel, value.name)
        origin = getattr(value, "__module__", None) or ""
        if inspect.isfunction(inspect.unwrap(value)) or inspect.isclass(value):
            value = inspect.unwrap(value)
            if origin.startswith(PACKAGE) or value in self.replaced:
                return self.add(value)
            if origin not in ("builtins", "numpy"):
                self.imports.add(f"{value.__name__} from {origin}")
            return name if origin != "numpy" else f"np.{value.__name__}"
        key = name, repr(value)
        if key not in self.names:
            self.names[key] = self.fresh(name)
            self.texts[self.names[key]] = f"{self.names[key]} = {literal(value)}"
        return self.names[key]

    def module(self, name, value):
        """Modules of Python and NumPy are imported."""
        if value.__name__ != "numpy":
            self.imports.add(value.__name__)
        return "np" if value.__name__ == "numpy" else value.__name__

    def expression(self, function, operands, static):
        """A kernel of one short expression, written in place; None for any other."""
        try:
            node, _ = node_of(function)
        except (TypeError, OSError):
            return None
        value = single_expression(node)
        if value is None:
            return None
        given = arguments_given(node.args, operands, static)
        scope = scope_of(function)
        if given is None or any(
            isinstance(a, ast.Name) and isinstance(scope.get(a.id), types.FunctionType)
            for a in ast.walk(value)
        ):
            return None
        value = self.resolved(value, scope, given)

        class Filling(ast.NodeTransformer):
            def visit_Name(self, found):
                return ast.parse(given.get(found.id, found.id), mode="eval").body

        text = ast.unparse(Filling().visit(value))
        return text if len(text) <= INLINED else None

    def text(self):
        """Imports, constants, functions."""
        whole = sorted(i for i in self.imports if " from " not in i)
        parts = sorted(i for i in self.imports if " from " in i)
        lines = [f"import {i}" for i in whole]
        lines += ["from {1} import {0}".format(*i.split(" from ")) for i in parts]
        constants = [t for t in self.texts.values() if not t.startswith(("def ", "class ", "@"))]
        functions = [t for t in self.texts.values() if t.startswith(("def ", "class ", "@"))]
        blocks = ["\n".join(lines), *(["\n".join(constants)] if constants else []), *functions]
        return "\n\n\n".join(blocks)


def single_expression(node):
    """The expression that a function returns and does nothing else, or None."""
    if isinstance(node, ast.Lambda):
        return node.body
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None


def arguments_given(arguments, operands, static):
    """{parameter: text of what it is given}"""
    names = [a.arg for a in arguments.args]
    if arguments.vararg:
        given = {arguments.vararg.arg: f"({', '.join(operands)},)"}
    else:
        given = dict(zip(names, operands, strict=False))
    try:
        return given | {k: literal(v) for k, v in static.items()}
    except TypeError:
        return None


def arguments_of(node):
    """The parameters of a function or lambda."""
    given = node.args
    named = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    return [a.arg for a in named if a is not None]


def bound_names(node):
    """All names that are given a value inside of a function."""
    found = set()
    for inner in ast.walk(node):
        if isinstance(inner, (ast.FunctionDef, ast.Lambda)):
            found.update(arguments_of(inner))
        if isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load):
            found.add(inner.id)
        if isinstance(inner, ast.FunctionDef) and inner is not node:
            found.add(inner.name)
    return found


def scope_of(function):
    """What the free names of a function stand for."""
    inside = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    return {**function.__globals__, **{name: cell.cell_contents for name, cell in inside}}


@cache
def tree_of(file):
    """(syntax tree, text) of a file."""
    text = "".join(linecache.getlines(file))
    return ast.parse(text), text


def node_of(function):
    """(definition, text of the file) of a Python function; TypeError where there is no text."""
    code = function.__code__
    tree, text = tree_of(code.co_filename)
    name = code.co_name
    for node in ast.walk(tree):
        if isinstance(node, ast.Lambda) and name == "<lambda>":
            if node.lineno == code.co_firstlineno and holds(node.body, code):
                return ast.parse(ast.unparse(node), mode="eval").body, text
        elif isinstance(node, ast.FunctionDef) and node.name == name:
            if first_line(node) == code.co_firstlineno:
                return node, text
    raise TypeError(f"source: the text of {name} is not to be found in {code.co_filename}")


def holds(body, code):
    """True where the instructions of a lambda were made of this expression."""
    places = [p for p in code.co_positions() if p[0] is not None and p[2] is not None and p[3]]
    line, _, column, _ = places[-1]
    start, end = (body.lineno, body.col_offset), (body.end_lineno, body.end_col_offset)
    return start <= (line, column) < end


def class_node(cls):
    """(definition, text of the file) of a class."""
    tree, text = tree_of(inspect.getsourcefile(cls))
    nodes = (n for n in ast.walk(tree) if isinstance(n, ast.ClassDef) and n.name == cls.__name__)
    return next(nodes), text


def first_line(node):
    """Where a definition begins, decorators included."""
    return min([node.lineno, *[d.lineno for d in node.decorator_list]])


def undecorated(node, source):
    """The text of a definition without its decorators and the notes to linters."""
    lines = source.splitlines()[node.lineno - 1 : node.end_lineno]
    text = textwrap.dedent("\n".join(lines))
    return re.sub(r"  # (noqa|fmt|type)\b.*", "", text)


def renamed(text, names):
    """The text with names exchanged wherever they stand alone."""
    changed = {old: new for old, new in names.items() if old != new}
    if not changed:
        return text
    pattern = re.compile(r"(?<![\w.])(" + "|".join(map(re.escape, changed)) + r")\b(?!\s*=[^=])")
    return pattern.sub(lambda found: changed[found.group(1)], text)
