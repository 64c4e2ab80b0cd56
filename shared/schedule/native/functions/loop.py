"""One elementary function over contiguous arrays: what the tests and the benchmarks run."""

import ctypes

import llvmlite.ir as ir
import numpy as np

from ..linking import load
from ..target import vector_bytes
from ..tasks import INDEX, counted
from . import emit

ELEMENTS = {"f": ir.FloatType(), "d": ir.DoubleType()}


def loop_ir(name, code, arity, width):
    """IR of `void loop(z, x, ..., n)`: vectors of `width`, then what is left one by one."""
    element, align = ELEMENTS[code], {"f": 4, "d": 8}[code]
    module = ir.Module()
    pointers = [ir.PointerType()] * (arity + 1)
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [*pointers, INDEX]), "loop")
    for argument in function.args[:-1]:
        argument.add_attribute("noalias")
    builder = ir.IRBuilder(function.append_basic_block())
    result, *operands, size = function.args

    def step(type_):
        def body(index):
            places = [
                builder.gep(pointer, [index], source_etype=element)
                for pointer in (result, *operands)
            ]
            values = [builder.load(place, align=align, typ=type_) for place in places[1:]]
            builder.store(emit(builder, name, *values), places[0], align=align)

        return body

    whole = builder.and_(size, INDEX(-width))
    if width > 1:
        counted(builder, INDEX(0), whole, width, step(ir.VectorType(element, width)))
    counted(builder, whole if width > 1 else INDEX(0), size, 1, step(element))
    builder.ret_void()
    return str(module)


class Loop:
    """`z = loop(x, ...)` for contiguous arrays of one dtype, which may be float32 or float64."""

    def __init__(self, name, dtype, arity=1, width=None):
        self.dtype = np.dtype(dtype)
        width = width or vector_bytes() // self.dtype.itemsize
        self.ir = loop_ir(name, self.dtype.char, arity, width)
        self.code = load(self.ir, ["loop"])
        pointers = [ctypes.c_void_p] * (arity + 1)
        signature = ctypes.CFUNCTYPE(None, *pointers, ctypes.c_int64)
        self.function = signature(self.code["loop"])

    def __call__(self, *operands, out=None):
        """The function of every entry, in `out` where it is given."""
        operands = [np.ascontiguousarray(operand, self.dtype) for operand in operands]
        out = np.empty_like(operands[0]) if out is None else out
        self.function(out.ctypes.data, *(x.ctypes.data for x in operands), out.size)
        return out
