"""Casts between dtypes."""

import numpy as np

from .primitive import Primitive, linear


def _cast(x, *, dtype):
    if np.dtype(dtype).kind != "c" and x.dtype.kind == "c":
        x = x.real
    return x.astype(dtype)


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
