"""NumPy's comparisons, tests, logic and bitwise functions, all with derivative zero."""

from ..primitives import comparison
from .elementwise import binary, unary
from .promotion import operand

equal = binary(comparison.equal, "x == y.")
not_equal = binary(comparison.not_equal, "x != y.")
less = binary(comparison.less, "x < y.")
less_equal = binary(comparison.less_equal, "x <= y.")
greater = binary(comparison.greater, "x > y.")
greater_equal = binary(comparison.greater_equal, "x >= y.")

isnan = unary(comparison.isnan, "True for NaN.", operand)
isinf = unary(comparison.isinf, "True for both infinities.", operand)
isfinite = unary(comparison.isfinite, "True for what is neither infinite nor NaN.", operand)
signbit = unary(comparison.signbit, "True for negative numbers and -0.0.", operand)

logical_and = binary(comparison.logical_and, "True where both are not 0.")
logical_or = binary(comparison.logical_or, "True where one is not 0, or both.")
logical_xor = binary(comparison.logical_xor, "True where exactly one is not 0.")
logical_not = unary(comparison.logical_not, "True where x is 0.", operand)

bitwise_and = binary(comparison.bitwise_and, "The bits set in both integers.")
bitwise_or = binary(comparison.bitwise_or, "The bits set in either integer.")
bitwise_xor = binary(comparison.bitwise_xor, "The bits set in exactly one integer.")
invert = unary(comparison.invert, "The bits not set; of booleans, not x.", operand)
left_shift = binary(comparison.left_shift, "x 2**y for integers.")
right_shift = binary(comparison.right_shift, "floor(x / 2**y) for integers.")
bitwise_count = unary(comparison.bitwise_count, "The number of bits set in |x|.", operand)

bitwise_invert = bitwise_not = invert
bitwise_left_shift, bitwise_right_shift = left_shift, right_shift


def isposinf(x, /):
    """True for +inf.

    >>> isposinf(float("inf"))
    np.True_
    """
    return logical_and(isinf(x), logical_not(signbit(x)))


def isneginf(x, /):
    """True for -inf.

    >>> isneginf(float("inf"))
    np.False_
    """
    return logical_and(isinf(x), signbit(x))
