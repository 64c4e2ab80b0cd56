"""LLVM values with Python's operators, so that a formula in IR reads as a formula.

A `Lane` is a scalar float or double, or a vector of them; the same code serves all four, since
LLVM's arithmetic does. No operation here carries fast-math flags: what is written is what is
rounded.
"""

import struct
from dataclasses import dataclass
from functools import cached_property

import llvmlite.ir as ir


@dataclass(frozen=True)
class Format:
    """What formulas need to know of a floating-point format."""

    bits: int
    mantissa: int  # stored bits of it
    bias: int
    code: str  # struct's letter

    @property
    def magic(self):
        """1.5 * 2^mantissa: added, it rounds to an integer and leaves that in the low bits."""
        return 1.5 * 2.0**self.mantissa

    @property
    def tiny(self):
        """The smallest normal number."""
        return 2.0 ** (1 - self.bias)

    @property
    def largest(self):
        """The largest finite number."""
        return (2.0 - 2.0**-self.mantissa) * 2.0**self.bias

    @property
    def epsilon(self):
        """The distance from 1 to the next number."""
        return 2.0**-self.mantissa

    def bits_of(self, number):
        """The bit pattern of `number`, as an integer."""
        letter = {"f": "I", "d": "Q"}[self.code]
        return struct.unpack("=" + letter, struct.pack("=" + self.code, number))[0]

    def rounded(self, number):
        """The nearest number of this format."""
        return struct.unpack("=" + self.code, struct.pack("=" + self.code, number))[0]


SINGLE = Format(32, 23, 127, "f")
DOUBLE = Format(64, 52, 1023, "d")


class Splat(ir.FormattedConstant):
    """A vector of one number, written once: a list of all would be most of a module's text."""

    def __init__(self, type_, number):
        self.type = type_
        self.constant = f"splat ({ir.Constant(type_.element, number)})"


def splat(type_, number):
    """`number` as a constant of a scalar or a vector type."""
    return (Splat if isinstance(type_, ir.VectorType) else ir.Constant)(type_, number)


def suffix(type_):
    """How an intrinsic's name spells the type: f32, v8f32, i32."""
    if isinstance(type_, ir.VectorType):
        return f"v{type_.count}{suffix(type_.element)}"
    return {"float": "f32", "double": "f64"}.get(str(type_), str(type_))


def intrinsic(builder, name, values, mixed=()):
    """A call of `llvm.name` on values of one type; `mixed` are further types in its name."""
    types = [value.type for value in values]
    full = ".".join(["llvm", name, suffix(types[0]), *map(suffix, mixed)])
    declared = builder.module.globals.get(full)
    if declared is None:
        declared = ir.Function(builder.module, ir.FunctionType(types[0], types), full)
    return builder.call(declared, values)


def shaped(type_, element):
    """`element`, or a vector of it as long as `type_`."""
    return ir.VectorType(element, type_.count) if isinstance(type_, ir.VectorType) else element


class Lane:
    """A value under construction; numbers among the operands become constants of its type."""

    __slots__ = ("__dict__", "builder", "value")

    def __init__(self, builder, value):
        self.builder, self.value = builder, value

    @property
    def type(self):
        """The LLVM type."""
        return self.value.type

    @cached_property
    def element(self):
        """The type of one number."""
        return self.type.element if isinstance(self.type, ir.VectorType) else self.type

    @cached_property
    def is_float(self):
        """Whether it holds numbers, not bits."""
        return isinstance(self.element, ir.FloatType | ir.DoubleType)

    @cached_property
    def format(self):
        """SINGLE or DOUBLE; of bits, that of the number as wide."""
        wide = isinstance(self.element, ir.DoubleType) or getattr(self.element, "width", 0) == 64
        return DOUBLE if wide else SINGLE

    def pick(self, single, double):
        """The one of two that belongs to this value's format."""
        return double if self.format is DOUBLE else single

    def constant(self, number):
        """`number` as a Lane of this type."""
        return Lane(self.builder, splat(self.type, number))

    def to(self, operand):
        """The LLVM value of an operand of this type."""
        return operand.value if isinstance(operand, Lane) else splat(self.type, operand)

    def new(self, value):
        """A Lane of an LLVM value."""
        return Lane(self.builder, value)

    def _arithmetic(self, other, floating, integral, swap=False):
        operation = getattr(self.builder, floating if self.is_float else integral)
        pair = (self.value, self.to(other))
        return self.new(operation(*(pair[::-1] if swap else pair)))

    def __add__(self, other):
        return self._arithmetic(other, "fadd", "add")

    def __sub__(self, other):
        return self._arithmetic(other, "fsub", "sub")

    def __mul__(self, other):
        return self._arithmetic(other, "fmul", "mul")

    def __truediv__(self, other):
        return self._arithmetic(other, "fdiv", "sdiv")

    def __rsub__(self, other):
        return self._arithmetic(other, "fsub", "sub", swap=True)

    def __rtruediv__(self, other):
        return self._arithmetic(other, "fdiv", "sdiv", swap=True)

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self):
        return self.new(
            self.builder.fneg(self.value) if self.is_float else self.builder.neg(self.value)
        )

    def __abs__(self):
        return self.call("fabs")

    def __and__(self, other):
        return self.new(self.builder.and_(self.value, self.to(other)))

    def __or__(self, other):
        return self.new(self.builder.or_(self.value, self.to(other)))

    def __xor__(self, other):
        return self.new(self.builder.xor(self.value, self.to(other)))

    def __lshift__(self, count):
        return self.new(self.builder.shl(self.value, self.to(count)))

    def logical_shift(self, count):
        """To the right, filling with zeros; of 64 bits AVX2 has no other."""
        return self.new(self.builder.lshr(self.value, self.to(count)))

    def __invert__(self):
        return self.new(self.builder.not_(self.value))

    def compare(self, operator, other):
        """Ordered, so that NaN compares false; `!=` alone is true of NaN."""
        if not self.is_float:
            return self.new(self.builder.icmp_signed(operator, self.value, self.to(other)))
        if operator == "!=":
            return self.new(self.builder.fcmp_unordered(operator, self.value, self.to(other)))
        return self.new(self.builder.fcmp_ordered(operator, self.value, self.to(other)))

    def __lt__(self, other):
        return self.compare("<", other)

    def __le__(self, other):
        return self.compare("<=", other)

    def __gt__(self, other):
        return self.compare(">", other)

    def __ge__(self, other):
        return self.compare(">=", other)

    def equals(self, other):
        """Where the two are the same number."""
        return self.compare("==", other)

    def is_nan(self):
        """Where there is no number."""
        return self.compare("!=", self)

    def call(self, name, *others):
        """`llvm.name` of this value and operands of its type."""
        values = [self.value, *(self.to(other) for other in others)]
        return self.new(intrinsic(self.builder, name, values))

    def bits(self):
        """The pattern, as an integer as wide."""
        integer = shaped(self.type, ir.IntType(self.format.bits))
        return self.new(self.builder.bitcast(self.value, integer))

    def number(self):
        """The number that a pattern of bits stands for."""
        element = ir.DoubleType() if self.format is DOUBLE else ir.FloatType()
        return self.new(self.builder.bitcast(self.value, shaped(self.type, element)))

    def copysign(self, other):
        """Its magnitude, the sign of `other`."""
        return self.call("copysign", other)


def fma(x, y, z):
    """x y + z, rounded once."""
    lane = next(value for value in (x, y, z) if isinstance(value, Lane))
    values = [lane.to(value) for value in (x, y, z)]
    return lane.new(intrinsic(lane.builder, "fma", values))


def where(mask, x, y):
    """x where the mask holds, y elsewhere; both are computed."""
    lane = x if isinstance(x, Lane) else y
    return lane.new(lane.builder.select(mask.value, lane.to(x), lane.to(y)))


def at_most(x, bound):
    """min(x, bound), but NaN where x is."""
    return where(x > bound, bound, x)


def at_least(x, bound):
    """max(x, bound), but NaN where x is."""
    return where(x < bound, bound, x)


def polynomial(x, coefficients):
    """c_0 + c_1 x + c_2 x^2 + ... by Horner's rule."""
    *rest, result = coefficients
    for coefficient in reversed(rest):
        result = fma(x, result, coefficient)
    return result


def polynomial_pairs(x, coefficients):
    """The same by pairs, pairs of these and so on (Estrin 1960): more work, but a shorter wait."""
    terms = [c if isinstance(c, Lane) else x.constant(c) for c in coefficients]
    while len(terms) > 1:
        odd = terms.pop() if len(terms) % 2 else None
        terms = [fma(x, terms[i + 1], terms[i]) for i in range(0, len(terms), 2)]
        terms += [odd] if odd is not None else []
        x = x * x
    return terms[0]


def power_of_two(exponent):
    """2^n for integers n in the format's normal range, from bits."""
    form = exponent.format
    return ((exponent + form.bias) << form.mantissa).number()


def scaled(x, exponent):
    """2^n x in two steps, so that 2^n itself may be out of range and denormals are rounded once."""
    form = x.format
    biased = exponent + 2 * form.bias
    half = biased.logical_shift(1)
    return x * (half << form.mantissa).number() * ((biased - half) << form.mantissa).number()


def two_sum(x, y):
    """(s, e): s = x + y rounded, and s + e = x + y exactly, in any order of magnitude."""
    total = x + y
    rest = total - x
    return total, (x - (total - rest)) + (y - rest)


def fast_two_sum(x, y):
    """`two_sum` where |x| >= |y|, or x = 0."""
    total = x + y
    return total, y - (total - x)


def two_product(x, y):
    """(p, e): p = x y rounded, and p + e = x y exactly."""
    product = x * y
    return product, fma(x, y, -product if isinstance(product, Lane) else product)
