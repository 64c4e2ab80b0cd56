"""An angle as k π/2 + r, |r| <= π/4: what sin, cos and tan begin with.

Up to a limit, k π/2 leaves x in three pieces under FMA (Cody and Waite). Beyond it, where a product
with that many bits of π would be noise, the bits of 2/π that matter are chosen by x's exponent and
multiplied as integers (Payne and Hanek 1983): a cold branch, taken when any lane asks for it, one
lane after the other. So every finite number has the right sine.
"""

import math
from itertools import pairwise

import llvmlite.ir as ir

from ..lane import Lane, fast_two_sum, fma, two_sum, where

TWO_OVER_PI = 0.6366197723675814
HALF_PI_SINGLE = (1.5707963705062866, -4.371138828673793e-08, -1.7151245100058819e-15)
HALF_PI_DOUBLE = (1.5707963267948966, 6.123233995736766e-17, -1.4973849048591698e-33)
# Beyond these, the pieces of π/2 no longer suffice for the smallest r there is.
LIMIT_SINGLE, LIMIT_DOUBLE = 1e5, 1e9

# 2/π to 1216 bits, most significant first, after 64 zeros.
BITS = int(
    "a2f9836e4e441529fc2757d1f534ddc0db6295993c439041fe5163abdebbc561b7246e3a424d"
    "d2e006492eea09d1921cfe1deb1cb129a73ee88235f52ebb4484e99c7026b45f7e413991d639"
    "835339f49c845f8bbdf9283b1ff897ffde05980fef2f118b5a0a6d1f6d367ecf27cb09b74f46"
    "3f669e5fea2d7527bac7ebe5f17b3d0739f78a5292ea6bfb5fb11f8d5d0856033046fc7b6bab",
    16,
)
WORDS = 20

LONG, WIDE, DOUBLE = ir.IntType(64), ir.IntType(128), ir.DoubleType()
REDUCED = ir.LiteralStructType([DOUBLE, DOUBLE, LONG])


def reduced(x):
    """(k's bits, r, the rest of r): x = k π/2 + r + rest."""
    limit = x.pick(LIMIT_SINGLE, LIMIT_DOUBLE)
    size = abs(x)
    return joined(x, (size > limit) & (size < math.inf), near_zero(x))


def near_zero(x):
    """The reduction for |x| up to the limit."""
    form, (first, second, third) = x.format, x.pick(HALF_PI_SINGLE, HALF_PI_DOUBLE)
    shifted = fma(x, TWO_OVER_PI, x.constant(form.magic))
    k = shifted - form.magic
    near = fma(k, -first, x)  # exact
    product = k * second
    r, lost = two_sum(near, -product)
    rest = fma(k, -third, lost - fma(k, second, -product))
    return (shifted.bits(), *fast_two_sum(r, rest))


def joined(x, far, near):
    """The near reduction, with the far one in the lanes that need it, in a branch of its own."""
    builder = x.builder
    asked = far.value
    if isinstance(asked.type, ir.VectorType):
        packed = ir.IntType(asked.type.count)
        asked = builder.icmp_unsigned("!=", builder.bitcast(asked, packed), packed(0))
    before = builder.block
    slow, after = (builder.append_basic_block(name) for name in ("far", "reduced"))
    builder.cbranch(asked, slow, after).set_weights([1, 2000])
    builder.position_at_end(slow)
    mended = far_lanes(x, far, near)
    last = builder.block
    builder.branch(after)
    builder.position_at_end(after)
    results = []
    for one, other in zip(near, mended, strict=True):
        phi = builder.phi(one.type)
        phi.add_incoming(one.value, before)
        phi.add_incoming(other.value, last)
        results.append(Lane(builder, phi))
    return results


def far_lanes(x, far, near):
    """`near`, with the lanes where `far` holds replaced one by one."""
    builder = x.builder
    if not isinstance(x.type, ir.VectorType):
        return far_number(builder, x.value, x)
    found = [value.value for value in near]
    for lane in range(x.type.count):
        index = ir.IntType(32)(lane)
        one = Lane(builder, builder.extract_element(x.value, index))
        wanted = builder.extract_element(far.value, index)
        for place, value in enumerate(far_number(builder, one.value, one)):
            old = builder.extract_element(found[place], index)
            new = builder.select(wanted, value.value, old)
            found[place] = builder.insert_element(found[place], new, index)
    return [Lane(builder, value) for value in found]


def far_number(builder, number, like):
    """The reduction of one number by Payne and Hanek, in the format of `like`."""
    single = like.format.bits == 32
    wide = builder.fpext(number, DOUBLE) if single else number
    triple = builder.call(payne_hanek(builder.module), [wide])
    r, rest, k = (builder.extract_value(triple, place) for place in range(3))
    if not single:
        return [Lane(builder, value) for value in (k, r, rest)]
    head = builder.fptrunc(r, ir.FloatType())
    lost = builder.fadd(builder.fsub(r, builder.fpext(head, DOUBLE)), rest)
    k = builder.trunc(k, ir.IntType(32))
    return [Lane(builder, value) for value in (k, head, builder.fptrunc(lost, ir.FloatType()))]


def payne_hanek(module):
    """The module's function (double) -> {r, rest, k}, written when first asked for."""
    name = "wonderland_payne_hanek"
    function = module.globals.get(name)
    if function is None:
        function = ir.Function(module, ir.FunctionType(REDUCED, [DOUBLE]), name)
        function.linkage = "internal"
        function.attributes.add("noinline")
        write_payne_hanek(module, function)
    return function


def write_payne_hanek(module, function):
    """x = m 2^e: k and fraction of m 2^e 2/π mod 4, from 192 bits of 2/π that begin at e - 2."""
    builder = ir.IRBuilder(function.append_basic_block())
    x = Lane(builder, function.args[0])
    bits = abs(x).bits()
    exponent = bits.logical_shift(52)
    significand = (bits & ((1 << 52) - 1)) | (1 << 52)
    # Bits of 2/π before e - 2 contribute multiples of 4; the table begins 64 bits early.
    start = exponent - 1075 - 2 + 64
    start = where(start < 0, start.constant(0), start)  # a lane whose result nobody takes
    fraction, k = products(builder, significand.value, window(module, builder, start))
    r, rest = as_numbers(builder, fraction)
    first, second, _ = HALF_PI_DOUBLE
    head = r * first
    tail = fma(r, first, -head) + fma(r, second, rest * first)
    negative = x < 0.0
    signed = [where(negative, -value, value) for value in (*fast_two_sum(head, tail), k)]
    result = ir.Constant(REDUCED, ir.Undefined)
    for place, value in enumerate(signed):
        result = builder.insert_value(result, value.value, place)
    builder.ret(result)


def window(module, builder, start):
    """Three words, most significant first: the 192 bits of the table from bit `start` on."""
    table_type = ir.ArrayType(LONG, WORDS)
    table = module.globals.get("wonderland_two_over_pi")
    if table is None:
        table = ir.GlobalVariable(module, table_type, "wonderland_two_over_pi")
        words = [(BITS >> 64 * (WORDS - 2 - place)) & (2**64 - 1) for place in range(WORDS - 1)]
        table.initializer = ir.Constant(table_type, [0, *words])
        table.linkage, table.global_constant = "internal", True
    place, shift = start.logical_shift(6), (start & 63).value
    words = []
    for step in range(4):
        address = builder.gep(table, [LONG(0), (place + step).value], source_etype=table_type)
        words.append(builder.zext(builder.load(address, typ=LONG), WIDE))
    down = builder.zext(builder.sub(LONG(64), shift), WIDE)
    joined = [builder.or_(builder.shl(high, WIDE(64)), low) for high, low in pairwise(words)]
    return [builder.trunc(builder.lshr(pair, down), LONG) for pair in joined]


def products(builder, significand, words):
    """(fraction as a signed 128-bit integer, k) of significand * words, 2 bits before the point."""
    high, middle, low = (builder.zext(word, WIDE) for word in words)
    factor = builder.zext(significand, WIDE)
    bottom = builder.mul(factor, low)
    centre = builder.add(builder.mul(factor, middle), builder.lshr(bottom, WIDE(64)))
    top = builder.add(builder.mul(factor, high), builder.lshr(centre, WIDE(64)))
    upper = builder.or_(builder.shl(top, WIDE(64)), builder.zext(builder.trunc(centre, LONG), WIDE))
    lower = builder.zext(builder.lshr(builder.trunc(bottom, LONG), LONG(62)), WIDE)
    fraction = builder.or_(builder.shl(upper, WIDE(2)), lower)
    whole = builder.trunc(builder.lshr(upper, WIDE(126)), LONG)
    carry = builder.trunc(builder.lshr(fraction, WIDE(127)), LONG)
    return fraction, Lane(builder, builder.add(whole, carry))


def as_numbers(builder, fraction):
    """A signed 128-bit fraction of 1 as two doubles."""
    negative = builder.icmp_signed("<", fraction, WIDE(0))
    size = builder.select(negative, builder.neg(fraction), fraction)
    count = builder.ctlz(size, ir.IntType(1)(0))
    full = builder.shl(size, count)
    scale = builder.sub(LONG(1023), builder.trunc(count, LONG))
    scale = builder.bitcast(builder.shl(scale, LONG(52)), DOUBLE)
    scale = Lane(builder, builder.select(negative, builder.fneg(scale), scale))
    mask = LONG((1 << 53) - 1)
    head = builder.trunc(builder.lshr(full, WIDE(75)), LONG)
    tail = builder.and_(builder.trunc(builder.lshr(full, WIDE(22)), LONG), mask)
    head, tail = (Lane(builder, builder.uitofp(value, DOUBLE)) for value in (head, tail))
    return head * scale * 2.0**-53, tail * scale * 2.0**-106
