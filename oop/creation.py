"""New Tensors: from data, of one value, in steps, and drawn at random.

New floats are float32 unless a dtype (or set_default_dtype) says otherwise; an array that the user
brings keeps its dtype.
"""

import builtins

import numpy as np

from ..shared import random as draws
from ..shared.backend import as_array, is_array, of_python, to_device
from ..shared.dispatch import Value, bottom
from ..shared.ops import stack as stack_values
from ..shared.ops.promotion import astype
from .conversion import on_device
from .dtypes import as_dtype, get_default_dtype, int64
from .functions.arguments import sizes
from .functions.shape import clone
from .random import next_key
from .tensor import Tensor, constant, legacy, numbers


def tensor(data, *, dtype=None, device=None, requires_grad=False):
    """A Tensor of a copy of the data: numbers, (nested) lists of them, arrays, Tensors.

    Python floats become float32, Python integers int64.

    >>> tensor([1.0, 2.0], requires_grad=True)
    tensor([1., 2.], requires_grad=True)
    """
    made = as_tensor(data, dtype=dtype, device=device)
    if isinstance(data, Value) or is_array(data):
        made = clone(made.detach()) if made is data or _shares(made, data) else made.detach()
    return made.requires_grad_(requires_grad)


def _shares(made, data):
    value = made.value
    return not isinstance(data, Value) and is_array(value) and np.may_share_memory(value, data)


def as_tensor(data, dtype=None, device=None):
    """The data as a Tensor: itself if it is one, else sharing the memory of an array."""
    if isinstance(data, (list, tuple)) and builtins.any(isinstance(x, Value) for x in data):
        data = stack_values([as_tensor(x) for x in data])
    if dtype is not None and of_python(data):  # not by way of float32, which would round
        data = as_array(data, as_dtype(dtype))
    made = data if isinstance(data, Tensor) else constant(data)
    if dtype is not None:
        made = astype(made, as_dtype(dtype))
    return made if device is None else on_device(made, device)


asarray = as_tensor


def from_numpy(array):
    """A Tensor in the memory of a NumPy array: a change of one is seen by the other."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"from_numpy: a NumPy array is needed, but this is {type(array).__name__}")
    return Tensor(array)


def from_dlpack(x):
    """A Tensor in the memory of an array of another library, on its device, by DLPack."""
    if isinstance(x, Tensor):
        return x
    if hasattr(x, "__cuda_array_interface__"):
        return Tensor(as_array(x))
    return Tensor(np.from_dlpack(x))


def float_or(dtype):
    """The dtype asked for, or the default float."""
    return get_default_dtype() if dtype is None else as_dtype(dtype)


def made(array, dtype, device, requires_grad):
    """A Tensor that owns `array`."""
    if dtype is not None and array.dtype != dtype:
        array = astype(array, dtype)
    t = Tensor(array if device is None else to_device(array, device))
    return t.requires_grad_() if requires_grad else t


def zeros(*size, dtype=None, device=None, requires_grad=False):
    """Zeros.

    >>> zeros(2, 3).shape
    (2, 3)
    """
    return made(np.zeros(sizes(size), float_or(dtype)), None, device, requires_grad)


def ones(*size, dtype=None, device=None, requires_grad=False):
    """Ones."""
    return made(np.ones(sizes(size), float_or(dtype)), None, device, requires_grad)


def empty(*size, dtype=None, device=None, requires_grad=False):
    """Zeros: what nobody set is 0, not chance."""
    return zeros(*size, dtype=dtype, device=device, requires_grad=requires_grad)


def full(size, fill_value, *, dtype=None, device=None, requires_grad=False):
    """One value throughout, in its own dtype (float32 for a Python float)."""
    value = fill_value.item() if isinstance(fill_value, Tensor) else fill_value
    value = numbers(value) if dtype is None else as_array(value, as_dtype(dtype))
    dtype = value.dtype
    return made(np.full(sizes((size,)), value, dtype), None, device, requires_grad)


def scalar_tensor(value, *, dtype=None, device=None, requires_grad=False):
    """A Tensor without axes."""
    return full((), value, dtype=float_or(dtype), device=device, requires_grad=requires_grad)


def arange(start, end=None, step=1, *, dtype=None, device=None, requires_grad=False):
    """start, start + step ... up to but without end; one argument is the end.

    >>> arange(3)
    tensor([0, 1, 2])
    """
    start, end = (0, start) if end is None else (start, end)
    if dtype is None:
        whole = builtins.all(isinstance(x, (int, np.integer)) for x in (start, end, step))
        dtype = int64 if whole else get_default_dtype()
    return made(np.arange(start, end, step).astype(as_dtype(dtype)), None, device, requires_grad)


def linspace(start, end, steps, *, dtype=None, device=None, requires_grad=False):
    """So many numbers from start to end, both included, at equal distances."""
    return made(np.linspace(start, end, steps, dtype=float_or(dtype)), None, device, requires_grad)


def logspace(start, end, steps, base=10.0, *, dtype=None, device=None, requires_grad=False):
    """base to the powers of linspace(start, end, steps)."""
    array = np.logspace(start, end, steps, base=base, dtype=float_or(dtype))
    return made(array, None, device, requires_grad)


def eye(n, m=None, *, dtype=None, device=None, requires_grad=False):
    """Ones on the diagonal of a matrix of zeros."""
    return made(np.eye(n, m, dtype=float_or(dtype)), None, device, requires_grad)


def _like(input, value, dtype, device, requires_grad):
    array = np.full_like(
        bottom(input), value, shape=tuple(input.shape), dtype=as_dtype(dtype or input.dtype)
    )
    return made(array, None, device, requires_grad)


def zeros_like(input, *, dtype=None, device=None, requires_grad=False):
    """Zeros with the shape, dtype and device of the input."""
    return _like(input, 0, dtype, device, requires_grad)


def ones_like(input, *, dtype=None, device=None, requires_grad=False):
    """Ones with the shape, dtype and device of the input."""
    return _like(input, 1, dtype, device, requires_grad)


empty_like = zeros_like


def full_like(input, fill_value, *, dtype=None, device=None, requires_grad=False):
    """One value with the shape, dtype and device of the input."""
    return _like(input, fill_value, dtype, device, requires_grad)


def rand(*size, generator=None, dtype=None, device=None, requires_grad=False):
    """Uniform in [0, 1), from the generator that manual_seed starts, or another."""
    key = next_key(generator=generator)
    return made(draws.uniform(key, sizes(size), float_or(dtype)), None, device, requires_grad)


def randn(*size, generator=None, dtype=None, device=None, requires_grad=False):
    """Normal of mean 0 and variance 1."""
    key = next_key(generator=generator)
    return made(draws.normal(key, sizes(size), float_or(dtype)), None, device, requires_grad)


def randint(low, high=None, size=None, *, generator=None, dtype=int64, device=None,
            requires_grad=False):  # fmt: skip
    """Integers in [low, high); randint(high, size) starts at 0."""
    if size is None:
        low, high, size = 0, low, high
    array = draws.randint(next_key(generator=generator), sizes((size,)), int(low), int(high))
    return made(array, as_dtype(dtype), device, requires_grad)


def randperm(n, *, generator=None, dtype=int64, device=None):
    """The numbers below n in random order."""
    array = draws.permutation(next_key(generator=generator), n)
    return made(array, as_dtype(dtype), device, False)


def rand_like(input, *, generator=None, dtype=None, device=None, requires_grad=False):
    """Uniform in [0, 1), with the shape, dtype and device of the input."""
    dtype, device = dtype or input.dtype, device or device_like(input)
    return rand(
        tuple(input.shape), generator=generator, dtype=dtype, device=device,
        requires_grad=requires_grad,
    )  # fmt: skip


def randn_like(input, *, generator=None, dtype=None, device=None, requires_grad=False):
    """Normal of mean 0 and variance 1, with the shape, dtype and device of the input."""
    dtype, device = dtype or input.dtype, device or device_like(input)
    return randn(
        tuple(input.shape), generator=generator, dtype=dtype, device=device,
        requires_grad=requires_grad,
    )  # fmt: skip


def device_like(input):
    """The device of a Tensor; None for a value of a transform, which is where its inputs are."""
    return input.device if isinstance(input, Tensor) else None


def normal(mean, std=1.0, size=None, *, generator=None):
    """mean + std z for normal z: of the size given, or that of the Tensors mean and std."""
    if size is None:
        shapes = [x.shape for x in (mean, std) if isinstance(x, Tensor)]
        size = np.broadcast_shapes(*shapes)
    return randn(sizes((size,)), generator=generator) * std + mean


def bernoulli(input, *, generator=None):
    """1 with the probability of each entry, else 0, in the dtype of the input."""
    u = rand(tuple(input.shape), generator=generator, dtype=input.dtype)
    return astype(u < input.detach(), input.dtype)


def multinomial(input, num_samples, replacement=False, *, generator=None):
    """Indices of entries, by their weights: for a vector, or each row of a matrix."""
    rows = bottom(input)
    rows = rows[None] if rows.ndim == 1 else rows
    chosen = [
        draws.choice(next_key(generator=generator), len(p), (num_samples,), replacement, p)
        for p in rows
    ]
    return constant(chosen[0] if input.ndim == 1 else np.stack(chosen))


def constructor(name, dtype):
    """One of torch's old constructors, such as LongTensor([1, 2]) or FloatTensor(2, 3)."""

    def make(*data):
        data = [x.detach().value if isinstance(x, Tensor) else x for x in data]
        return constant(legacy(data, as_dtype(dtype)))

    make.__name__ = make.__qualname__ = name
    make.__doc__ = f"{name}(data), converted to {np.dtype(dtype)}; {name}(2, 3) is zeros."
    return make


HalfTensor = constructor("HalfTensor", np.float16)
FloatTensor = constructor("FloatTensor", np.float32)
DoubleTensor = constructor("DoubleTensor", np.float64)
ByteTensor = constructor("ByteTensor", np.uint8)
CharTensor = constructor("CharTensor", np.int8)
ShortTensor = constructor("ShortTensor", np.int16)
IntTensor = constructor("IntTensor", np.int32)
LongTensor = constructor("LongTensor", np.int64)
BoolTensor = constructor("BoolTensor", np.bool_)
