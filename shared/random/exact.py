"""log and the normal quantile in + - * / and √ only, so that all devices agree to the bit.

IEEE 754 rounds these five the same everywhere; NumPy's log, say, differs between processors by a
last digit, and CUDA's from both. All values are float64 arrays of one dimension.
"""

import numpy as np

SQRT_HALF = 0.7071067811865476
LOG_2_HIGH, LOG_2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10

# The polynomials go from the highest power down.
# FreeBSD's e_log.c: log(1 + f) = f - (f²/2 - s (f²/2 + R)), s = f / (2 + f), R a polynomial in s².
LOG = (
    1.479819860511658591e-01,
    1.531383769920937332e-01,
    1.818357216161805012e-01,
    2.222219843214978396e-01,
    2.857142874366239149e-01,
    3.999999999940941908e-01,
    6.666666666666735130e-01,
    0.0,
)

# Wichura, "Algorithm AS 241: the percentage points of the normal distribution", PPND16 (1988):
# numerator and denominator in the middle (|p - 1/2| <= 0.425), in the tail, and far out in it.
MIDDLE = (
    (
        2.5090809287301226727e3,
        3.3430575583588128105e4,
        6.7265770927008700853e4,
        4.5921953931549871457e4,
        1.3731693765509461125e4,
        1.9715909503065514427e3,
        1.3314166789178437745e2,
        3.3871328727963666080e0,
    ),
    (
        5.2264952788528545610e3,
        2.8729085735721942674e4,
        3.9307895800092710610e4,
        2.1213794301586595867e4,
        5.3941960214247511077e3,
        6.8718700749205790830e2,
        4.2313330701600911252e1,
        1.0,
    ),
)
TAIL = (
    (
        7.74545014278341407640e-4,
        2.27238449892691845833e-2,
        2.41780725177450611770e-1,
        1.27045825245236838258e0,
        3.64784832476320460504e0,
        5.76949722146069140550e0,
        4.63033784615654529590e0,
        1.42343711074968357734e0,
    ),
    (
        1.05075007164441684324e-9,
        5.47593808499534494600e-4,
        1.51986665636164571966e-2,
        1.48103976427480074590e-1,
        6.89767334985100004550e-1,
        1.67638483018380384940e0,
        2.05319162663775882187e0,
        1.0,
    ),
)
FAR_TAIL = (
    (
        2.01033439929228813265e-7,
        2.71155556874348757815e-5,
        1.24266094738807843860e-3,
        2.65321895265761230930e-2,
        2.96560571828504891230e-1,
        1.78482653991729133580e0,
        5.46378491116411436990e0,
        6.65790464350110377720e0,
    ),
    (
        2.04426310338993978564e-15,
        1.42151175831644588870e-7,
        1.84631831751005468180e-5,
        7.86869131145613259100e-4,
        1.48753612908506148525e-2,
        1.36929880922735805310e-1,
        5.99832206555887937690e-1,
        1.0,
    ),
)


def polynomial(coefficients, x):
    """Horner's rule, in place where it can be."""
    result = x * coefficients[0]
    for coefficient in coefficients[1:-1]:
        result += coefficient
        result *= x
    result += coefficients[-1]
    return result


def ratio(pair, x):
    """The quotient of the two polynomials."""
    result = polynomial(pair[0], x)
    result /= polynomial(pair[1], x)
    return result


def log(x):
    """The natural logarithm of positive normal numbers, to a unit in the last place."""
    mantissa, exponent = np.frexp(x)
    # The mantissa comes in [1/2, 1); from √½ to √2 log(1 + f) is small where f is.
    small = mantissa < SQRT_HALF
    f = np.where(small, mantissa + mantissa, mantissa) - 1.0
    exponent = (exponent - small).astype(np.float64)
    s = f / (f + 2.0)
    half_square = f * f * 0.5
    rest = s * (half_square + polynomial(LOG, s * s))
    return exponent * LOG_2_HIGH - ((half_square - (rest + exponent * LOG_2_LOW)) - f)


def normal_quantile(p):
    """z with Φ(z) = p, for 0 < p < 1, to a relative 1e-15."""
    q = p - 0.5
    result = ratio(MIDDLE, 0.180625 - q * q) * q
    outside = np.abs(q) > 0.425
    # The formula of the tails costs twice as much, and is needed for 15 of 100.
    result[outside] = _tail(p[outside])
    return result


def _tail(p):
    upper = p > 0.5
    r = np.sqrt(-log(np.where(upper, 1.0 - p, p)))
    z, far = ratio(TAIL, r - 1.6), r > 5.0
    if bool(far.any()):  # one value in 10¹⁰
        z = np.where(far, ratio(FAR_TAIL, r - 5.0), z)
    return np.where(upper, z, -z)
