"""Real and imaginary parts, and back.

These are linear over the reals only. With the pairing Re(sum(g t)) the transposes are: conj of
conj, the cast of real (which the engine does), -i g of imag, and of x + i y its two parts.
"""

import numpy as np

from .primitive import Primitive, broadcast_shape, elementwise, leading_axes

conj = elementwise("conj", np.conjugate, x=lambda d: conj(d))


def part_dtype(x):
    """The dtype of the parts of x."""
    return np.dtype(x.dtype.char.lower()) if x.dtype.kind == "c" else x.dtype


real = Primitive(
    "real",
    lambda x: x.real,
    shape=lambda x: x.shape,
    dtype=part_dtype,
    jvp="linear",
    vjp={"x": lambda gz: gz},
    batch=lambda args, batched: real(args[0]),
    view=True,
)
imag = Primitive(
    "imag",
    lambda x: x.imag,
    shape=lambda x: x.shape,
    dtype=part_dtype,
    jvp="linear",
    vjp={"x": lambda gz: -1j * gz},
    batch=lambda args, batched: imag(args[0]),
    view=True,
)


def _join(x, y):
    z = np.zeros_like(x, shape=np.broadcast_shapes(x.shape, y.shape), dtype=joined_dtype(x, y))
    z.real, z.imag = x, y
    return z


def joined_dtype(x, y):
    """The complex dtype of two real parts; there is none of two float16."""
    return np.result_type(x.dtype, y.dtype, np.complex64)


# z = x + i y for real x and y, exactly: 1j * inf would have a NaN for its real part
join = Primitive(
    "join",
    _join,
    shape=lambda x, y: broadcast_shape("join", ("x", "y"), (x, y)),
    dtype=joined_dtype,
    jvp="linear",
    vjp={"x": lambda gz: real(gz), "y": lambda gz: imag(-gz)},
    batch=lambda args, batched: join(*leading_axes(args, batched)),
)
