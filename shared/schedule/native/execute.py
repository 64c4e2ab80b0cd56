"""The `native` executor: a graph as machine code, one call a step."""

from collections import Counter
from functools import cache, cached_property
from operator import itemgetter
from sys import getrefcount

import numpy as np

from ...backend import on_cuda
from ...primitives.copying import clone
from ..control.scan import Scan
from ..donated import given_up, is_alone
from ..executors.replay import Replay
from ..graph import Constant, Equation, Graph, Variable
from ..passes.algebra import simplified
from ..passes.arrange import Arranged
from ..passes.assemble import assembly
from ..passes.dead import without_dead
from ..passes.donate import donations
from ..passes.fold import folded
from ..passes.fuse import fused
from ..passes.inline import inlined
from ..passes.lower import lowered
from ..passes.parts import with_parts_in_place
from ..passes.places import with_place_sums
from ..passes.repetition import without_repetition
from ..passes.sums import with_sums_after_loops
from .ahead import Ahead
from .blas import find
from .compiling import load_functions
from .functions import TABLE
from .labels import label_checks
from .layout import fits
from .pool import Memory, Pool, aligned
from .products import direct
from .repeat import Repeat, regular
from .scalars import ARITHMETIC, TYPES, fusible
from .steps import Steps
from .table import Table

SCALAR = itemgetter(())
IRREGULAR, OUT_OF_BOUNDS = 1, 2
KEEP = frozenset((*TABLE, *ARITHMETIC)) - {"square"}


@cache
def symbols():
    """The addresses that the functions are linked with."""
    blas = find()
    return {} if blas is None else {f"wonderland_{x}gemm": blas.addresses[f"{x}gemm"] for x in "sd"}


def prepared(graph):
    """The graph in steps that can be fused, every output in memory of its own."""
    graph = with_sums_after_loops(optimised(inlined(graph)))
    graph = optimised(lowered(graph, KEEP))
    graph = without_dead(with_place_sums(graph))
    arranged = Arranged(graph)
    outputs, copies = owned(arranged)
    return Graph(graph.inputs, outputs, [*laid_out(arranged), *copies], graph.name)


def optimised(graph):
    """The graph without what is not needed, not by input, or twice."""
    graph = without_repetition(folded(without_dead(graph)))
    return without_dead(simplified(graph))


def laid_out(arranged):
    """The equations, with a copy before each product whose operand BLAS cannot take as it lies, and
    before each loop, which takes arrays in C order."""
    copies: dict = {}
    for equation in arranged.graph.equations:
        fits, inputs = how_to_lie(equation.primitive), list(equation.inputs)
        for i, a in enumerate(inputs):
            if isinstance(a, Variable) and not fits(arranged.places[a].view):
                if a not in copies:
                    copies[a] = Variable(a.shape, a.dtype)
                    yield Equation(clone, [a], [copies[a]], {}, equation.line)
                inputs[i] = copies[a]
        yield equation if inputs == list(equation.inputs) else equation.like(inputs)


def how_to_lie(primitive):
    """Whether an operand can be taken as a view says."""
    if isinstance(primitive, Scan):
        return lambda view: view.is_in_order
    return direct if primitive.name == "matmul" else lambda view: True


def owned(arranged):
    """(outputs, equations): with a copy for each output that lies in another's memory."""
    graph, outputs, copies, taken = arranged.graph, [], [], set()
    inputs = {*graph.inputs}
    for a in graph.outputs:
        if isinstance(a, Variable) and a.__class__ is not Constant and a not in inputs:
            root, view = arranged.places[a]
            shared = root in inputs or root.__class__ is Constant or root in taken
            if shared or not view.is_whole or root.size != a.size:
                copy = Variable(a.shape, a.dtype)
                copies.append(Equation(clone, [a], [copy], {}))
                a = root = copy
            taken.add(root)
        outputs.append(a)
    return outputs, copies


def assembled(equation, places):
    """The loops that write a result part by part, where machine code can."""
    variables = [a for a in (*equation.inputs, *equation.outputs) if isinstance(a, Variable)]
    if any(a.dtype not in TYPES for a in variables):
        return None
    return assembly(equation, places)


def steps_of(graph):
    """(prepared graph, its arrangement, the steps in which it runs)"""
    graph = prepared(graph)
    arranged = Arranged(graph)
    steps = fused(arranged, fusible, assembled)
    return graph, arranged, with_parts_in_place(steps, arranged)


def executor(graph, donate=()):
    """run(leaves) -> leaves: machine code, but for graphs with arrays that have no entries.

    donate: (input, output) places: that output may take over the memory of that input. Where the
    output is None any may, and the array is given up for good.
    """
    every = [*graph.inputs, *[z for e in graph.equations for z in e.outputs]]
    return Native(graph, donate) if all(v.size for v in every) else Replay(graph)


class Native:
    """run(leaves) -> leaves as machine code."""

    def __init__(self, graph, donate=()):
        self.source, self.labels = graph, label_checks(inlined(graph))
        with Ahead():
            graph, arranged, steps = steps_of(graph)
            pairs = {graph.inputs[i]: graph.outputs[k] for i, k in donate if k is not None}
            taken = donations(steps, arranged, [graph.inputs[i] for i, _ in donate], pairs or None)
            self.graph, self.steps = graph, Steps(arranged, steps, taken)
            self.places = arranged.places
            self.code = load_functions([*self.steps.functions.values()], symbols())
        self.table = Table(self.steps, graph.inputs, self.code)
        self.frames: list = []
        self.repeats: dict = {}
        self.returned = [self.how_returned(a) for a in graph.outputs]
        self.gives_up = not pairs
        slots = self.steps.memory.slots
        self.donated = [(slots[v], slots[root]) for root, v in taken.items()]
        owners = [a for a in map(self.owner, graph.outputs) if a is not None]
        owners = [a for a in owners if a.root not in self.steps.foreign]
        self.owners = [(slots[a.root], (a.shape, a.dtype)) for a in owners]
        pools = [(slots[a.root], Pool(a.shape, a.dtype)) for a in owners if a.shape]
        self.pools = [(slot, pool.arrays, pool.fresh) for slot, pool in pools]
        self.numbers = [(slots[a.root], a.dtype) for a in owners if not a.shape]
        self.nothing = (None,) * len(graph.inputs)
        self.simple = all(kind == "native" for kind, _ in self.steps.program)
        self.first = self.table.segments[0]
        self.inputs = len(graph.inputs)

    def owner(self, a):
        """(root, shape, dtype) of an output that has memory of its own, or None."""
        if not isinstance(a, Variable) or a.__class__ is Constant or a in self.graph.inputs:
            return None
        return Owner(self.places[a].root, a.shape, a.dtype)

    def how_returned(self, a):
        """(slot, is it a scalar) of an output; for a constant or number a function that gives
        it."""
        if a.__class__ is Constant:
            return lambda: a.value.copy()[()]
        if not isinstance(a, Variable):
            return lambda: np.asarray(a)[()]
        root = self.places[a].root
        if root in self.steps.foreign:
            slot = self.steps.memory.slots[root]
            return slot, lambda x: owned_array(x).reshape(a.shape)[()]
        if a.weak and a in self.graph.inputs:
            return self.steps.memory.slots[root], np.dtype(a.dtype).type
        return self.steps.memory.slots[root], None if a.shape else SCALAR

    def frame(self):
        """Slots for one call, with its arena: taken from those that no call uses."""
        try:
            return self.frames.pop()  # asking first would leave room for another thread
        except IndexError:
            pass
        slots = [None] * len(self.steps.memory.slots)
        for root, slot in self.steps.memory.slots.items():
            if root.__class__ is Constant:
                slots[slot] = np.ascontiguousarray(root.value)
        slots[self.steps.arena] = aligned(self.steps.memory.size)
        slots[self.steps.status] = np.zeros(1, np.int64)
        for slot, dtype in self.numbers:
            slots[slot] = np.empty((), dtype)
        return slots

    def __call__(self, leaves):
        """The results for arrays, as eager code gives them."""
        if self.labels and not all(check.holds(leaves) for check in self.labels):
            return Replay(self.source)(leaves)  # which raises the error
        frame = self.frame()
        frame[: self.inputs] = leaves
        for slot, arrays, fresh in self.pools:
            for x in arrays:
                if getrefcount(x) == 3:  # held by the pool, by x and by the question itself
                    frame[slot] = x
                    break
            else:
                frame[slot] = fresh()
        if self.donated:
            self.take_over(leaves, frame)
        status = self.first(frame)
        if status == IRREGULAR:
            if any(on_cuda(x) for x in leaves):
                self.release(frame)
                return self.on_device(leaves)
            frame[: self.inputs] = regular(leaves, self.graph.inputs)
            status = self.first(frame)
        if not self.simple and not status:
            status = self.rest(frame)
        if status:
            return self.explained(leaves, frame)
        results = []
        for how in self.returned:
            if how.__class__ is tuple:
                slot, change = how
                x = frame[slot]
                results.append(x if change is None else change(x))
            else:
                results.append(how())
        self.release(frame)
        return results

    def release(self, frame):
        """Slots that the next call may use; they hold on to nobody's arrays."""
        for slot, *_ in self.pools:
            frame[slot] = None
        frame[: self.inputs] = self.nothing
        self.frames.append(frame)

    def repeat(self, constants, carry, xs, length, from_end):
        """(*carries, *stacked ys) of so many steps; None where they go one at a time only."""
        if self.labels or self.donated or not self.simple or self.steps.foreign:
            return None
        if any(on_cuda(x) for x in (*constants, *carry, *xs)):
            return None
        key = len(carry), length
        found = self.repeats.get(key)
        if found is None:
            found = self.repeats[key] = Repeat(self, *key)
        return found(constants, carry, xs, from_end) if found.possible() else None

    def take_over(self, leaves, frame):
        """Results in the memory of the arguments given up, where nobody else here reads that."""
        owners = Counter(id(x) if x.base is None else id(x.base) for x in map(np.asarray, leaves))
        for place, slot in self.donated:
            x = leaves[place]
            plain = x.__class__ is np.ndarray and x.flags.writeable and x.flags.c_contiguous
            if plain and owners[id(x) if x.base is None else id(x.base)] == 1:
                if self.gives_up and not is_alone(x, Memory):
                    continue
                frame[slot] = x.view()
                if self.gives_up:
                    given_up(x)

    @cached_property
    def on_device(self):
        """What runs it on arrays of a device, for which there is no machine code."""
        return Replay(self.source)

    def rest(self, frame):
        """What follows the first segment: Python's steps and native ones in turn."""
        for i, v in enumerate(self.graph.inputs):
            if not v.shape:  # only the first segment takes numbers that are no arrays
                frame[i] = np.asarray(frame[i], v.dtype)
        for kind, what in self.table.rest():
            if kind == "python":
                self.python(what, frame)
            elif what(frame):
                return OUT_OF_BOUNDS
        return 0

    def explained(self, leaves, frame):
        """What the primitives themselves say to an index out of bounds: an error, as a rule."""
        frame[self.steps.status][0] = 0
        self.frames.append(frame)
        return Replay(self.source)(leaves)

    def python(self, equation, frame):
        """A step by the primitive's own kernel."""
        args = [self.array(a, frame) if isinstance(a, Variable) else a for a in equation.inputs]
        found = equation.primitive(*args, **equation.static)
        found = (found,) if equation.primitive.outputs is None else found
        for z, array in zip(equation.outputs, found, strict=True):
            array = np.ascontiguousarray(array)
            frame[self.steps.memory.slots[z]] = array.reshape(z.shape)

    def array(self, a, frame):
        """The array that a variable is, as a view of memory."""
        root, view = self.places[a]
        memory, item = self.steps.memory, a.dtype.itemsize
        offset = view.offset * item
        if root in memory.slots:
            buffer = frame[memory.slots[root]]
            if view.is_whole and root.size == a.size:
                return buffer.reshape(a.shape)
        else:
            buffer = frame[self.steps.arena]
            offset += memory.offsets[root]
        strides = tuple(s * item for s in view.strides)
        return np.ndarray(a.shape, a.dtype, buffer, offset, strides)


class Owner:
    """An output in memory of its own."""

    def __init__(self, root, shape, dtype):
        self.root, self.shape, self.dtype = root, shape, dtype


def owned_array(x):
    """x; a copy where its memory holds more, which others may read or write."""
    return x if x.base is None or x.base.size == x.size else x.copy()


def available():
    """True where the executor can run here."""
    return fits()
