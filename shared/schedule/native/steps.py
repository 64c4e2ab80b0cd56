"""A whole program as machine code: loops and products in order, on memory found through NumPy.

A segment is a run of steps that are all native: `int segment(list)`, where the list holds the arrays
(inputs, constants, results, the arena) in slots. The code reads an array's data pointer from the array
object itself, so that a call passes one pointer whatever the number of arrays. Steps that only Python
can do stand between segments.
"""

import ctypes

import llvmlite.ir as ir
import numpy as np

from ..graph import Variable
from ..passes.fuse import Assembly, Loop
from ..passes.plan import planned
from .blas import find
from .loops import Writer
from .parallel import cores
from .products import FLOATS, Product, direct
from .tasks import Caller, grain

INDEX = ir.IntType(64)
INT = ir.IntType(32)
POINTER = ir.PointerType()
# Offsets in CPython's and NumPy's objects, checked by `layout_fits` before they are trusted.
LIST_ITEMS, ARRAY_DATA, OBJECT_TYPE, ARRAY_FLAGS = 24, 16, 8, 64
FLOPS = 4  # multiplications of a product that cost as much as an entry of a loop
USABLE = 0x0001 | 0x0100  # C-contiguous and aligned


def layout_fits():
    """True where this interpreter's lists and arrays are laid out as the code assumes."""
    array = np.arange(3.0)
    items = [array, array]

    def peek(address):
        return ctypes.c_void_p.from_address(address).value

    number = np.float32(1.5), 2.5
    inside = (
        ctypes.c_float.from_address(id(number[0]) + ARRAY_DATA).value,
        ctypes.c_double.from_address(id(number[1]) + ARRAY_DATA).value,
    )
    flags = ctypes.c_int.from_address(id(array) + ARRAY_FLAGS).value
    strided = ctypes.c_int.from_address(id(array[::2]) + ARRAY_FLAGS).value
    return (
        peek(id(array) + OBJECT_TYPE) == id(np.ndarray)
        and peek(id(array) + ARRAY_DATA) == array.ctypes.data
        and peek(peek(id(items) + LIST_ITEMS) + 8) == id(array)
        and inside == (1.5, 2.5)
        and flags & USABLE == USABLE
        and strided & USABLE != USABLE
    )


class Memory:
    """Where every root lies: a slot of its own, or an offset in the arena."""

    def __init__(self):
        self.slots: dict = {}
        self.offsets: dict = {}
        self.size = 0

    def slot(self, root):
        """The root's own slot, given at first sight."""
        return self.slots.setdefault(root, len(self.slots))


class Steps:
    """The steps of a program, where their memory lies, and the module that runs them.

    program: [("native", name of the segment) or ("python", equation)].
    """

    def __init__(self, arranged, steps):
        self.arranged, self.places, self.steps = arranged, arranged.places, steps
        self.blas = find()
        # Products are cut over our own threads, each piece by BLAS on one of its own.
        products = any(not isinstance(s, (Loop, Assembly)) for s in steps)
        self.alone = bool(products and cores() > 1 and self.blas and self.blas.set_num_threads)
        self.memory, self.module, self.program = Memory(), ir.Module("step"), []
        graph = arranged.graph
        for v in [*graph.inputs, *graph.constants()]:
            self.memory.slot(v)
        self.outputs = list(
            dict.fromkeys(self.places[a].root for a in graph.outputs if isinstance(a, Variable))
        )
        for root in self.outputs:
            self.memory.slot(root)
        self.arena, self.status = self.memory.slot("arena"), self.memory.slot("status")
        self.foreign = {
            z for step in steps if is_python(step, self.places) for z in step.equation.outputs
        }
        for root in self.foreign:  # arrays that Python makes
            self.memory.slot(root)
        self.plan()
        self.functions: dict = {}
        self.write()

    def plan(self):
        """Places in the arena for what no slot holds."""
        born, dies = {}, {}
        for number, step in enumerate(self.steps):
            for root in made_by(step):
                born[root] = dies[root] = number
            for root in read_by(step, self.places):
                dies[root] = number
        lives = [
            (root, root.size * root.dtype.itemsize, born[root], dies[root])
            for root in born
            if root not in self.memory.slots
        ]
        self.memory.offsets, self.memory.size = planned(lives)

    def write(self):
        """The module: one function a segment, and one a loop that differs from all before."""
        self.begin("segment0")
        self.check_inputs()
        for step in self.steps:
            if isinstance(step, Loop):
                self.loop(step)
            elif isinstance(step, Assembly):
                for loop in step.loops:
                    self.loop(loop)
            elif not is_python(step, self.places):
                self.product(step.equation)
            else:
                self.end()
                self.program.append(("python", step.equation))
                self.begin(f"segment{len(self.program)}")
        self.end()

    def begin(self, name):
        """A new segment."""
        kind = ir.FunctionType(INT, [POINTER])
        function = ir.Function(self.module, kind, name)
        self.builder = ir.IRBuilder(function.append_basic_block("entry"))
        items = self.builder.gep(
            function.args[0], [INDEX(LIST_ITEMS)], source_etype=ir.IntType(8)
        )
        self.items = self.builder.load(items, typ=POINTER)
        self.pointers: dict = {}
        self.caller = Caller(self.builder)
        self.program.append(("native", name))
        if self.alone:
            get, set_ = (self.outside(n, k) for n, k in (("get_threads", []), ("set_threads", [INT])))
            self.threads = self.builder.call(get, [])
            self.builder.call(set_, [INT(1)])

    def outside(self, name, kinds):
        """A function of BLAS about its own threads."""
        name = f"wonderland_{name}"
        result = ir.VoidType() if kinds else INT
        found = self.module.globals.get(name)
        return found or ir.Function(self.module, ir.FunctionType(result, kinds), name)

    def end(self):
        """The end of a segment: 0, or 2 where an index was out of bounds."""
        if self.alone:
            self.builder.call(self.outside("set_threads", [INT]), [self.threads])
        status = self.builder.load(self.pointer("status"), typ=INDEX)
        self.builder.ret(self.builder.trunc(self.builder.mul(status, INDEX(2)), INT))

    def object_at(self, slot):
        """The array object in a slot."""
        place = self.builder.gep(self.items, [INDEX(slot)], source_etype=POINTER)
        return self.builder.load(place, typ=POINTER)

    def field(self, array, offset, type_):
        """A field of an array object."""
        place = self.builder.gep(array, [INDEX(offset)], source_etype=ir.IntType(8))
        return self.builder.load(place, typ=type_)

    def check_inputs(self):
        """Return 1 where an input is no plain array in C order: Python then makes it one."""
        builder = self.builder
        kind = ir.GlobalVariable(self.module, ir.IntType(8), "wonderland_ndarray")
        bad = ir.Constant(ir.IntType(1), 0)
        for v in self.arranged.graph.inputs:
            array = self.object_at(self.memory.slots[v])
            if not v.shape:
                bad = builder.or_(bad, self.number(v, array, kind))
                continue
            type_ = self.field(array, OBJECT_TYPE, POINTER)
            flags = builder.and_(self.field(array, ARRAY_FLAGS, INT), INT(USABLE))
            bad = builder.or_(bad, builder.icmp_unsigned("!=", type_, kind))
            bad = builder.or_(bad, builder.icmp_unsigned("!=", flags, INT(USABLE)))
        with builder.if_then(bad):
            if self.alone:
                builder.call(self.outside("set_threads", [INT]), [self.threads])
            builder.ret(INT(1))

    def number(self, v, x, kind):
        """Find the pointer to one number: of an array, or in NumPy's or Python's own object."""
        builder = self.builder
        type_ = self.field(x, OBJECT_TYPE, POINTER)
        array = builder.icmp_unsigned("==", type_, kind)
        known = array
        for name in scalar_types(v):
            known = builder.or_(known, builder.icmp_unsigned("==", type_, self.type(name)))
        inside = builder.gep(x, [INDEX(ARRAY_DATA)], source_etype=ir.IntType(8))
        data = builder.select(array, builder.load(inside, typ=POINTER), inside)
        self.pointers[v] = data
        return builder.not_(known)

    def type(self, name):
        """A class of Python's or NumPy's, by its address."""
        found = self.module.globals.get(name)
        return found or ir.GlobalVariable(self.module, ir.IntType(8), name)

    def pointer(self, root):
        """A pointer to the root's first entry, read once a segment."""
        found = self.pointers.get(root)
        if found is None:
            if root in self.memory.slots:
                found = self.field(self.object_at(self.memory.slots[root]), ARRAY_DATA, POINTER)
            else:
                if "arena" not in self.pointers:
                    arena = self.object_at(self.arena)
                    self.pointers["arena"] = self.field(arena, ARRAY_DATA, POINTER)
                offset = INDEX(self.memory.offsets[root])
                found = self.builder.gep(
                    self.pointers["arena"], [offset], source_etype=ir.IntType(8)
                )
            self.pointers[root] = found
        return found

    def moved(self, root, offset):
        """A pointer to an entry of the root."""
        pointer = self.pointer(root)
        if not offset:
            return pointer
        size = INDEX(offset * root.dtype.itemsize)
        return self.builder.gep(pointer, [size], source_etype=ir.IntType(8))

    def loop(self, loop):
        """A call of the loop's function, which equal loops share."""
        key = loop.key()
        found = self.functions.get(key)
        if found is None:
            writer = Writer(self.module, loop, f"loop{len(self.functions)}")
            writer.write().linkage = "internal"
            found = self.functions[key] = (writer.function, writer.length, writer.grain())
        pointers = [self.moved(root, offset) for root, offset in loop.touched()]
        function, length, piece = found
        self.caller.call(function, [*pointers, self.pointer("status")], length, piece)

    def product(self, equation):
        """Calls of BLAS."""
        (z,), places = equation.outputs, [self.places[a] for a in equation.inputs]
        product = Product(places[0].view, places[1].view, self.places[z].view)
        letter = FLOATS[z.dtype]
        order = places[::-1] if product.swapped else places
        pointers = [self.moved(root, view.offset) for root, view in [*order, self.places[z]]]
        key = letter, product.key()
        if key not in self.functions:
            name = f"product{len(self.functions)}"
            self.functions[key] = product.write(self.module, name, letter, self.blas.integer_bits)
        _, length, multiple = product.cut()
        piece = grain(product.flops() / FLOPS, length, multiple) if self.alone else length
        self.caller.call(self.functions[key], pointers, length, piece)

    def text(self):
        """The whole module as LLVM IR."""
        return str(self.module)


def scalar_types(v):
    """The names of the classes whose objects hold such a number where an array has its data."""
    names = [f"wonderland_{v.dtype.name}"]
    return [*names, "wonderland_float"] if v.weak is float else names


def is_python(step, places):
    """True for a step that neither a loop nor BLAS can do."""
    if isinstance(step, (Loop, Assembly)):
        return False
    equation = step.equation
    if equation.primitive.name != "matmul" or equation.outputs[0].dtype not in FLOATS:
        return True
    return find() is None or not all(direct(places[a].view) for a in equation.inputs)


def made_by(step):
    """The memory that a step writes."""
    return step.stores if isinstance(step, Loop) else step.equation.outputs


def read_by(step, places):
    """The memory that a step reads."""
    if isinstance(step, Loop):
        return step.reads()
    return [places[a].root for a in step.equation.inputs if isinstance(a, Variable)]


