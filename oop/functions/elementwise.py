"""torch's functions of every entry: arithmetic, exponentials, comparisons, choices."""

from ...shared import ops
from ...shared.dispatch import Value, bottom
from ...shared.ops.promotion import SCALARS, inexact, result_type
from ...shared.primitives import activation, error_function
from ..tensor import Tensor, constant
from .arguments import value, values
from .reduction import ordered
from .shape import apart


def unary(function, name=None):
    """A function of one operand."""

    def made(input):
        return function(value(input))

    return _named(made, function, name)


def binary(function, name=None):
    """A function of two operands."""

    def made(input, other):
        if not (isinstance(input, Value) or isinstance(other, Value)):
            input = value(input)
        return function(input, other)

    return _named(made, function, name)


def steps(function, name=None):
    """A function of one operand that is constant but for its steps."""

    def made(input):
        x = value(input)
        return depending(function(x), x)

    return _named(made, function, name)


def depending(z, x):
    """z, a function of x by steps: as in torch it requires a gradient if x does; that of x is 0."""
    if isinstance(x, Tensor) and x.requires_grad and z.dtype == x.dtype:
        return ops.where(True, z, x)
    return z


def _named(made, function, name):
    made.__name__ = made.__qualname__ = name or function.__name__
    made.__doc__ = function.__doc__.split("\n\n    >>>")[0].rstrip()
    return made


exp, exp2, expm1 = unary(ops.exp), unary(ops.exp2), unary(ops.expm1)
log, log2, log10, log1p = unary(ops.log), unary(ops.log2), unary(ops.log10), unary(ops.log1p)
sin, cos, tan = unary(ops.sin), unary(ops.cos), unary(ops.tan)
asin, acos, atan = unary(ops.asin, "asin"), unary(ops.acos, "acos"), unary(ops.atan, "atan")
sinh, cosh, tanh = unary(ops.sinh), unary(ops.cosh), unary(ops.tanh)
asinh, acosh = unary(ops.asinh, "asinh"), unary(ops.acosh, "acosh")
atanh = unary(ops.atanh, "atanh")
sqrt = unary(ops.sqrt)
abs, neg = unary(ops.abs, "abs"), unary(ops.negative, "neg")
positive = unary(ops.positive)
sgn = steps(ops.sign, "sgn")
floor, ceil, trunc = steps(ops.floor), steps(ops.ceil), steps(ops.trunc)
deg2rad, rad2deg = unary(ops.deg2rad), unary(ops.rad2deg)
isnan, isinf, isfinite = unary(ops.isnan), unary(ops.isinf), unary(ops.isfinite)
isposinf, isneginf = unary(ops.isposinf), unary(ops.isneginf)
signbit, logical_not = unary(ops.signbit), unary(ops.logical_not)
bitwise_not = unary(ops.invert, "bitwise_not")
conj, real = unary(ops.conj, "conj"), unary(ops.real)
angle = unary(ops.angle)

mul = binary(ops.multiply, "mul")
floor_divide, remainder, fmod = binary(ops.floor_divide), binary(ops.remainder), binary(ops.fmod)
pow = binary(ops.power, "pow")
float_power, atan2 = binary(ops.float_power), binary(ops.atan2, "atan2")
hypot, copysign, nextafter = binary(ops.hypot), binary(ops.copysign), binary(ops.nextafter)
logaddexp, logaddexp2 = binary(ops.logaddexp), binary(ops.logaddexp2)
ldexp, heaviside = binary(ops.ldexp), binary(ops.heaviside)
maximum, minimum, fmax, fmin = map(binary, (ops.maximum, ops.minimum, ops.fmax, ops.fmin))
eq, ne = binary(ops.equal, "eq"), binary(ops.not_equal, "ne")
lt, le = binary(ops.less, "lt"), binary(ops.less_equal, "le")
gt, ge = binary(ops.greater, "gt"), binary(ops.greater_equal, "ge")
logical_and, logical_or = binary(ops.logical_and), binary(ops.logical_or)
logical_xor = binary(ops.logical_xor)
bitwise_and, bitwise_or = binary(ops.bitwise_and), binary(ops.bitwise_or)
bitwise_xor = binary(ops.bitwise_xor)
bitwise_left_shift = binary(ops.left_shift, "bitwise_left_shift")
bitwise_right_shift = binary(ops.right_shift, "bitwise_right_shift")
complex = binary(ops.from_parts, "complex")


def add(input, other, *, alpha=1):
    """input + alpha other."""
    input, other = values((input, other))
    return input + (other if _is_one(alpha) else other * alpha)


def sub(input, other, *, alpha=1):
    """input - alpha other."""
    input, other = values((input, other))
    return input - (other if _is_one(alpha) else other * alpha)


def _is_one(alpha):
    return alpha.__class__ is int and alpha == 1


def rsub(input, other, *, alpha=1):
    """other - alpha input."""
    return sub(other, input, alpha=alpha)


def div(input, other, *, rounding_mode=None):
    """input / other; rounding_mode: None for the true quotient, 'trunc', or 'floor'."""
    input, other = values((input, other))
    if rounding_mode is None:
        return ops.divide(input, other)
    if rounding_mode == "floor":
        return ops.floor_divide(input, other)
    if rounding_mode != "trunc":
        raise ValueError(
            f"div: rounding_mode {rounding_mode!r} is none of None, 'trunc' and 'floor'"
        )
    quotient = ops.trunc(ops.divide(input, other))
    return ops.astype(quotient, result_type(input, other))


def reciprocal(input):
    """1 / input, of integers a float."""
    return ops.reciprocal(inexact(value(input)))


def rsqrt(input):
    """1 / sqrt(input)."""
    return reciprocal(sqrt(input))


def sign(input):
    """-1, 0 or 1 by the sign of each entry, with gradient 0; of booleans themselves."""
    x = value(input)
    if x.dtype.kind == "b":
        return apart(x, x)
    return sgn(ordered("sign", x))


def square(input):
    """input²; of booleans in int64."""
    x = value(input)
    return ops.square(ops.astype(x, "int64") if x.dtype.kind == "b" else x)


def frac(input):
    """The fraction of each entry, with its sign; its derivative is 1."""
    return ops.modf(value(input))[0]


def sigmoid(input):
    """1 / (1 + exp(-input))."""
    x = inexact(value(input))
    return reciprocal(1 + exp(-x)) if x.dtype.kind == "c" else activation.sigmoid(x)


def erf(input):
    """The error function."""
    return error_function.erf(inexact(value(input)))


def relu(input):
    """max(input, 0); its derivative at 0 is 0."""
    return activation.relu(value(input))


def logit(input, eps=None):
    """log(input / (1 - input)); eps: first clamp the input to [eps, 1 - eps]."""
    x = value(input)
    x = x if eps is None else clamp(x, eps, 1 - eps)
    return ops.log(ops.divide(x, 1 - x))


def imag(input):
    """The imaginary part; zeros of a real input."""
    x = value(input)
    return ops.imag(x) if x.dtype.kind == "c" else ops.multiply(x, 0)


def round(input, *, decimals=0):
    """The nearest integers, halves to even, or multiples of 10**-decimals; derivative 0."""
    x = value(input)
    return depending(ops.round(x, decimals), x)


def clamp(input, min=None, max=None):
    """input within [min, max], numbers or Tensors; None is no bound.

    At a bound the gradient goes to input. Raises ValueError where neither bound is given.
    """
    if min is None and max is None:
        raise ValueError("clamp: there is no bound; give min, max or both")
    return ops.clip(value(input), min, max)


def nan_to_num(input, nan=0.0, posinf=None, neginf=None):
    """Finite numbers in place of NaN and the infinities, there with derivative zero."""
    return apart(ops.nan_to_num(value(input), nan=nan, posinf=posinf, neginf=neginf), input)


def lerp(input, end, weight):
    """input + weight (end - input)."""
    input = value(input)
    return input + weight * (end - input)


def addcmul(input, tensor1, tensor2, *, value=1):
    """input + value tensor1 tensor2."""
    return add(input, mul(tensor1, tensor2), alpha=value)


def addcdiv(input, tensor1, tensor2, *, value=1):
    """input + value tensor1 / tensor2."""
    return add(input, div(tensor1, tensor2), alpha=value)


def xlogy(input, other):
    """input log(other), and 0 where input is 0 (with derivative 0), whatever other is."""
    x, y = values((input, other))
    zero = ops.equal(x, 0)
    return ops.where(zero, 0.0, ops.multiply(x, ops.log(where(zero, 1.0, y))))


def where(condition, input=None, other=None):
    """input where the condition holds, else other; what is not taken gets a gradient of exactly 0.

    With the condition alone, the indices of its true entries, one Tensor per axis.
    """
    if input is None and other is None:
        found = ops.nonzero(value(condition))
        return tuple([value(i) for i in found])
    if not any(isinstance(x, Value) for x in (condition, input, other)):
        condition = value(condition)
    z = ops.where(condition, input, other)
    if input.__class__ in SCALARS and other.__class__ in SCALARS:  # NumPy's numbers are float64
        return ops.astype(z, Tensor.result_type([constant(input), constant(other)]))
    return z


def masked_fill(input, mask, value):
    """input, with `value` where the mask holds; there the gradient is 0."""
    input = values((input,))[0]
    filled = ops.where(mask, value, input)
    return filled if filled.dtype == input.dtype else ops.astype(filled, input.dtype)


def isclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    """True where |input - other| <= atol + rtol |other|."""
    return ops.isclose(*values((input, other)), rtol=rtol, atol=atol, equal_nan=equal_nan)


def allclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    """True where all entries are close, as a Python bool; see isclose."""
    return bool(ops.all(isclose(input, other, rtol, atol, equal_nan)))


def equal(input, other):
    """True for the same shape and the same entries, as a Python bool."""
    x, y = value(input), value(other)
    return tuple(x.shape) == tuple(y.shape) and bool(ops.all(ops.equal(x, y)))


def is_nonzero(input):
    """bool() of a Tensor with one entry."""
    return bool(bottom(value(input)).item())


multiply, subtract, divide, true_divide, negative = mul, sub, div, div, neg
absolute, fix, clip = abs, trunc, clamp
arcsin, arccos, arctan, arctan2 = asin, acos, atan, atan2
arcsinh, arccosh, arctanh = asinh, acosh, atanh
greater, greater_equal, less, less_equal, not_equal = gt, ge, lt, le, ne
expit = sigmoid
