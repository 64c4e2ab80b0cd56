"""log and its kin: x = 2^k m with m in [2^-½, 2^½), then log x = k ln 2 + log(1 + f), f = m - 1.

In single, log(1 + f) = f - f²/2 + f³ P(f). In double, with s = f / (2 + f), it is 2 artanh s
= f - f²/2 + s (f²/2 + s² P(s²)) (fdlibm's arrangement, Ng 1993). P by benchmarks/minimax.py.
"""

import math

from ..lane import SINGLE, fast_two_sum, fma, polynomial, two_sum, where
from .exponential import exp

SQRT_HALF = math.sqrt(0.5)

# (log(1 + f) - f + f²/2) / f³, error 2^-27.2 of log(1 + f).
LOG_SINGLE = [
    0.3333333134651184,
    -0.2500081956386566,
    0.20001226663589478,
    -0.16623356938362122,
    0.14201757311820984,
    -0.13160181045532227,
    0.1276157945394516,
    -0.07634502649307251,
]
# (2 artanh s - 2 s) / s³ in powers of s², error 2^-57.9 of 2 artanh s.
ARTANH_DOUBLE = [
    0.6666666666666734,
    0.3999999999941468,
    0.28571428742386695,
    0.22222198573276242,
    0.1818356432157082,
    0.15314050663712694,
    0.14795948620483065,
]
# ln 2 whose head has so many trailing zeros that its product with an exponent is exact.
LN2_SHORT_SINGLE = (0.693145751953125, 1.428606765330187e-06)
LN2_SHORT_DOUBLE = (0.6931471805598903, 5.497923018708371e-14)


def split(x):
    """(k, f) as numbers: x = 2^k (1 + f), for finite x > 0; something finite for any other."""
    form = x.format
    small = x < form.tiny
    x = where(small, x * 2.0**form.mantissa, x)
    origin = form.bits_of(form.rounded(SQRT_HALF))
    shifted = x.bits() - origin + (form.bias << form.mantissa)
    power = shifted.logical_shift(form.mantissa)
    # 2^mantissa + power, read from bits: a conversion that AVX2 lacks for 64 bits.
    k = (power | form.bits_of(2.0**form.mantissa)).number() - (2.0**form.mantissa + form.bias)
    k = k - where(small, x.constant(float(form.mantissa)), 0.0)
    fraction = (shifted & ((1 << form.mantissa) - 1)) + origin
    return k, fraction.number() - 1.0


def curve(f, square_half):
    """log(1 + f) - f + f²/2, given f²/2."""
    if f.format is SINGLE:
        return f * f * f * polynomial(f, LOG_SINGLE)
    s = f / (f + 2.0)
    return s * fma(s * s, polynomial(s * s, ARTANH_DOUBLE), square_half)


def combined(k, f, rest=None):
    """k ln 2 + log(1 + f) + rest, summed from the small terms to the large."""
    high, low = f.pick(LN2_SHORT_SINGLE, LN2_SHORT_DOUBLE)
    square_half = f * f * 0.5
    tail = fma(k, low, curve(f, square_half))
    if rest is not None:
        tail = tail + rest
    return fma(k, high, f - (square_half - tail))


def outside(result, x):
    """The result for x > 0, -inf at 0, NaN below and for NaN, inf at inf."""
    result = where(x < math.inf, result, x)
    return where(x > 0.0, result, where(x.equals(0.0), x.constant(-math.inf), math.nan))


def log(x):
    """log x."""
    return outside(combined(*split(x)), x)


def log1p(x):
    """log(1 + x), with what 1 + x loses given back as lost / (1 + x)."""
    total, lost = two_sum(x, x.constant(1.0))
    result = combined(*split(total), rest=lost / total)
    return where(abs(x) < x.format.epsilon / 4, x, outside(result, total))


def log_pair(f):
    """log(1 + f) as head and tail, some 2^-8 of an ulp together."""
    square_half = f * f * 0.5
    head = f - square_half
    return fast_two_sum(head, (f - head) - square_half + curve(f, square_half))


def scaled_log(x, scale, step):
    """k step + scale log(1 + f), where scale and step are constants as head and tail."""
    k, f = split(x)
    head, tail = log_pair(f)
    product = head * scale[0]
    rest = fma(head, scale[0], -product) + fma(head, scale[1], tail * scale[0])
    whole, lost = fast_two_sum(k * step[0], product)
    return outside(whole + (lost + fma(k, step[1], rest)), x)


def log2(x):
    """log x / log 2. exact at powers of two."""
    scale = x.pick(
        (1.4426950216293335, 1.925963033500011e-08), (1.4426950408889634, 2.0355273740931033e-17)
    )
    return scaled_log(x, scale, (1.0, 0.0))


def log10(x):
    """log x / log 10."""
    scale = x.pick(
        (0.4342944920063019, -1.0103049952192578e-08), (0.4342944819032518, 1.098319650216765e-17)
    )
    step = x.pick(
        (0.301025390625, 4.605039066518657e-06), (0.30102999566395283, 2.8363394551044964e-14)
    )
    return scaled_log(x, scale, step)


def logaddexp(x, y):
    """log(e^x + e^y) = max(x, y) + log(1 + e^-|x - y|).  2 ulp of the greater of result and max."""
    greater = where(x > y, x, y)
    gap = where(x.equals(y), x.constant(0.0), abs(x - y))
    e = exp(-gap)
    total, lost = fast_two_sum(x.constant(1.0), e)
    result = greater + combined(*split(total), rest=lost / total)
    return where(gap < math.inf, result, where(gap.is_nan(), x + y, greater))


def softplus(x):
    """log(1 + e^x) = max(x, 0) + log(1 + e^-|x|)."""
    e = exp(-abs(x))
    total, lost = fast_two_sum(x.constant(1.0), e)
    result = combined(*split(total), rest=lost / total)
    # Where e is lost in the sum, log(1 + e) is e.
    result = where(e < x.format.epsilon / 4, e, result)
    return where(x < 0.0, x.constant(0.0), x) + result
