"""torch's type promotion: a wider kind wins, and within a kind only operands with axes count."""

import numpy as np

from .dtypes import KINDS

NUMBERS = {bool: "b", int: "i", float: "f", complex: "c"}
CATEGORY = {"b": 0, "u": 1, "i": 1, "f": 2, "c": 3}


def result_type(xs):
    """The dtype that the operands xs share: bool < int < float < complex.

    Operands with axes decide. One without axes, and after it a number, counts only where its kind
    is wider, so that neither a Python float nor NumPy's float64 widens a float32 Tensor.
    """
    tiers = {0: None, 1: None, 2: None}
    for x in xs:
        if x.__class__ in NUMBERS:
            tier, dtype = 2, KINDS[NUMBERS[x.__class__]]
        elif isinstance(x, np.generic) or getattr(x, "weak", None):
            tier, dtype = 2, KINDS[x.dtype.kind]
        else:
            tier, dtype = 0 if len(x.shape) else 1, x.dtype
        tiers[tier] = promote(tiers[tier], dtype)
    return combine(combine(tiers[0], tiers[1]), tiers[2])


def promote_types(type1, type2):
    """The dtype that operands of two dtypes share.

    >>> promote_types(np.int64, np.float16)
    dtype('float16')
    """
    return promote(np.dtype(type1), np.dtype(type2))


def can_cast(from_, to):
    """True where a change in place may store the one dtype in the other.

    >>> can_cast(np.float64, np.float32), can_cast(np.float32, np.int64)
    (True, False)
    """
    return CATEGORY[np.dtype(from_).kind] <= CATEGORY[np.dtype(to).kind]


def promote(a, b):
    """The dtype of two operands of the same standing."""
    if a is None or b is None:
        return b if a is None else a
    one, two = CATEGORY[a.kind], CATEGORY[b.kind]
    if one == two or (one >= 2 and two >= 2):
        return np.promote_types(a, b)
    return a if one > two else b


def combine(strong, weak):
    """The dtype of operands that decide and operands that count only where their kind is wider."""
    if strong is None or weak is None:
        return weak if strong is None else strong
    if CATEGORY[weak.kind] <= CATEGORY[strong.kind]:
        return strong
    if strong.kind == "f":  # complex from the float that decides
        return np.promote_types(strong, np.complex64)
    return weak
