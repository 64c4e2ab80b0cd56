"""Matrix products as calls of NumPy's own BLAS, on matrices as they lie.

A matrix whose rows or whose columns lie close is taken as it is, the second kind as a transpose; so
transposes and most slices cost nothing. Stacks are a loop of products, or one product where the rows
of all matrices follow each other.
"""

import llvmlite.ir as ir
import numpy as np

from ..views import View

INDEX = ir.IntType(64)
INT = ir.IntType(32)
POINTER = ir.PointerType()
ROW_MAJOR, PLAIN, TRANSPOSED = 101, 111, 112
FLOATS = {np.dtype(np.float32): "s", np.dtype(np.float64): "d"}
ELEMENTS = {"s": ir.FloatType(), "d": ir.DoubleType()}


def direct(view):
    """True where BLAS can take the matrices of a stack as they lie."""
    (n, m), (row, column) = view.shape[-2:], view.strides[-2:]
    return (column == 1 or m == 1 or row == 1 or n == 1) and _leading(view)[1] > 0


def _leading(view):
    """(transposed?, leading dimension) of the matrices of a stack."""
    (n, m), (row, column) = view.shape[-2:], view.strides[-2:]
    if column == 1 or m == 1:
        if m == 1 and column != 1 and row == 1 and n > 1:
            return True, max(column, n)
        step = row if n > 1 else m
        if step >= m:
            return False, step
    if row == 1 or n == 1:
        step = column if m > 1 else n
        if step >= n:
            return True, step
    return False, 0


class Product:
    """One matmul: the views of its operands and of its result, with the stack's axes merged."""

    def __init__(self, x, y, z):
        self.x, self.y, self.z = x, y, z
        lead = z.shape[:-2]
        x = x.broadcast_to((*lead, *x.shape[-2:]))
        y = y.broadcast_to((*lead, *y.shape[-2:]))
        axes = [
            (n, x.strides[i], y.strides[i], z.strides[i]) for i, n in enumerate(lead) if n != 1
        ]
        self.loops: list = []
        for axis in axes:
            before = self.loops[-1] if self.loops else None
            if before and all(before[k] == axis[k] * axis[0] for k in (1, 2, 3)):
                self.loops[-1] = (before[0] * axis[0], *axis[1:])
            else:
                self.loops.append(axis)
        self.n, self.m, self.k = z.shape[-2], z.shape[-1], x.shape[-1]
        self.x, self.y = matrix(x), matrix(y)
        self.z = matrix(z)
        self.as_rows()

    def as_rows(self):
        """A stack times one matrix is one product of all the rows."""
        if len(self.loops) != 1:
            return
        count, xs, ys, zs = self.loops[0]
        rows = xs == self.n * self.x.strides[0] and zs == self.n * self.z.strides[0]
        if ys == 0 and rows and self.x.strides[1] == 1 and self.z.strides[1] == 1:
            self.n, self.loops = self.n * count, []
            self.x = self.x._replace(shape=(self.n, self.k))
            self.z = self.z._replace(shape=(self.n, self.m))

    def emit(self, builder, letter, pointers):
        """The call, or a loop of calls, at the builder's place."""
        self.nested(builder, letter, [p for p in pointers], list(self.loops))

    def nested(self, builder, letter, pointers, loops):
        if not loops:
            return self.call(builder, letter, pointers)
        count, *steps = loops[0]
        element, function = ELEMENTS[letter], builder.function
        before = builder.block
        head, after = (function.append_basic_block() for _ in range(2))
        builder.branch(head)
        builder.position_at_end(head)
        index = builder.phi(INDEX)
        index.add_incoming(INDEX(0), before)
        moved = [
            builder.gep(p, [builder.mul(index, INDEX(step))], source_etype=element)
            for p, step in zip(pointers, steps, strict=True)
        ]
        self.nested(builder, letter, moved, loops[1:])
        following = builder.add(index, INDEX(1))
        index.add_incoming(following, builder.block)
        builder.cbranch(builder.icmp_signed("<", following, INDEX(count)), head, after)
        builder.position_at_end(after)

    def call(self, builder, letter, pointers):
        """One product."""
        element = ELEMENTS[letter]
        x, y, z = pointers
        (tx, lx), (ty, ly), (_, lz) = _leading(self.x), _leading(self.y), _leading(self.z)
        kinds = [INT, INT, INT, INDEX, INDEX, INDEX, element, POINTER, INDEX, POINTER, INDEX,
                 element, POINTER, INDEX]  # fmt: skip
        flag = {False: INT(PLAIN), True: INT(TRANSPOSED)}
        values = [
            INT(ROW_MAJOR), flag[tx], flag[ty], INDEX(self.n), INDEX(self.m), INDEX(self.k),
            element(1.0), x, INDEX(lx), y, INDEX(ly), element(0.0), z, INDEX(lz),
        ]  # fmt: skip
        builder.call(outside(builder.module, f"{letter}gemm", kinds), values)


def outside(module, name, kinds):
    """A function of BLAS, whose address the linker is given."""
    name = f"wonderland_{name}"
    declared = module.globals.get(name)
    if declared is None:
        declared = ir.Function(module, ir.FunctionType(ir.VoidType(), kinds), name)
    return declared


def matrix(view):
    """The last two axes of a stack."""
    return View(view.shape[-2:], view.strides[-2:], view.offset)
