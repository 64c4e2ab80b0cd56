"""Which array module, which device, which dtype: the seam between the house and array libraries.

Arrays are NumPy's or CuPy's and nothing else. CuPy is optional and looked up when first needed; a
machine without it, or without a device, works as "cpu" alone. Nothing moves between host and device
unless `to_device`, `host` or `as_array(..., device=)` says so.

The dtype policy: a new array made from Python numbers is float32 (complex64, int64, bool), and an
array the user brings keeps its dtype.
"""

import functools
import importlib

import numpy as np

NUMBER_KINDS = "biufc"
OPERANDS = ("x", "y", "z", "w")


@functools.cache
def cupy():
    """The CuPy module, once it is known to be installed and to see a device.

    ImportError where it is not installed, RuntimeError where it finds no device; both say what to
    install. The answer is remembered, a failure is not.
    """
    try:
        module = importlib.import_module("cupy")
    except ImportError as cause:
        raise ImportError(
            f"cuda: CuPy cannot be imported ({cause}); install wonderland[cuda13], or "
            "wonderland[cuda12] for a CUDA 12 driver"
        ) from cause
    try:
        found, why = module.cuda.runtime.getDeviceCount(), None
    except RuntimeError as error:  # CuPy's CUDARuntimeError is one
        found, why = 0, error
    if not found:
        raise RuntimeError(
            f"cuda: CuPy {module.__version__} finds no device ({why or 'the driver counts 0'}); "
            "stay on 'cpu', or bring driver and CuPy together: wonderland[cuda13] needs a driver "
            "for CUDA 13, wonderland[cuda12] one for CUDA 12"
        ) from why
    return module


def device_count():
    """The number of usable CUDA devices: 0 without CuPy, driver or device. Never raises."""
    try:
        return cupy().cuda.runtime.getDeviceCount()
    except (ImportError, RuntimeError):
        return 0


def cuda_available():
    """True where arrays can live on "cuda". Never raises.

    >>> cuda_available() == (device_count() > 0)
    True
    """
    return device_count() > 0


def on_cuda(x):
    """True for a CuPy array, told by its type's module: to ask does not import CuPy."""
    module = type(x).__module__
    return module == "cupy" or module.startswith("cupy.")


def is_array(x):
    """True for NumPy and CuPy arrays; False for scalars, NumPy's included, and all else."""
    return isinstance(x, np.ndarray) or (on_cuda(x) and isinstance(x, cupy().ndarray))


def array_module(*xs):
    """The module whose arrays `xs` are: CuPy where any of them is a CuPy array, else NumPy.

    >>> array_module(np.ones(2), 3.0).__name__
    'numpy'
    """
    for x in xs:
        if type(x) is not np.ndarray and on_cuda(x):
            return cupy()
    return np


def device_of(x):
    """ "cpu" or "cuda:0", "cuda:1" ...: where the array lives. Numbers live on the host.

    >>> device_of(np.ones(2))
    'cpu'
    """
    if type(x) is np.ndarray or not on_cuda(x):
        return "cpu"
    return f"cuda:{x.device.id}"


def same_device(operation, *xs, names=OPERANDS):
    """The one device all arrays of `xs` live on; numbers go along with any.

    ValueError where two arrays live on different ones; `names` are the operands', for its text.
    """
    if all(type(x) is np.ndarray for x in xs):
        return "cpu"
    here = first = None
    for i, x in enumerate(xs):
        if is_array(x):
            device = device_of(x)
            if here is None:
                here, first = device, i
            elif device != here:
                raise _mixed(operation, (_name(names, first), here), (_name(names, i), device))
    return here or "cpu"


def _name(names, i):
    return names[i] if i < len(names) else f"argument {i}"


def _mixed(operation, *placed):
    """The error for two operands, (name, device) each; the one on the host is the one to move."""
    (first, here), (second, there) = placed
    mover, target = (first, there) if here == "cpu" else (second, here)
    target = "cuda" if target == "cuda:0" else target
    return ValueError(
        f"{operation}: {first} is on {here} but {second} is on {there}; move {mover}: "
        f"to_device(array, {target!r}), or tensor.to({target!r})"
    )


def to_device(x, device):
    """x on `device`: "cpu", "cuda" (the same as "cuda:0") or "cuda:1" ...; x itself if it is there.

    Raises TypeError for what is no array, ValueError for an unknown device, and the errors of
    `cupy()` where no CUDA device can be used.

    >>> x = np.ones(2)
    >>> to_device(x, "cpu") is x
    True
    """
    if not isinstance(x, np.generic) and not is_array(x):
        raise TypeError(
            f"to_device: x is no array but a {type(x).__name__} "
            f"(make one: as_array(x, device={device!r}))"
        )
    index = _cuda_index(device)
    if index is None:
        return x.get() if on_cuda(x) else np.asarray(x)
    if device_of(x) == f"cuda:{index}":
        return x
    module = cupy()
    if on_cuda(x):
        with x.device:  # only contiguous arrays travel between devices
            x = module.ascontiguousarray(x)
    with module.cuda.Device(index):
        return x.copy() if on_cuda(x) else module.asarray(x)


def host(x):
    """x as a NumPy array: copied from its device, or itself.

    >>> host(np.ones(2))
    array([1., 1.])
    """
    return to_device(x, "cpu")


def _cuda_index(device):
    """None for "cpu", 0 for "cuda", n for "cuda:n"; else the error that lists what there is."""
    if device == "cpu":
        return None
    kind, _, number = device.partition(":") if isinstance(device, str) else ("", "", "")
    if kind == "cuda" and device != "cuda:" and (not number or number.isdecimal()):
        index = int(number or 0)
        if index < cupy().cuda.runtime.getDeviceCount():
            return index
    known = ["cpu", *(["cuda"] if cuda_available() else [])]
    known += [f"cuda:{i}" for i in range(device_count())]
    raise ValueError(
        f"to_device: there is no device {device!r} (this machine has {', '.join(map(repr, known))})"
    )


def default_float():
    """The dtype of new arrays of floats, unless the user names another: float32."""
    return np.dtype(np.float32)


def is_float(dtype):
    """True for real floating-point dtypes."""
    return np.dtype(dtype).kind == "f"


def is_complex(dtype):
    """True for complex dtypes."""
    return np.dtype(dtype).kind == "c"


def is_inexact(dtype):
    """True for the dtypes that have derivatives: floating-point and complex.

    >>> is_inexact(np.float16), is_inexact("complex64"), is_inexact(int)
    (True, True, False)
    """
    return np.dtype(dtype).kind in "fc"


def real_dtype(dtype):
    """The dtype of the real part: complex64 -> float32, complex128 -> float64, others the same."""
    dtype = np.dtype(dtype)
    return np.dtype(dtype.char.lower()) if dtype.kind == "c" else dtype


def complex_dtype(dtype):
    """The narrowest complex dtype that holds `dtype`: float32 -> complex64, float64 -> complex128.

    There is no complex of two float16: it becomes complex64. Integers follow NumPy's promotion.
    """
    return np.result_type(dtype, np.complex64)


def as_array(x, dtype=None, device=None):
    """x as an array of numbers, by the dtype policy above; itself where nothing changes.

    x: an array, a number, a (nested) list of either, or anything with `__array__`. Without `device`
    an array stays where it is and anything else goes to the host.
    Raises TypeError for what holds no numbers (objects, strings), ValueError for ragged lists.

    >>> as_array([1.0, 2.0]).dtype, as_array([1, 2]).dtype, as_array(np.float64(1)).dtype
    (dtype('float32'), dtype('int64'), dtype('float64'))
    """
    if type(x) is np.ndarray and dtype is device is None and x.dtype.kind in NUMBER_KINDS:
        return x
    array = x if is_array(x) else _new_array(x, narrow=dtype is None)
    if array.dtype.kind not in NUMBER_KINDS:
        raise TypeError(
            f"as_array: x holds no numbers but dtype {array.dtype} (x: {_brief(x)}); "
            "give floats, complex numbers, integers or booleans"
        )
    if dtype is not None:
        dtype = np.dtype(dtype)
        if dtype.kind not in NUMBER_KINDS:
            raise TypeError(
                f"as_array: dtype {dtype} holds no numbers; "
                "give a float, complex, integer or boolean dtype"
            )
        array = array.astype(dtype, copy=False)
    return array if device is None else to_device(array, device)


def _new_array(x, narrow):
    """A NumPy array of x, which is none; narrow: Python's own floats, to the default."""
    try:
        array = np.asarray(x)
    except ValueError as error:
        raise ValueError(
            f"as_array: x is no rectangular array ({error}) (x: {_brief(x)}); "
            "pad its rows to one length"
        ) from None
    if not narrow or array.dtype.char not in "dD" or not of_python(x):
        return array
    dtype = default_float() if array.dtype.char == "d" else complex_dtype(default_float())
    return array.astype(dtype)


def of_python(x):
    """True for Python's numbers and lists of them: nobody chose the dtype NumPy gives them."""
    if isinstance(x, (list, tuple)):
        return all(map(of_python, x))
    return isinstance(x, (float, complex, int)) and not isinstance(x, np.generic)


def _brief(x):
    """The repr of x, cut to what fits in an error."""
    text = repr(x)
    return text if len(text) <= 60 else f"{text[:57]}..."
