"""Matrix products as calls of NumPy's own BLAS, on matrices as they lie; small ones written out.

A matrix whose rows or whose columns lie close is taken as it is, the second kind as a transpose; so
transposes and most slices cost nothing. Stacks are a loop of products, or one product where the
rows of all matrices follow each other.
"""

import llvmlite.ir as ir
import numpy as np

from ..views import View
from .tasks import KIND, counted, pointer_at
from .tiles import Tiles, fits, panel

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
    """One matmul: the views of its operands and of its result, with the stack's axes merged.

    tiled: it is written out here, not a call of BLAS.
    """

    def __init__(self, x, y, z, dtype):
        self.x, self.y, self.z = x, y, z
        self.swapped, lead = False, z.shape[:-2]
        x = x.broadcast_to((*lead, *x.shape[-2:]))
        y = y.broadcast_to((*lead, *y.shape[-2:]))
        axes = [(n, x.strides[i], y.strides[i], z.strides[i]) for i, n in enumerate(lead) if n != 1]
        self.loops: list = []
        for axis in axes:
            before = self.loops[-1] if self.loops else None
            if before and all(before[k] == axis[k] * axis[0] for k in (1, 2, 3)):
                self.loops[-1] = (before[0] * axis[0], *axis[1:])
            else:
                self.loops.append(axis)
        self.n, self.m, self.k = z.shape[-2], z.shape[-1], x.shape[-1]
        self.x, self.y = matrix(x), matrix(y)
        self.z, self.itemsize = matrix(z), dtype.itemsize
        self.as_rows()
        self.tiled = fits(self, self.itemsize)

    def as_rows(self):
        """A stack times one matrix is one product of all the rows; one matrix times a stack of
        columns is the product of these, as rows, with its transpose."""
        if len(self.loops) != 1:
            return
        count, xs, ys, zs = self.loops[0]
        if xs == 0 and self.m == 1:
            columns = View((count, self.k), (ys, self.y.strides[0]))
            turned = View((self.k, self.n), self.x.strides[::-1])
            result = View((count, self.n), (zs, self.z.strides[0]))
            turns, step = _leading(result)
            if _leading(columns)[1] and _leading(turned)[1] and step and not turns:
                self.x, self.y, self.z, self.swapped = columns, turned, result, True
                self.n, self.m, self.loops = count, self.n, []
            return
        x_step, z_step = (xs, zs) if self.n == 1 else (self.x.strides[0], self.z.strides[0])
        rows = xs == self.n * x_step and zs == self.n * z_step
        if ys == 0 and rows and self.x.strides[1] == 1 and self.z.strides[1] == 1:
            self.n, self.loops = self.n * count, []
            self.x = View((self.n, self.k), (x_step, 1))
            self.z = View((self.n, self.m), (z_step, 1))

    def key(self):
        """What makes two products the same code."""
        views = [(v.shape, v.strides) for v in (self.x, self.y, self.z)]
        return (*views, tuple(self.loops), self.n, self.m, self.k)

    def flops(self):
        """Multiplications of the whole stack."""
        count = 1
        for size, *_ in self.loops:
            count *= size
        return count * self.n * self.m * self.k

    def cut(self):
        """(name of what the pieces divide, its length, what a piece is a multiple of)."""
        if self.loops:
            return "stack", self.loops[0][0], 1
        if self.tiled:
            return "columns", self.m, panel(self.itemsize)
        return ("rows", self.n, 8) if self.n >= self.m else ("columns", self.m, 16)

    def write(self, module, name, letter, bits):
        """A function of (x, y, z) that computes a piece."""
        function = ir.Function(module, KIND, name)
        builder = ir.IRBuilder(function.append_basic_block())
        context, begin, end = function.args
        writer = _Calls(self, builder, letter, ir.IntType(bits))
        pointers = [pointer_at(builder, context, k) for k in range(3)]
        what = self.cut()[0]
        if what == "stack":
            writer.nested(pointers, self.loops, begin, end)
        else:
            writer.part(pointers, what, begin, builder.sub(end, begin))
        builder.ret_void()
        return function


class _Calls:
    """The calls of BLAS of one product, or what stands in their place."""

    def __init__(self, product, builder, letter, integer):
        self.product, self.builder, self.letter = product, builder, letter
        self.integer, self.element = integer, ELEMENTS[letter]
        tiled = product.tiled
        self.tiles = Tiles(product, builder, self.element, product.itemsize) if tiled else None

    def nested(self, pointers, loops, begin, end):
        """A loop over each axis of the stack, a call in the innermost."""
        if not loops:
            return self.call(pointers, INDEX(self.product.n), INDEX(self.product.m))
        builder, (_, *steps), following = self.builder, loops[0], loops[1:]
        end_of_next = INDEX(following[0][0] if following else 0)

        def one(i):
            moved = [
                self.at(p, builder.mul(i, INDEX(s))) for p, s in zip(pointers, steps, strict=True)
            ]
            self.nested(moved, following, INDEX(0), end_of_next)

        counted(builder, begin, end, 1, one)
        return None

    def at(self, pointer, places):
        """A pointer some entries further."""
        return self.builder.gep(pointer, [places], source_etype=self.element)

    def part(self, pointers, what, begin, length):
        """Some rows or some columns of the result."""
        (x, y, z), product, mul = pointers, self.product, self.builder.mul
        if what == "rows":
            x = self.at(x, mul(begin, INDEX(product.x.strides[0])))
            z = self.at(z, mul(begin, INDEX(product.z.strides[0])))
            return self.call((x, y, z), length, INDEX(product.m))
        y = self.at(y, mul(begin, INDEX(product.y.strides[1])))
        z = self.at(z, mul(begin, INDEX(product.z.strides[1])))
        return self.call((x, y, z), INDEX(product.n), length)

    def call(self, pointers, n, m):
        """One product."""
        if self.tiles is not None:
            return self.tiles.write(pointers, m)
        product, element, integer, builder = self.product, self.element, self.integer, self.builder
        (tx, lx), (ty, ly), (_, lz) = (_leading(v) for v in (product.x, product.y, product.z))
        kinds = [INT] * 3 + [integer] * 3
        kinds += [element, POINTER, integer, POINTER, integer, element, POINTER, integer]
        flag = {False: INT(PLAIN), True: INT(TRANSPOSED)}
        if integer is not INDEX and integer.width < 64:
            n, m = builder.trunc(n, integer), builder.trunc(m, integer)
        x, y, z = pointers
        values = [
            INT(ROW_MAJOR), flag[tx], flag[ty], n, m, integer(product.k), element(1.0),
            x, integer(lx), y, integer(ly), element(0.0), z, integer(lz),
        ]  # fmt: skip
        builder.call(outside(builder.module, f"{self.letter}gemm", kinds), values)


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
