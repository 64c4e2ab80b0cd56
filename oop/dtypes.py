"""The dtypes under torch's names; they are NumPy's own."""

import numpy as np

float16 = half = np.dtype(np.float16)
float32 = np.dtype(np.float32)
float64 = double = np.dtype(np.float64)
complex64 = cfloat = np.dtype(np.complex64)
complex128 = cdouble = np.dtype(np.complex128)
uint8 = np.dtype(np.uint8)
int8 = np.dtype(np.int8)
int16 = short = np.dtype(np.int16)
int32 = np.dtype(np.int32)
int64 = long = np.dtype(np.int64)
boolean = np.dtype(np.bool_)

NAMES = {"float": float32, "int": int32, "bool": boolean}  # torch's, which are Python's too


def get_default_dtype():
    """The dtype of new Tensors of Python floats.

    >>> get_default_dtype()
    dtype('float32')
    """
    return float32


def as_dtype(dtype):
    """A dtype as users give it: NumPy's, its name, or Python's float (float32), int and bool.

    >>> as_dtype(float), as_dtype("float64")
    (dtype('float32'), dtype('float64'))
    """
    if dtype is float:
        return float32
    return complex64 if dtype is complex else np.dtype(dtype)
