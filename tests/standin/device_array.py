"""The array of the stand-in: NumPy's inside, wrapped and not subclassed: nothing slips through."""

import operator
from types import SimpleNamespace

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from .names import CLASSES, signature
from .transfers import transfers

DTYPES = "?bBhHiIlLqQefdFD"
NUMBERS = (bool, int, float, complex, np.bool, np.number)
# What CuPy has and the stand-in does not play; asking for it is no mistake of the code under test.
NOT_PLAYED = {
    "byteswap", "choose", "cstruct", "dump", "dumps", "flat", "mdspan", "ptp", "put",
    "reduced_view", "scatter_add", "scatter_max", "scatter_min", "toDlpack", "tofile",
}  # fmt: skip

current_device = [0]  # a stack
libraries: dict[str, object] = {}  # "cupy", "cupy.linalg" ...: filled by library.py


class Device:
    """cupy.cuda.Device: a number, and the place where `with` puts new arrays."""

    def __init__(self, device=None):
        self.id = current_device[-1] if device is None else int(device)

    def __enter__(self):
        current_device.append(self.id)
        return self

    def __exit__(self, *exception):
        current_device.pop()

    def __eq__(self, other):
        return isinstance(other, Device) and self.id == other.id

    __hash__ = None

    def __repr__(self):
        return f"<CUDA Device {self.id}>"

    def use(self):
        current_device[-1] = self.id

    def synchronize(self):
        transfers.count("waits")


class Crossing:
    """One call from the device's side to NumPy's and back.

    Inward refuses NumPy arrays and arrays of two devices; outward wraps everything, and gives an
    array that went in (as `out`, say) back as the same object.
    """

    def __init__(self):
        self.known, self.device = {}, None

    def inward(self, x):
        if isinstance(x, ndarray):
            return self.enter(x)
        if isinstance(x, np.ndarray):
            raise TypeError(f"Unsupported type {type(x)}")
        if type(x) in (tuple, list):
            return type(x)(map(self.inward, x))
        if type(x) is dict:
            return {key: self.inward(value) for key, value in x.items()}
        return x

    def enter(self, x):
        """The NumPy array inside of x."""
        if self.device not in (None, x._number):
            raise ValueError(
                f"The device where the array resides ({x._number}) is different from the current "
                f"device ({self.device}). Peer access is unavailable between these devices."
            )
        self.device = x._number
        self.known[id(x._inner)] = x
        return x._inner

    def outward(self, x):
        if isinstance(x, (np.ndarray, np.generic)):
            known = self.known.get(id(x))
            return lift(np.asarray(x), self.device) if known is None else known
        if isinstance(x, (tuple, list)):
            kind = list if isinstance(x, list) else tuple  # CuPy has no named ones
            return kind(map(self.outward, x))
        return x

    def index(self, index):
        """An index as a tuple for NumPy; CuPy copies host arrays and lists in it to the device."""
        parts = list(index) if isinstance(index, tuple) else [index]
        for i, part in enumerate(parts):
            if isinstance(part, slice):
                if any(isinstance(n, ndarray) for n in (part.start, part.stop, part.step)):
                    raise TypeError("slice.start must be int or None or have __index__ method")
            elif isinstance(part, ndarray):
                parts[i] = self.enter(part)
            elif isinstance(part, (np.ndarray, list, tuple, bool, np.bool)):
                empty = isinstance(part, (list, tuple)) and not len(part)
                parts[i] = upload(part, dtype=np.int32 if empty else None)
            if getattr(parts[i], "dtype", None) is np.dtype(bool):
                transfers.count("waits")
        if not any(part is Ellipsis for part in parts):
            parts.append(Ellipsis)  # a 0-d result is then a view, not a scalar
        return tuple(parts)

    def call(self, function, *args, **kwargs):
        """function(*args, **kwargs) on the other side; CuPy never warns of overflow or NaN."""
        args, kwargs = self.inward(args), self.inward(kwargs)
        with np.errstate(all="ignore"):
            return self.outward(function(*args, **kwargs))


def lift(array, device=None):
    """A NumPy array as one of the device, without copy and without count."""
    if array.dtype.char not in DTYPES:
        raise ValueError(f"Unsupported dtype {array.dtype}")
    x = object.__new__(ndarray)
    x._inner, x._number = array, current_device[-1] if device is None else device
    return x


def peek(x):
    """The NumPy array inside: for tests, uncounted."""
    return x._inner


def upload(x, *args, **kwargs):
    """A counted copy of host data."""
    transfers.count("to_device")
    return np.array(x, *args, **kwargs)


def refuse_collisions(inner, index, value):
    """ValueError where one place gets two values: CuPy does not say which of them stays."""
    if any(getattr(part, "dtype", None) is not None and part.ndim for part in index):
        trial = inner.copy()
        trial[index] = value
        kept = np.broadcast_to(value, trial[index].shape).astype(inner.dtype)
        if not np.array_equal(trial[index], kept, equal_nan=True):
            raise ValueError("setitem: in CuPy, which of two values stays in a place is undefined")


class ndarray(NDArrayOperatorsMixin):
    """cupy.ndarray: its attributes, methods and refusals."""

    __module__ = "cupy"
    __slots__ = ("__weakref__", "_inner", "_number")
    __array_priority__ = 100

    def __init__(self, shape, dtype=float, memptr=None, strides=None, order="C"):
        self._inner, self._number = np.empty(shape, dtype, order), current_device[-1]

    def __array__(self, dtype=None, copy=None):
        raise TypeError(
            "Implicit conversion to a NumPy array is not allowed. "
            "Please use `.get()` to construct a NumPy array explicitly."
        )

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        inout = inputs
        if "out" in kwargs:
            if len(kwargs["out"]) != 1:
                raise ValueError("The 'out' parameter must have exactly one array value")
            inout += kwargs["out"]
            kwargs["out"] = kwargs["out"][0]
        function = getattr(libraries["cupy"], ufunc.__name__, None)
        operands = inout if method == "__call__" else inout[:1]
        known = (ndarray, np.ndarray, *NUMBERS)
        if function is None or not all(isinstance(x, known) for x in operands):
            return NotImplemented
        return (function if method == "__call__" else getattr(function, method))(*inputs, **kwargs)

    def __array_function__(self, func, types, args, kwargs):
        library = libraries.get(f"cupy{func.__module__.removeprefix('numpy')}")
        function = getattr(library, func.__name__, None)
        if function is None or not all(issubclass(t, (ndarray, np.ndarray)) for t in types):
            return NotImplemented
        return function(*args, **kwargs)

    @property
    def __cuda_array_interface__(self):
        inner = self._inner
        data = (inner.ctypes.data, False)
        return dict(shape=inner.shape, typestr=inner.dtype.str, data=data, strides=inner.strides,
                    descr=inner.dtype.descr, version=3, stream=1)  # fmt: skip

    def __getitem__(self, index):
        crossing = Crossing()
        inner = crossing.enter(self)
        return crossing.outward(inner[crossing.index(index)])

    def __setitem__(self, index, value):
        crossing = Crossing()
        inner = crossing.enter(self)
        index = crossing.index(index)
        if isinstance(value, np.ndarray) and value.ndim:
            raise ValueError("non-scalar numpy.ndarray cannot be used for fill")
        if isinstance(value, ndarray):
            value = crossing.enter(value)
            refuse_collisions(inner, index, value)
        elif not isinstance(value, (*NUMBERS, np.ndarray)):
            raise TypeError(f"Unsupported type {type(value)}")
        with np.errstate(all="ignore"):
            inner[index] = value

    def __len__(self):
        if not self._inner.ndim:
            raise TypeError("len() of unsized object")
        return len(self._inner)

    def __iter__(self):
        if not self._inner.ndim:
            raise TypeError("iteration over a 0-d array")
        return (self[i] for i in range(len(self)))

    def __bool__(self):
        if self._inner.size != 1:
            raise ValueError(
                "The truth value of an array with more than one element is ambiguous. "
                "Use a.any() or a.all()"
            )
        return bool(self.item())

    def __int__(self):
        return int(self.item())

    def __float__(self):
        return float(self.item())

    def __complex__(self):
        return complex(self.item())

    def __repr__(self):  # uncounted: errors and debuggers print arrays
        return repr(self._inner)

    def __str__(self):
        return str(self._inner)

    def __format__(self, spec):
        return format(self.get(), spec)

    def __copy__(self):
        return self.copy()

    def __deepcopy__(self, memo):
        return self.copy()

    def __reduce__(self):
        return upload_array, (self.get(),)

    def get(self, stream=None, order="C", out=None, blocking=True):
        transfers.count("to_host")
        if out is None:
            return self._inner.copy(order)
        if not isinstance(out, np.ndarray) or (out.dtype, out.shape) != (self.dtype, self.shape):
            raise TypeError(f"{out.dtype} array cannot be obtained from {self.dtype} array")
        out[...] = self._inner
        return out

    def set(self, arr, stream=None):
        if not isinstance(arr, np.ndarray):
            raise TypeError("Only numpy.ndarray can be set to cupy.ndarray")
        if (arr.dtype, arr.shape) != (self.dtype, self.shape):
            raise TypeError(f"{arr.dtype} array cannot be set to {self.dtype} array")
        self._inner[...] = upload(arr)

    def item(self):
        if self._inner.size != 1:
            raise ValueError("can only convert an array of size 1 to a Python scalar")
        return self.get().item()

    def tolist(self):
        return self.get().tolist()

    def tobytes(self, order="C"):
        return self.get().tobytes(order)

    def astype(self, dtype, order="K", casting=None, subok=None, copy=True):
        if casting is not None or subok is not None:
            raise TypeError(f"{'casting' if casting else 'subok'} is not supported yet")
        return Crossing().call(np.ndarray.astype, self, dtype, order, copy=copy)

    def fill(self, value):
        self[...] = value if not isinstance(value, ndarray) else value.reshape(())

    def copy(self, order="C"):
        with np.errstate(all="ignore"):
            return lift(self._inner.copy(order))  # to the current device, as in CuPy

    device = property(lambda self: Device(self._number))
    data = property(lambda self: SimpleNamespace(ptr=self._inner.ctypes.data, device=self.device,
                                                 device_id=self._number))  # fmt: skip

    @property
    def base(self):
        base = self._inner.base
        return lift(base, self._number) if isinstance(base, np.ndarray) else None

    @property
    def flags(self):
        """c_contiguous, f_contiguous, owndata; there is nothing like writeable."""
        names = ("c_contiguous", "f_contiguous", "owndata", "fnc", "forc")
        return SimpleNamespace(**{name: getattr(self._inner.flags, name) for name in names})


def upload_array(array):
    """What a pickled device array is read back by."""
    return lift(upload(array))


def _method(name, words):
    """A method that is NumPy's, called as CuPy's is."""
    bound, function = signature(words), getattr(np.ndarray, name)

    def method(self, *args, **kwargs):
        bind(f"{name}()", bound, args, kwargs)
        if name == "nonzero":
            transfers.count("waits")
        return Crossing().call(function, self, *args, **kwargs)

    method.__name__ = name
    return method


def bind(called, bound, args, kwargs):
    """TypeError, in CuPy's place, where the arguments do not fit the parameters."""
    try:
        arguments = bound.bind(*args, **kwargs).arguments
    except TypeError as error:
        raise TypeError(f"{called} {error}") from None
    if called.rpartition(".")[2] in ("sort()", "argsort()"):
        if arguments.get("kind") not in (None, "stable"):
            raise ValueError("kind can only be None or 'stable'")


def _attribute(name):
    """An attribute that is NumPy's, arrays wrapped."""
    if name in NOT_PLAYED:
        return property(lambda self: not_played(f"ndarray.{name}"))
    read = operator.attrgetter(name)
    if name in ("real", "imag"):
        return property(
            lambda self: Crossing().call(read, self),
            lambda self, value: getattr(self, name).__setitem__(..., value),
        )
    if name in ("T", "mT"):
        return property(lambda self: Crossing().call(read, self))
    return property(operator.attrgetter(f"_inner.{name}"))


def not_played(name):
    raise NotImplementedError(f"{name}: CuPy has it, the stand-in does not play it; add it there")


for _name, _words in CLASSES["cupy.ndarray"].items():
    if not hasattr(ndarray, _name):
        attribute = _words is None or _name in NOT_PLAYED
        setattr(ndarray, _name, _attribute(_name) if attribute else _method(_name, _words))
