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


# What a number becomes that nobody gave a dtype, by its kind; "f" and "c" follow set_default_dtype.
KINDS = {"b": boolean, "u": int64, "i": int64, "f": float32, "c": complex64}
COMPLEX = {float16: complex64, float32: complex64, float64: complex128}


def get_default_dtype():
    """The dtype of new Tensors of Python floats, and what integers divide to.

    >>> get_default_dtype()
    dtype('float32')
    """
    return KINDS["f"]


def set_default_dtype(dtype):
    """New floats, parameters too, get this dtype: float16, float32 (at first) or float64.

    For the whole process, as in torch; arrays that the user brings keep their own.
    """
    dtype = np.dtype(dtype)
    if dtype not in COMPLEX:
        raise TypeError(
            f"set_default_dtype: {dtype} is no floating-point dtype; "
            "give float16, float32 or float64"
        )
    KINDS.update(f=dtype, c=COMPLEX[dtype])


def as_dtype(dtype):
    """A dtype as users give it: NumPy's, or its name; Python's float is float64, as in torch.

    >>> as_dtype("float16"), as_dtype(float)
    (dtype('float16'), dtype('float64'))
    """
    return np.dtype(dtype)
