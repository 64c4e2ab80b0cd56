"""The stand-in's ufuncs and functions: NumPy's results behind CuPy's signatures and refusals."""

import numpy as np

from .device_array import NUMBERS, Crossing, bind, lift, ndarray, not_played, peek, upload
from .names import SCATTERED, loop_of, signature
from .transfers import transfers

NUMPY = {
    "cupy": np,
    "cupy.fft": np.fft,
    "cupy.linalg": np.linalg,
    "cupy.lib.stride_tricks": np.lib.stride_tricks,
}
# These look at shapes and dtypes alone, so that any array will do.
LOOKING = {
    "broadcast_shapes", "can_cast", "common_type", "iscomplexobj", "isrealobj", "isscalar",
    "may_share_memory", "min_scalar_type", "ndim", "promote_types", "result_type", "shape",
    "shares_memory", "size",
}  # fmt: skip
# Their results' shapes depend on values, so that CuPy waits for the device.
WAITING = {
    "argwhere", "compress", "extract", "flatnonzero", "intersect1d", "nonzero", "setdiff1d",
    "union1d", "unique", "unique_all", "unique_counts", "unique_inverse", "unique_values",
}  # fmt: skip
# Python's bool and int in NumPy, 0-d arrays in CuPy.
ZERO_D = {"allclose", "array_equal", "array_equiv", "count_nonzero"}
# A first parameter of these names must be an array of CuPy's.
ARRAYS = {"a", "x", "m", "v", "arr", "ary", "array", "condition", "dst"}
# Where to split is for the host to know, so that CuPy takes NumPy's arrays too.
SPLITTING = {"array_split", "dsplit", "hsplit", "split", "vsplit"}


class Ufunc:
    """A CuPy ufunc: its keywords are out, dtype and casting; CuPy's loops, and few methods."""

    def __init__(self, name, facts):
        self.name = self.__name__ = f"cupy_{name}"
        self.short, self.methods = name, facts["methods"].split()
        self.loops = facts["types"]
        inputs, _, outputs = self.loops.split()[0].partition("->")
        self.nin, self.nout = len(inputs), len(outputs)
        self.nargs = self.nin + self.nout

    def __call__(self, *args, **kwargs):
        if wrong := kwargs.keys() - {"out", "dtype", "casting"}:
            raise TypeError(f"Wrong arguments { {name: kwargs[name] for name in sorted(wrong)} }")
        if not self.nin <= len(args) <= self.nargs:
            raise TypeError(f"Wrong number of arguments for {self.name!r}")
        operands, out = args[: self.nin], args[self.nin :] or kwargs.pop("out", None)
        if out is not None:
            kwargs["out"] = out
        crossing = Crossing()
        operands, kwargs = crossing.inward(operands), crossing.inward(kwargs)
        outputs = self._outputs(operands, kwargs.get("dtype"))
        with np.errstate(all="ignore"):
            result = getattr(np, self.short)(*operands, **kwargs)
        if out is not None:
            return crossing.outward(result)
        results = result if self.nout > 1 else (result,)
        cast = tuple(r.astype(d, copy=False) for r, d in zip(results, outputs, strict=True))
        return crossing.outward(cast if self.nout > 1 else cast[0])

    def _outputs(self, operands, dtype):
        """The output dtypes of the loop CuPy takes; TypeError where it has none."""
        given = []
        for x in operands:
            if isinstance(x, (np.ndarray, np.generic)):
                given.append(x.dtype)
            elif isinstance(x, NUMBERS):
                given.append(np.dtype(bool) if type(x) is bool else type(x))
            else:
                raise TypeError(f"Unsupported type {type(x)}")
        loop = loop_of(self.loops, tuple(given), None if dtype is None else np.dtype(dtype))
        if loop is None:
            raise TypeError(f"Wrong type ({dtype or given}) of arguments for {self.name}")
        return loop[1]

    def _check(self, method):
        if method not in self.methods:
            raise NotImplementedError(f"`{self.name}.{method}` is not supported yet")

    def reduce(self, array, axis=0, dtype=None, out=None, keepdims=False):
        self._check("reduce")
        name = {"add": "sum", "multiply": "prod"}[self.short]
        return getattr(array, name)(axis, dtype, out, keepdims)

    def accumulate(self, array, axis=0, dtype=None, out=None):
        self._check("accumulate")
        name = {"add": "cumsum", "multiply": "cumprod"}[self.short]
        return getattr(array, name)(axis, dtype, out)

    def reduceat(self, array, indices, axis=0, dtype=None, out=None):
        self._check("reduceat")
        if not isinstance(indices, ndarray):
            indices = lift(upload(indices))
        return Crossing().call(np.add.reduceat, array, indices, axis, dtype, out)

    def outer(self, a, b, **kwargs):
        self._check("outer")
        return self(a.reshape(a.shape + (1,) * b.ndim), b, **kwargs)

    def at(self, a, indices, b=None):
        """CUDA's atomics where an index is an array of integers, which know few dtypes."""
        self._check("at")
        crossing = Crossing()
        inner, index = crossing.enter(a), crossing.index(indices)
        integers = any(getattr(part, "dtype", np.dtype(bool)).kind in "iu" for part in index)
        if integers and a.dtype.name not in SCATTERED[self.short].split():
            supported = ", ".join(SCATTERED[self.short].split())
            raise TypeError(f"cupy.{self.short}.at only supports {supported} as data type")
        b = crossing.inward(b)
        with np.errstate(all="ignore"):
            getattr(np, self.short).at(inner, index, np.asarray(b).astype(a.dtype, copy=False))


class Function:
    """A CuPy function: CuPy's parameters, NumPy's result."""

    def __init__(self, library, name, words):
        self.__name__, self.path = name, f"{library}.{name}"
        self.bound = signature(words)
        self.first = next(iter(self.bound.parameters), None)
        self.play = PLAYED.get(self.path)
        self.numpy = getattr(NUMPY.get(library), name, None)
        if not (self.play or self.numpy):
            self.play = lambda *args, **kwargs: not_played(self.path)

    def __call__(self, *args, **kwargs):
        bind(f"{self.__name__}()", self.bound, args, kwargs)
        if self.play:
            return self.play(*args, **kwargs)
        if self.__name__ in LOOKING:
            strip = [peek(x) if isinstance(x, ndarray) else x for x in args]
            return self.numpy(*strip, **kwargs)
        if self.first in ARRAYS and args and not isinstance(args[0], ndarray):
            raise TypeError(
                f"Argument {self.first!r} has incorrect type "
                f"(expected cupy._core.core._ndarray_base, got {type(args[0])})"
            )
        if self.__name__ in WAITING or (self.__name__ == "where" and len(args) == 1):
            transfers.count("waits")
        if self.__name__ in SPLITTING:
            args = [x.tolist() if isinstance(x, np.ndarray) else x for x in args]
        numpy = self.zero_d if self.__name__ in ZERO_D else self.numpy
        return Crossing().call(numpy, *args, **kwargs)

    def zero_d(self, *args, **kwargs):
        return np.asarray(self.numpy(*args, **kwargs))


def array(obj, dtype=None, copy=True, order="K", subok=False, ndmin=0, *, blocking=False):
    """cupy.array: from the host it is a counted copy, from the device a copy where asked."""
    if isinstance(obj, ndarray):
        wanted = obj.dtype if dtype is None else np.dtype(dtype)
        if copy or wanted != obj.dtype:
            obj = obj.astype(wanted, order)
        return obj.reshape((1,) * (ndmin - obj.ndim) + obj.shape) if ndmin > obj.ndim else obj
    if isinstance(obj, (list, tuple)) and any(isinstance(x, ndarray) for x in obj):
        return array(Crossing().call(np.stack, list(obj)), dtype)
    return lift(upload(obj, dtype, order=order, ndmin=ndmin))


def asarray(a, dtype=None, order=None, *, copy=None, blocking=False):
    """cupy.asarray: no copy of what is on the device already."""
    return array(a, dtype, copy or False, order or "K")


def ascontiguousarray(a, dtype=None):
    """cupy.ascontiguousarray."""
    return Crossing().call(np.ascontiguousarray, asarray(a, dtype))


def asnumpy(a, stream=None, order="C", out=None, *, blocking=True):
    """cupy.asnumpy: `get`, and NumPy's asarray of anything else."""
    return a.get(stream, order, out) if isinstance(a, ndarray) else np.asarray(a, order=order)


def get_array_module(*args):
    """cupy.get_array_module."""
    return PLAYED["cupy"] if any(isinstance(x, ndarray) for x in args) else np


def scatter(ufunc):
    """cupyx.scatter_add and its like."""
    return lambda a, slices, value: getattr(PLAYED["cupy"], ufunc).at(a, slices, value)


# What NumPy has not, or what needs more than NumPy's result. "cupy" itself: filled by library.py.
PLAYED = {
    "cupy.array": array,
    "cupy.asanyarray": asarray,
    "cupy.asarray": asarray,
    "cupy.ascontiguousarray": ascontiguousarray,
    "cupy.asnumpy": asnumpy,
    "cupy.get_array_module": get_array_module,
    "cupyx.rsqrt": lambda x: Crossing().call(lambda x: np.reciprocal(np.sqrt(x)), x),
    "cupyx.scatter_add": scatter("add"),
    "cupyx.scatter_max": scatter("maximum"),
    "cupyx.scatter_min": scatter("minimum"),
}
