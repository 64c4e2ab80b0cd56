"""How a loop reads and writes memory: vectors, single entries, and entries apart.

Booleans are bytes in memory and bits in registers.
"""

import llvmlite.ir as ir

from .lane import suffix
from .scalars import TYPES

INDEX = ir.IntType(64)
BYTE = ir.IntType(8)
VECTOR = 32  # bytes: the alignment that stores past the cache need


class Access:
    """A row in memory: a pointer to its first entry, the stride along it, and the dtype."""

    __slots__ = ("dtype", "passing", "pointer", "stride")

    def __init__(self, pointer, stride, dtype, passing=False):
        self.pointer, self.stride, self.dtype = pointer, stride, dtype
        self.passing = passing  # whole vectors of it are written past the cache

    @property
    def element(self):
        """The type of an entry in memory."""
        return element(self.dtype)


class Memory:
    """The memory of one loop function."""

    def __init__(self, writer, pointers):
        self.writer, self.pointers, self.locals = writer, pointers, {}

    def access(self, root, outer, inner, offset, moved=None):
        """The row of `root` at the writer's outer indices, moved by `moved` entries."""
        builder = self.writer.builder
        place = INDEX(0) if moved is None else moved
        for index, stride in zip(self.writer.indices, outer, strict=True):
            if stride:
                place = builder.add(place, builder.mul(index, INDEX(stride)))
        size = root.dtype.itemsize
        steps = [stride * size for stride in (*outer, offset)]
        whole = inner == 1 and not any(step % VECTOR for step in steps) and moved is None
        passing = whole and root in self.writer.passing
        found = Access(self.pointers[root, offset], inner, root.dtype, passing)
        found.pointer = builder.gep(found.pointer, [place], source_etype=found.element)
        return found

    def local(self, result):
        """A row of our own, for a value that a later phase uses again."""
        if result not in self.locals:
            length = self.writer.nest.inner + self.writer.lanes
            row = ir.ArrayType(element(result.dtype), length)
            self.locals[result] = self.writer.alloca(row)
        return Access(self.locals[result], 1, result.dtype)

    def mask(self, rest):
        """The lanes below `rest`."""
        builder, lanes = self.writer.builder, self.writer.lanes
        each = ir.Constant(ir.VectorType(INDEX, lanes), list(range(lanes)))
        vector = ir.VectorType(INDEX, lanes)
        first = builder.insert_element(
            ir.Constant(vector, ir.Undefined), rest, ir.Constant(ir.IntType(32), 0)
        )
        zeros = ir.Constant(ir.VectorType(ir.IntType(32), lanes), [0] * lanes)
        bound = builder.shuffle_vector(first, ir.Constant(vector, ir.Undefined), zeros)
        return builder.icmp_signed("<", each, bound)

    def put(self, root, index, value):
        """One entry of a whole buffer."""
        access = Access(self.pointers[root, 0], 1, root.dtype)
        self.store(access, index, None, value, 1)

    def place(self, access, i):
        """A pointer to entry i of a row."""
        builder = self.writer.builder
        if access.stride != 1:
            i = builder.mul(i, INDEX(access.stride))
        return builder.gep(access.pointer, [i], source_etype=access.element)

    def load(self, access, i, mask, lanes):
        """`lanes` entries from i on; what the mask excludes is zero, and not read."""
        builder, element = self.writer.builder, access.element
        if lanes == 1:
            x = builder.load(self.place(access, i), typ=element)
        elif access.stride == 1:
            vector, place = ir.VectorType(element, lanes), self.place(access, i)
            align = access.dtype.itemsize
            if mask is None:
                x = builder.load(place, align=align, typ=vector)
            else:
                zero = ir.Constant(vector, None)
                x = self.masked("load", vector, [place, lane_number(align), mask, zero])
        else:
            x = self.scattered(access, i, mask, lanes)
        return from_memory(builder, x, access.dtype)

    def prefetch(self, access, i):
        """Have a line of memory brought into the cache."""
        builder, module, number = self.writer.builder, self.writer.function.module, ir.IntType(32)
        name = "llvm.prefetch.p0"
        declared = module.globals.get(name)
        if declared is None:
            kind = ir.FunctionType(ir.VoidType(), [ir.PointerType(), number, number, number])
            declared = ir.Function(module, kind, name)
        builder.call(declared, [self.place(access, i), number(0), number(3), number(1)])

    def scattered(self, access, i, mask, lanes):
        """Entries apart, one by one; lanes outside the mask read the first."""
        builder, element = self.writer.builder, access.element
        x = ir.Constant(ir.VectorType(element, lanes), None)
        for k in range(lanes):
            at = builder.add(i, INDEX(k))
            if mask is not None:
                inside = builder.extract_element(mask, lane_number(k))
                at = builder.select(inside, at, i)
            entry = builder.load(self.place(access, at), typ=element)
            x = builder.insert_element(x, entry, lane_number(k))
        return x

    def store(self, access, i, mask, value, lanes=None):
        """Write entries from i on, where the mask allows."""
        builder = self.writer.builder
        lanes = self.writer.lanes if lanes is None else lanes
        value = self.to_memory(value, access.dtype, lanes)
        if lanes == 1:
            return builder.store(value, self.place(access, i))
        if access.stride != 1:
            return self.scatter(access, i, mask, value, lanes)
        place, align = self.place(access, i), access.dtype.itemsize
        if mask is None:
            if access.passing:
                return self.passing(value, place)
            return builder.store(value, place, align=align)
        return self.masked("store", ir.VoidType(), [value, place, lane_number(align), mask])

    def passing(self, value, place):
        """Write a vector past the cache, which need not fetch the line that is overwritten."""
        store = self.writer.builder.store(value, place, align=VECTOR)
        hint = store.parent.module.add_metadata([ir.Constant(ir.IntType(32), 1)])
        store.set_metadata("nontemporal", hint)

    def scatter(self, access, i, mask, value, lanes):
        """Write entries apart, one by one."""
        builder = self.writer.builder
        for k in range(lanes):
            place = self.place(access, builder.add(i, INDEX(k)))
            entry = builder.extract_element(value, lane_number(k))
            if mask is None:
                builder.store(entry, place)
                continue
            with builder.if_then(builder.extract_element(mask, lane_number(k))):
                builder.store(entry, place)

    def masked(self, name, result, values):
        """A call of llvm.masked.load or store."""
        builder = self.writer.builder
        vector = values[0].type if name == "store" else result
        full = f"llvm.masked.{name}.{suffix(vector)}.p0"
        module = self.writer.function.module
        declared = module.globals.get(full)
        if declared is None:
            kind = ir.FunctionType(result, [v.type for v in values])
            declared = ir.Function(module, kind, full)
        return builder.call(declared, values)

    def to_memory(self, x, dtype, lanes):
        """Bits become bytes."""
        if dtype.kind != "b":
            return x
        wanted = BYTE if lanes == 1 else ir.VectorType(BYTE, lanes)
        return self.writer.builder.zext(x, wanted)


def element(dtype):
    """The type of an entry in memory."""
    return BYTE if dtype.kind == "b" else TYPES[dtype]


def from_memory(builder, x, dtype):
    """Bytes become bits."""
    if dtype.kind != "b":
        return x
    zero = ir.Constant(x.type, None if isinstance(x.type, ir.VectorType) else 0)
    return builder.icmp_unsigned("!=", x, zero)


def lane_number(n):
    """A 32-bit constant."""
    return ir.Constant(ir.IntType(32), n)
