"""Products of small matrices, written out: BLAS copies both operands, which takes as long again.

As in BLAS (Goto and van de Geijn 2008) the columns of y are taken in panels, which are copied to
lie in the cache row by row, and the sums of a tile of z stay in registers while k runs. But x is
read as it lies, and what a call of BLAS looks at first is known here. Large products gain nothing.
"""

import llvmlite.ir as ir

from .lane import intrinsic
from .target import has_feature, vector_bytes
from .tasks import INDEX, POINTER, counted
from .vectors import spread

ROWS = 6  # of a tile: two registers for each, two for a row of y, one for x: of 16
TOGETHER = 2  # entries of k
WORTH = 1_000_000  # multiplications of a stack from which on compiling pays
LARGEST = 128**3  # multiplications of one product, up to which it is faster
MOST_ROWS, DEEPEST = 128, 256  # so much of x, and a panel of y, stays in the first cache
FEW_ROWS = 48  # with fewer it takes too long to turn a y whose columns are contiguous


def panel(itemsize):
    """How many columns a panel has: two registers of them."""
    return 2 * vector_bytes() // itemsize


def fits(product, itemsize):
    """True for a product that is faster here than by BLAS."""
    n, m, k = product.n, product.m, product.k
    return (
        product.flops() >= WORTH
        and n * m * k <= LARGEST
        and ROWS <= n <= MOST_ROWS
        and k <= DEEPEST
        and not m % panel(itemsize)
        and product.z.strides[1] == 1
        and (product.y.strides[1] == 1 or n >= FEW_ROWS)
        and has_feature("fma")
    )


class Tiles:
    """Writes z = x y for one product of a stack, or for some columns of it.

    It is made at the head of a function, where it takes memory for a panel.
    """

    def __init__(self, product, builder, element, itemsize):
        self.product, self.builder, self.element = product, builder, element
        self.itemsize, self.width = itemsize, panel(itemsize)
        self.vector = ir.VectorType(element, self.width)
        self.panel = self.local(ir.ArrayType(element, product.k * self.width))
        self.totals = [self.local(self.vector) for _ in range(ROWS)]

    def local(self, type_):
        """Memory of this call; the passes turn it into registers where they can."""
        place = self.builder.alloca(type_)
        place.align, place.type = 64, POINTER
        return place

    def at(self, pointer, *terms):
        """A pointer further on by the sum of index * stride."""
        builder, place = self.builder, INDEX(0)
        for index, stride in terms:
            place = builder.add(place, builder.mul(index, INDEX(stride)))
        return builder.gep(pointer, [place], source_etype=self.element)

    def write(self, pointers, m):
        """The first m columns."""
        (x, y, z), builder, n = pointers, self.builder, self.product.n

        def of_columns(j):
            self.copy(self.at(y, (j, self.product.y.strides[1])))
            part = self.at(z, (j, 1))
            whole = n - n % ROWS
            counted(builder, INDEX(0), INDEX(whole), ROWS, lambda i: self.tile(x, part, i, ROWS))
            if n > whole:
                self.tile(x, part, INDEX(whole), n - whole)

        counted(builder, INDEX(0), m, self.width, of_columns)

    def copy(self, y):
        """A panel of y, row by row."""
        builder, (row, column), width = self.builder, self.product.y.strides, self.width

        def vector(k):
            entries = builder.load(self.at(y, (k, row)), align=self.itemsize, typ=self.vector)
            builder.store(entries, self.at(self.panel, (k, width)), align=64)

        def entries(j):
            source = self.at(y, (j, column))

            def one(k):
                entry = builder.load(self.at(source, (k, row)), typ=self.element)
                builder.store(entry, self.at(self.panel, (k, width), (j, 1)))

            counted(builder, INDEX(0), INDEX(self.product.k), 1, one)

        if column == 1:
            counted(builder, INDEX(0), INDEX(self.product.k), 1, vector)
        else:
            counted(builder, INDEX(0), INDEX(width), 1, entries)

    def tile(self, x, z, i, count):
        """`count` rows of a panel of z, from row i on."""
        builder, product = self.builder, self.product
        x, z = self.at(x, (i, product.x.strides[0])), self.at(z, (i, product.z.strides[0]))
        for total in self.totals[:count]:
            builder.store(ir.Constant(self.vector, None), total)
        step = TOGETHER if product.k % TOGETHER == 0 else 1

        def columns(k):
            for j in range(step):
                self.column(x, builder.add(k, INDEX(j)), count)

        counted(builder, INDEX(0), INDEX(product.k), step, columns)
        for r, total in enumerate(self.totals[:count]):
            place = self.at(z, (INDEX(r), product.z.strides[0]))
            builder.store(builder.load(total, typ=self.vector), place, align=self.itemsize)

    def column(self, x, k, count):
        """Add column k of x times row k of the panel."""
        builder, (row, column) = self.builder, self.product.x.strides
        y = builder.load(self.at(self.panel, (k, self.width)), align=64, typ=self.vector)
        for r, total in enumerate(self.totals[:count]):
            entry = builder.load(self.at(x, (k, column), (INDEX(r), row)), typ=self.element)
            factor = spread(builder, entry, self.width)
            before = builder.load(total, typ=self.vector)
            builder.store(intrinsic(builder, "fmuladd", [factor, y, before]), total)
