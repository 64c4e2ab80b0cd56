"""Comparisons, tests and logic: piecewise constant, so that every derivative is zero."""

import numpy as np

from .primitive import elementwise

BOOL = np.dtype(bool)


def predicate(name, ufunc, *operands):
    """A primitive that answers true or false for each entry."""
    return elementwise(name, ufunc, dtype=BOOL, **dict.fromkeys(operands, 0))


equal = predicate("equal", np.equal, "x", "y")
not_equal = predicate("not_equal", np.not_equal, "x", "y")
less = predicate("less", np.less, "x", "y")
less_equal = predicate("less_equal", np.less_equal, "x", "y")
greater = predicate("greater", np.greater, "x", "y")
greater_equal = predicate("greater_equal", np.greater_equal, "x", "y")

isnan = predicate("isnan", np.isnan, "x")
isinf = predicate("isinf", np.isinf, "x")
isfinite = predicate("isfinite", np.isfinite, "x")
signbit = predicate("signbit", np.signbit, "x")

logical_and = predicate("logical_and", np.logical_and, "x", "y")
logical_or = predicate("logical_or", np.logical_or, "x", "y")
logical_xor = predicate("logical_xor", np.logical_xor, "x", "y")
logical_not = predicate("logical_not", np.logical_not, "x")

# of integers and booleans, which have no derivatives
bitwise_and = elementwise("bitwise_and", np.bitwise_and, x=0, y=0)
bitwise_or = elementwise("bitwise_or", np.bitwise_or, x=0, y=0)
bitwise_xor = elementwise("bitwise_xor", np.bitwise_xor, x=0, y=0)
invert = elementwise("invert", np.invert, x=0)
left_shift = elementwise("left_shift", np.left_shift, x=0, y=0)
right_shift = elementwise("right_shift", np.right_shift, x=0, y=0)
gcd = elementwise("gcd", np.gcd, x=0, y=0)
lcm = elementwise("lcm", np.lcm, x=0, y=0)
bitwise_count = elementwise("bitwise_count", np.bitwise_count, dtype=np.dtype(np.uint8), x=0)
