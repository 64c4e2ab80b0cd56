"""A graph as the text of a plain NumPy function, which runs without this package.

Views, operators and reductions are written as one would write them by hand; composite primitives
are functions above, each written once. Names are the letters of the graph's own text.
"""

from .bodies import is_structured
from .graph import Constant, Variable, letters
from .origin import short
from .passes.dead import without_dead
from .passes.inline import inlined
from .passes.repetition import without_repetition
from .printers.control import statements_of
from .printers.expressions import REPLACED, SPREAD, expression_of
from .printers.literals import RESERVED, constant, literal, type_name
from .printers.text import Definitions

SHORT = 24  # characters: constants of a longer text are lines of their own
COLUMN = 60  # of the comments with the user's lines


class Source(str):
    """The text. constants: {name: array}, what the function wants as `constants`, if anything."""

    constants: dict

    def __new__(cls, text, constants):
        """The text with its constants."""
        self = super().__new__(cls, text)
        self.constants = constants
        return self

    def _repr_pretty_(self, printer, cycle):
        printer.text(str(self))


def source_of(graph):
    """The Source of a graph: imports, helper functions, and the function itself."""
    define = Definitions(REPLACED)
    constants: dict = {}
    name = define.fresh(graph.name)
    small = without_dead(without_repetition(without_dead(inlined(graph))))
    text = Writer(define, constants).function(small, name, top=True)
    return Source(f"{define.text()}\n\n\n{text}\n", constants)


class Writer:
    """Writes one function: names for variables, lines for equations."""

    def __init__(self, define, constants):
        self.define, self.constants, self.names = define, constants, {}
        self.functions: list = []  # lines of inner functions that the next equation needs

    def function(self, graph, name, top=False):
        """The text of a graph as a function."""
        given = [self.name(v) for v in graph.inputs]
        weak = [v for v in graph.inputs if v.weak]
        lines = [f"{self.name(v)} = {type_name(v.dtype)}({self.name(v)})" for v in weak if top]
        before = len(self.constants)
        for a in graph.constants():
            text = constant(a) or f"constants[{self.kept(a)!r}]"
            if len(text) > SHORT or text.startswith("constants["):
                lines.append(f"{self.name(a)} = {text}")
        for equation in graph.equations:
            lines += self.equation(equation)
        returned = [self.operand(a) for a in graph.outputs]
        lines.append(f"return {returned[0] if len(returned) == 1 else tuple_of(returned)}")
        if len(self.constants) > before and top:
            given.append("constants")
        return "\n    ".join([f"def {name}({', '.join(given)}):", *lines])

    def inner(self, graph, wanted):
        """The name of a loop's or branch's graph, written as a function inside of this one."""
        name = self.define.fresh(wanted)
        inside = Writer(self.define, self.constants)
        self.functions += inside.function(without_dead(inlined(graph)), name).split("\n")
        return name

    def kept(self, a):
        """The key of a constant that is given from outside."""
        key = f"c{len(self.constants)}"
        self.constants[key] = a.value
        return key

    def name(self, a):
        """The name of a variable, given at first sight."""
        if a not in self.names:
            name = letters(len(self.names))
            self.names[a] = f"{name}_" if name in RESERVED or name in self.define.taken else name
        return self.names[a]

    def operand(self, a):
        """The text of an operand."""
        if a.__class__ is Constant:
            return self.names.get(a) or constant(a)
        if isinstance(a, Variable):
            return self.name(a)
        text = literal(a)
        return f"({text})" if text.startswith("-") else text

    def equation(self, equation):
        """The lines of one equation, with the user's line behind the first."""
        names = [self.operand(a) for a in equation.inputs]
        made = [self.name(z) for z in equation.outputs]
        if is_structured(equation.primitive):
            lines = statements_of(equation, names, made, self)
        else:
            right = expression_of(equation, names, self.define)
            packed = several(equation.primitive) and len(made) == 1
            lines = [f"{', '.join(made)}{',' * packed} = {right}"]
        where = short(equation.line)
        if where and where != "<unknown>":
            lines[0] = f"{lines[0]:<{COLUMN}}  # {where}"
        before, self.functions = self.functions, []
        return [*before, *lines]


def several(primitive):
    """True for a primitive whose expression gives a tuple, even of one result."""
    return primitive.outputs is not None and primitive.name not in SPREAD


def tuple_of(names):
    """A tuple of any number of names but one."""
    return ", ".join(names) or "()"
