"""What there is to draw: one box a step, input and output, with what is known about it.

Where the native executor is installed a step is what it runs: a fused kernel, a matrix product, or
a kernel in Python. Elsewhere every equation is a box.
"""

from importlib import import_module

from ...errors import describe
from ..bodies import is_structured
from ..executors import native
from ..graph import Constant, Text, Variable, inside
from ..origin import short, split_line
from ..passes.dead import without_dead
from ..passes.inline import inlined
from ..passes.plan import planned

SHOWN = 3  # names of primitives in the label of a fused kernel
MOST = 60  # lines of what a loop holds
PRODUCT = {"matmul": "product"}
INVISIBLE = frozenset(("stop_gradient", "checkpoint_name", "clone"))


class Box:
    """One box. kind: its colour; label and note: what it shows; lines: what it shows when
    opened."""

    def __init__(self, kind, label, note, lines, made=(), read=(), inner=()):
        self.kind, self.label, self.note, self.lines = kind, label, note, [*lines, *inner]
        self.made, self.read = list(made), list(read)
        self.where = where_of(lines)
        self.backward = bool(self.where) and all(split_line(place)[0] for place in self.where)
        if self.where:
            self.note = f"{split_line(self.where[0])[1]} {note}"


class Diagram:
    """boxes, in the order in which they run, and edges {(box, box): the variables}.

    memory: [(variable, bytes, first step, last step, offset)], and the size of the arena.
    """

    def __init__(self, graph):
        stepped = steps_of(graph)
        self.graph = without_dead(inlined(graph)) if stepped is None else stepped[0]
        self.text = Text(self.graph)
        self.text.text()  # names in the order of appearance
        self.boxes, self.memory, self.arena = [], [], 0
        self.inputs()
        if stepped is None:
            for equation in self.graph.equations:
                self.equation(equation, equation.inputs)
        else:
            self.stepped(*stepped[1:])
        self.outputs(stepped)
        self.connect()

    def inputs(self):
        """Arguments and constants; numbers are seen where they are used."""
        for v in self.graph.inputs:
            self.boxes.append(self.given(v, "input"))
        for v in self.graph.constants():
            if v.size > 1:
                self.boxes.append(self.given(v, "constant"))

    def given(self, v, kind):
        """The box of an argument or constant."""
        name, info = self.text.name(v), f"{kind} {self.typed(v)}"
        return Box(kind, name, describe(v), [info], made=[v])

    def typed(self, v):
        """Name, type and bytes."""
        return f"{self.text.typed(v)}, {sized(v.size * v.dtype.itemsize)}"

    def equation(self, equation, read, kind=None):
        """The box of an equation by itself."""
        name = equation.primitive.name
        kind = kind or ("control" if is_structured(equation.primitive) else "single")
        note = ", ".join([describe(z) for z in equation.outputs[:2]])
        lines = [self.line(equation), *[self.typed(z) for z in equation.outputs]]
        inner = steps_inside(equation)
        self.boxes.append(Box(kind, name, note, lines, equation.outputs, roots_in(read), inner))

    def line(self, equation):
        """An equation as it is printed."""
        return " ".join(self.text.equation(equation).split())

    def stepped(self, arranged, steps):
        """The boxes of what the native executor runs, and its plan of the memory."""
        module, places = import_module("..native.steps", __package__), arranged.places
        begin = len(self.boxes)
        for step in steps:
            if hasattr(step, "operations"):
                self.kernel(step)
                continue
            equation = step.equation
            roots = [places[a].root for a in equation.inputs if isinstance(a, Variable)]
            if is_structured(equation.primitive):
                self.equation(equation, roots)
            elif module.is_python(step, places):
                self.equation(equation, roots, "python")
            else:
                self.equation(equation, roots, PRODUCT.get(equation.primitive.name, "single"))
        held = {*self.graph.inputs, *self.graph.constants()}
        held |= {places[a].root for a in self.graph.outputs if isinstance(a, Variable)}
        for step in steps:
            if module.is_python(step, places):
                held |= set(step.equation.outputs)
        self.planned(held, begin)

    def kernel(self, loop):
        """The box of a fused kernel."""
        equations = [o.equation for o in loop.operations]
        names = list(dict.fromkeys(e.primitive.name for e in equations))
        names = [n for n in names if n not in INVISIBLE] or names
        label = " ".join(names[:SHOWN]) + (f" +{len(names) - SHOWN}" if len(names) > SHOWN else "")
        shape = f"[{','.join(map(str, loop.shape))}]"
        note = f"{shape} ×{len(equations)}" if len(equations) > 1 else shape
        kind = "fused" if len(equations) > 1 else "single"
        lines = [self.line(e) for e in equations]
        lines += [f"writes {self.typed(z)}" for z in loop.stores]
        self.boxes.append(Box(kind, label, note, lines, loop.stores, loop.reads()))

    def planned(self, held, begin):
        """When each buffer of the arena is born and dies, and where it lies."""
        born, dies = {}, {}
        for number, box in enumerate(self.boxes[begin:]):
            for root in box.made:
                born[root] = dies[root] = number
            for root in box.read:
                dies[root] = number
        lives = [(r, r.size * r.dtype.itemsize, born[r], dies[r]) for r in born if r not in held]
        offsets, self.arena = planned(lives)
        self.memory = [(r, size, b, d, offsets[r]) for r, size, b, d in lives]
        self.steps = len(self.boxes) - begin

    def outputs(self, stepped):
        """What the graph returns."""
        for i, a in enumerate(self.graph.outputs):
            if isinstance(a, Variable):
                root = a if stepped is None else stepped[1].places[a].root
                label = f"return {self.text.name(a)}"
                info = f"output {i}: {self.typed(a)}"
                self.boxes.append(Box("output", label, describe(a), [info], read=[root]))

    def connect(self):
        """The edges, from who makes a variable to who reads it."""
        maker = {v: i for i, box in enumerate(self.boxes) for v in box.made}
        self.edges: dict = {}
        for i, box in enumerate(self.boxes):
            for v in box.read:
                if maker.get(v, i) < i:
                    self.edges.setdefault((maker[v], i), []).append(v)


def steps_of(graph):
    """(graph, arrangement, steps) as the native executor runs it; None where that cannot."""
    every = [*graph.inputs, *[z for e in graph.equations for z in e.outputs]]
    if native() is None or not all(v.size for v in every):
        return None
    return import_module("..native.execute", __package__).steps_of(graph)


def steps_inside(equation):
    """What a loop or branch holds, in lines that are indented less than in print."""
    lines = inside(equation)
    more = [f"  ... and {len(lines) - MOST} lines more"] if len(lines) > MOST else []
    indented = [(len(line) - len(line.lstrip()), line.split()) for line in lines[:MOST]]
    return [" " * (n // 4) + " ".join(words) for n, words in indented] + more


def roots_in(operands):
    """The variables among operands; small constants are seen as numbers."""
    return [
        a
        for a in operands
        if isinstance(a, Variable) and not (a.__class__ is Constant and a.size == 1)
    ]


def sized(size):
    """A number of bytes for people.

    >>> sized(3_500_000)
    '3.5 MB'
    """
    for unit, scale in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= scale:
            return f"{size / scale:.3g} {unit}"
    return f"{size} B"


def where_of(lines):
    """The places in the user's program that some lines end with."""
    found = [line.rsplit("# ", 1)[1] for line in lines if "# " in line]
    return list(dict.fromkeys(short(place) for place in found))
