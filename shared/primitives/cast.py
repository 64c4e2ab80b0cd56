"""Casts between dtypes."""

import numpy as np

from .primitive import Primitive, linear


def _cast(x, *, dtype):
    if x.dtype.kind == "c" and np.dtype(dtype).kind not in "cb":
        x = x.real
    return x.astype(dtype)


# between floats and complex numbers; to a float the real part, whose transpose is the cast back
cast = linear(
    "cast",
    _cast,
    shape=lambda x, *, dtype: x.shape,
    dtype=lambda x, *, dtype: dtype,
    transpose=lambda gz, x_dtype: cast(gz, dtype=x_dtype),
    batch=lambda args, batched, dtype: cast(args[0], dtype=dtype),
)

# to or from integers and booleans: piecewise constant
convert = Primitive(
    "convert",
    _cast,
    shape=lambda x, *, dtype: x.shape,
    dtype=lambda x, *, dtype: dtype,
    jvp=0,
    vjp=0,
    batch=lambda args, batched, dtype: convert(args[0], dtype=dtype),
)
