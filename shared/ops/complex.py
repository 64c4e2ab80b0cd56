"""Complex numbers: conjugates, parts, angles."""

import numpy as np

from ..dispatch import bottom
from ..primitives import complex as parts
from .comparison import not_equal
from .elementwise import arctan2, rad2deg, unary
from .promotion import SCALARS, operand, promote_inexact

conj = unary(parts.conj, "The complex conjugate.", operand)
conjugate = conj


def is_complex(x):
    """True for complex numbers, arrays and values."""
    return isinstance(x, complex) if x.__class__ in SCALARS else x.dtype.kind == "c"


def real(x, /):
    """The real part; x itself where it is real.

    >>> real(np.array([1 + 2j]))
    array([1.])
    """
    x = operand(x)
    return (x.real if x.__class__ in SCALARS else parts.real(x)) if is_complex(x) else x


def imag(x, /):
    """The imaginary part; zeros where x is real.

    >>> imag(np.array([1 + 2j]))
    array([2.])
    """
    x = operand(x)
    if x.__class__ in SCALARS:
        return x.imag
    return parts.imag(x) if is_complex(x) else np.zeros_like(bottom(x), shape=x.shape)


def angle(x, deg=False):
    """The angle of a complex number in radians, in (-pi, pi]; of a real one 0 or pi, its sign.

    >>> angle(1j)
    np.float64(1.5707963267948966)
    """
    x = operand(x)
    turned = arctan2(imag(x), real(x)) if is_complex(x) else arctan2(0, x)
    return rad2deg(turned) if deg else turned


def from_parts(x, y, /):
    """x + i y for real x and y.

    >>> from_parts(np.array([1.0]), np.array([2.0]))
    array([1.+2.j])
    """
    x, y = promote_inexact(x, y)
    dtype = getattr(y if x.__class__ in SCALARS else x, "dtype", float)
    return parts.join(*[np.asarray(a, dtype) if a.__class__ in SCALARS else a for a in (x, y)])


def isreal(x, /):
    """True where the imaginary part is 0.

    >>> isreal(np.array([1 + 2j, 3]))
    array([False,  True])
    """
    return imag(x) == 0


def iscomplex(x, /):
    """True where the imaginary part is not 0.

    >>> iscomplex(np.array([1 + 2j, 3]))
    array([ True, False])
    """
    return not_equal(imag(x), 0)
