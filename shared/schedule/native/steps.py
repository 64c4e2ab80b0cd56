"""A whole program: loops and products as functions of machine code, and the table that runs them.

Every root (an array of the program) lies in a slot of the frame, or in the arena at an offset. The
driver (driver.ll) walks the table: which function, on which pointers, in how large pieces. So only
loops and products that differ are compiled, however many steps there are. Steps that only Python
can do stand between segments of the table.
"""

from ..graph import Variable
from ..loop import Loop
from ..passes.donate import made_by, read_by
from ..passes.fuse import Assembly
from ..passes.plan import planned
from .blas import find
from .compiling import Function
from .division import Division
from .loops import Writer
from .parallel import cores
from .partials import write_join
from .products import FLOATS, Product, direct
from .tasks import MOST_PIECES, grain

LARGE = 64**3  # multiplications; what OpenBLAS takes for the least that threads are worth
PASSING = 8 << 20  # bytes: what is larger does not stay in the cache anyway
TILED = 8  # operations of a loop that take as long to compile as a product written out
FLOPS = 4  # multiplications of a product that cost as much as an entry of a loop


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
    """The steps of a program, where their memory lies, and the functions that run them.

    program: [("native", lines of the table) or ("python", equation)]; a line is (name of the
    function, [(slot, bytes) of each pointer], length, piece).
    """

    def __init__(self, arranged, steps, donated=()):
        self.arranged, self.places, self.steps = arranged, arranged.places, steps
        self.blas = find()
        # Where BLAS would use threads, it gets one, and products are cut over our own instead.
        large = any(is_large(step, self.places) for step in steps)
        self.alone = bool(large and cores() > 1 and self.blas and self.blas.set_num_threads)
        self.memory, self.program = Memory(), []
        graph = arranged.graph
        for v in [*graph.inputs, *graph.constants()]:
            self.memory.slot(v)
        self.outputs = list(
            dict.fromkeys(self.places[a].root for a in graph.outputs if isinstance(a, Variable))
        )
        for root in self.outputs:
            self.memory.slot(root)
        read = {root for step in steps for root in read_by(step, self.places)}
        # Large results that nobody reads here; but where an argument lies it is in the cache.
        self.passing = {
            root
            for root in self.outputs
            if root.size * root.dtype.itemsize >= PASSING and root not in read | {*donated}
        }
        self.arena, self.status = self.memory.slot("arena"), self.memory.slot("status")
        self.foreign = {
            z for step in steps if is_python(step, self.places) for z in step.equation.outputs
        }
        for root in self.foreign:  # arrays that Python makes
            self.memory.slot(root)
        self.divisions: dict = {}
        self.plan()
        self.functions: dict = {}  # {key: Function}
        self.write()

    def plan(self):
        """Places in the arena for what no slot holds."""
        born, dies = {}, {}
        for number, step in enumerate(self.steps):
            for root in made_by(step):
                born.setdefault(root, number)
                dies[root] = number
            for root in read_by(step, self.places):
                dies[root] = number
            for loop in loops_of(step):
                division = self.divisions[loop] = Division(loop)
                born |= {variable: number for _, variable in division.scratch}
                dies |= {variable: number for _, variable in division.scratch}
        lives = [
            (root, root.size * root.dtype.itemsize, born[root], dies[root])
            for root in born
            if root not in self.memory.slots
        ]
        self.memory.offsets, self.memory.size = planned(lives)

    def write(self):
        """The table, and a writer of one function for each loop and product that differs."""
        for step in self.steps:
            if isinstance(step, (Loop, Assembly)):
                for loop in loops_of(step):
                    self.loop(loop)
            elif not is_python(step, self.places):
                self.product(step.equation)
            else:
                self.program.append(("python", step.equation))

    def place(self, root, offset=0):
        """(slot, bytes) of an entry of a root."""
        start = offset * root.dtype.itemsize
        if root in self.memory.slots:
            return self.memory.slots[root], start
        return self.arena, self.memory.offsets[root] + start

    def enter(self, name, places, length, piece):
        """A line of the table: at the end of the current segment."""
        if not self.program or self.program[-1][0] != "native":
            self.program.append(("native", []))
        self.program[-1][1].append((name, places, length, piece))

    def function(self, kind, key, cost, write):
        """The name of the function with this key; write(module, name) writes its IR."""
        found = self.functions.get(key)
        if found is None:
            name = f"{kind}{len(self.functions)}"
            found = Function(name, key, cost, lambda module: write(module, name))
            self.functions[key] = found
        return found.name

    def loop(self, loop):
        """A line for a loop, whose function equal loops share."""
        passing = self.passing.intersection(loop.stores)
        division = self.divisions[loop]
        partial = division.scratch
        key = loop.key(), tuple([r in passing for r in loop.stores]), division.key()
        name = self.function(
            "loop", key, len(loop.operations),
            lambda module, name: Writer(module, division, name, passing).write(),
        )  # fmt: skip
        places = [self.place(root, offset) for root, offset in loop.touched()]
        scratch = [self.place(variable) for _, variable in partial]
        places += [*scratch, (self.status, 0)]
        self.enter(name, places, division.length, division.piece)
        if partial:
            name = self.function(
                "join", ("join", key), len(partial),
                lambda module, name: write_join(module, name, partial),
            )  # fmt: skip
            results = [self.place(operation.result) for operation, _ in partial]
            pairs = [place for pair in zip(results, scratch, strict=True) for place in pair]
            self.enter(name, pairs, 1, 1)

    def product(self, equation):
        """A line for a product."""
        (z,), places = equation.outputs, [self.places[a] for a in equation.inputs]
        product = Product(places[0].view, places[1].view, self.places[z].view, z.dtype)
        letter = FLOATS[z.dtype]
        order = places[::-1] if product.swapped else places
        pointers = [self.place(root, view.offset) for root, view in [*order, self.places[z]]]
        key = letter, self.blas.integer_bits, product.key()
        name = self.function(
            "product", key, TILED if product.tiled else 0,
            lambda module, name: product.write(module, name, *key[:2]),
        )  # fmt: skip
        _, length, multiple = product.cut()
        ours = self.alone or not is_large_product(product)
        # As few pieces as there are threads: BLAS packs its operands anew for each.
        work, most = product.flops() / FLOPS, MOST_PIECES if product.loops else cores()
        piece = grain(work, length, multiple, most) if ours else length
        self.enter(name, pointers, length, piece)


def loops_of(step):
    """The loops that a step consists of."""
    return [step] if isinstance(step, Loop) else getattr(step, "loops", [])


def is_large_product(product):
    """True where BLAS would use threads for one product of a stack."""
    return not product.tiled and product.n * product.m * product.k > LARGE


def is_large(step, places):
    """True for a step that is such a product."""
    if isinstance(step, (Loop, Assembly)) or is_python(step, places):
        return False
    (z,), (x, y) = step.equation.outputs, (places[a].view for a in step.equation.inputs)
    return is_large_product(Product(x, y, places[z].view, z.dtype))


def is_python(step, places):
    """True for a step that neither a loop nor BLAS can do."""
    if isinstance(step, (Loop, Assembly)):
        return False
    equation = step.equation
    if equation.primitive.name != "matmul" or equation.outputs[0].dtype not in FLOATS:
        return True
    return find() is None or not all(direct(places[a].view) for a in equation.inputs)
