"""The stand-in's modules, and `installed`, which puts them where `import cupy` looks."""

import sys
from contextlib import contextmanager
from types import ModuleType

import numpy as np

from wonderland.shared import backend

from .calls import PLAYED, Function, Ufunc
from .device_array import Device, current_device, libraries, ndarray
from .names import MODULES, VERSION
from .transfers import transfers

_device_count = [1]


class CUDARuntimeError(RuntimeError):
    """What CuPy raises where CUDA fails."""


class Stream:
    """cupy.cuda.Stream: it can be waited for."""

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        pass

    def synchronize(self):
        transfers.count("waits")


Stream.null = Stream()


def get_device_count():
    """cupy.cuda.runtime.getDeviceCount."""
    if not _device_count[0]:
        raise CUDARuntimeError("cudaErrorNoDevice: no CUDA-capable device is detected")
    return _device_count[0]


class Library(ModuleType):
    """A module with exactly the names of CuPy's; what is not `given` is made when asked for."""

    def __init__(self, path, **given):
        super().__init__(path, "A stand-in for CuPy.")
        self.__dict__.update(given)
        libraries[path] = self

    def __getattr__(self, name):
        path = f"{self.__name__}.{name}"
        if path in libraries:
            return libraries[path]
        if name not in MODULES.get(self.__name__, ()):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        item = _item(self.__name__, name, MODULES[self.__name__][name])
        setattr(self, name, item)
        return item


def _item(library, name, facts):
    if isinstance(facts, dict):
        if hasattr(np, name):
            return Ufunc(name, facts)
        raise NotImplementedError(f"{library}.{name}: the stand-in does not play it; add it there")
    same = getattr(np if library == "cupy" else np.exceptions, name, None)
    own = name in ("ndarray", "ufunc", "broadcast", "flatiter", "nditer", "vectorize", "poly1d")
    if facts is None or (isinstance(same, type) and not own):
        if same is None and name not in ("newaxis",):
            raise NotImplementedError(f"{library}.{name}: the stand-in does not play it")
        return same  # a constant, a dtype, an exception: CuPy's are NumPy's
    return Function(library, name, facts)


runtime = Library(
    "cupy.cuda.runtime",
    CUDARuntimeError=CUDARuntimeError,
    deviceSynchronize=Stream.null.synchronize,
    getDevice=lambda: current_device[-1],
    getDeviceCount=get_device_count,
    runtimeGetVersion=lambda: 13000,
)
cuda = Library(
    "cupy.cuda",
    Device=Device,
    Stream=Stream,
    get_current_stream=lambda device_id=-1: Stream.null,
    is_available=lambda: _device_count[0] > 0,
)
cupy = Library("cupy", ndarray=ndarray, ufunc=Ufunc, __version__=VERSION, __path__=[])
for _path in ("cupy.exceptions", "cupy.fft", "cupy.lib", "cupy.linalg", "cupy.lib.stride_tricks"):
    Library(_path)
cupyx = Library("cupyx")
PLAYED["cupy"] = cupy


@contextmanager
def installed(devices=1):
    """Makes `import cupy` find the stand-in, with so many devices and its counters at zero."""
    before = {path: sys.modules.get(path) for path in libraries}
    count, _device_count[0] = _device_count[0], devices
    sys.modules.update(libraries)
    backend.cupy.cache_clear()
    transfers.reset()
    try:
        yield cupy
    finally:
        _device_count[0] = count
        for path, module in before.items():
            sys.modules.pop(path)
            if module is not None:
                sys.modules[path] = module
        backend.cupy.cache_clear()
