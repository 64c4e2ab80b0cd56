"""New arrays, by the dtype policy of the house: Python's floats become float32."""

import numpy as np

from ...shared.backend import as_array, default_float
from ...shared.dispatch import Value
from ...shared.ops import stack
from ...shared.ops.promotion import astype
from ...shared.ops.shape import shape_tuple


def asarray(a, dtype=None):
    """a as an array or traced value, itself where nothing changes; lists of traced ones too.

    >>> asarray([1.0, 2.0])
    array([1., 2.], dtype=float32)
    """
    if isinstance(a, Value):
        return a if dtype is None else astype(a, dtype)
    if isinstance(a, (list, tuple)) and holds_traced(a):
        return stack([asarray(x, dtype) for x in a])
    return as_array(a, dtype)


def holds_traced(x):
    """True where a traced value is in a list, however deep."""
    if isinstance(x, (list, tuple)):
        return any(holds_traced(part) for part in x)
    return isinstance(x, Value)


def array(object, dtype=None, copy=True):
    """As asarray, but always a new array.

    >>> array(1.0)
    array(1., dtype=float32)
    """
    made = asarray(object, dtype)
    return made.copy() if copy and made is object and not isinstance(made, Value) else made


def new_dtype(dtype):
    """The dtype asked for, or else float32."""
    return default_float() if dtype is None else np.dtype(dtype)


def zeros(shape, dtype=None):
    """Zeros.

    >>> zeros(2)
    array([0., 0.], dtype=float32)
    """
    return np.zeros(shape_tuple("zeros", shape), new_dtype(dtype))


def ones(shape, dtype=None):
    """Ones.

    >>> ones(2, int)
    array([1, 1])
    """
    return np.ones(shape_tuple("ones", shape), new_dtype(dtype))


def empty(shape, dtype=None):
    """Zeros: nobody should see what memory happened to hold."""
    return zeros(shape, dtype)


def full(shape, fill_value, dtype=None):
    """fill_value everywhere, in its dtype; it may be traced.

    >>> full(2, 0.5)
    array([0.5, 0.5], dtype=float32)
    """
    value = asarray(fill_value, dtype)
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    spread = np.broadcast_to(value, shape)
    return spread if isinstance(value, Value) else np.array(spread)


def arange(start, stop=None, step=None, dtype=None):
    """Evenly spaced values in [start, stop), or [0, start); integers stay integers.

    >>> arange(3), arange(0.0, 1.0, 0.5)
    (array([0, 1, 2]), array([0. , 0.5], dtype=float32))
    """
    made = np.arange(*[x for x in (start, stop, step) if x is not None])
    return narrowed(made, dtype)


def narrowed(made, dtype):
    """An array that NumPy made of Python's numbers, in the dtype asked for or the policy's."""
    if dtype is None:
        dtype = default_float() if made.dtype.kind == "f" else made.dtype
    return made.astype(dtype, copy=False)


def linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0):
    """num values from start to stop in equal steps.

    >>> linspace(0, 1, 3)
    array([0. , 0.5, 1. ], dtype=float32)
    """
    made, step = np.linspace(start, stop, num, endpoint, True, axis=axis)
    made = narrowed(made, dtype)
    return (made, step) if retstep else made


def logspace(start, stop, num=50, endpoint=True, base=10.0, dtype=None, axis=0):
    """base to the powers of linspace(start, stop, num).

    >>> logspace(0, 2, 3)
    array([  1.,  10., 100.], dtype=float32)
    """
    return narrowed(np.logspace(start, stop, num, endpoint, base, axis=axis), dtype)


def geomspace(start, stop, num=50, endpoint=True, dtype=None, axis=0):
    """num values from start to stop, each the same multiple of the one before.

    >>> geomspace(1, 4, 3)
    array([1., 2., 4.], dtype=float32)
    """
    return narrowed(np.geomspace(start, stop, num, endpoint, axis=axis), dtype)


def tri(N, M=None, k=0, dtype=None):
    """Ones on and below the k-th diagonal of N rows and M columns.

    >>> tri(2)
    array([[1., 0.],
           [1., 1.]], dtype=float32)
    """
    return np.tri(N, M, k, dtype=new_dtype(dtype))


def eye(N, M=None, k=0, dtype=None):
    """Ones on the k-th diagonal of N rows and M columns.

    >>> eye(2)
    array([[1., 0.],
           [0., 1.]], dtype=float32)
    """
    return np.eye(N, M, k, dtype=new_dtype(dtype))


def identity(n, dtype=None):
    """The identity matrix."""
    return eye(n, dtype=dtype)
