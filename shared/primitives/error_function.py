"""The error function, which NumPy lacks.

The rational approximations of fdlibm (Sun Microsystems, 1993), within an ulp of the exact value:
one for each of four ranges of |x|. A tuple holds the coefficients of a polynomial, highest first.
"""

import math

import numpy as np

from .exponential import exp
from .primitive import elementwise

# |x| < 0.84375: erf(x) = x + x P(x²) / Q(x²)
P_SMALL = (
    -2.37630166566501626084e-05, -5.77027029648944159157e-03, -2.84817495755985104766e-02,
    -3.25042107247001499370e-01, 1.28379167095512558561e-01,
)  # fmt: skip
Q_SMALL = (
    -3.96022827877536812320e-06, 1.32494738004321644526e-04, 5.08130628187576562776e-03,
    6.50222499887672944485e-02, 3.97917223959155352819e-01, 1.0,
)  # fmt: skip
# |x| < 1.25: erf(x) = ERX + P(|x| - 1) / Q(|x| - 1)
ERX = 8.45062911510467529297e-01
P_MIDDLE = (
    -2.16637559486879084300e-03, 3.54783043256182359371e-02, -1.10894694282396677476e-01,
    3.18346619901161753674e-01, -3.72207876035701323847e-01, 4.14856118683748331666e-01,
    -2.36211856075265944077e-03,
)  # fmt: skip
Q_MIDDLE = (
    1.19844998467991074170e-02, 1.36370839120290507362e-02, 1.26171219808761642112e-01,
    7.18286544141962662868e-02, 5.40397917702171048937e-01, 1.06420880400844228286e-01, 1.0,
)  # fmt: skip
# beyond, with s = 1 / x²: erf(x) = 1 - exp(-x² - 0.5625 + P(s) / Q(s)) / |x|
P_LARGE = (
    -9.81432934416914548592e00, -8.12874355063065934246e01, -1.84605092906711035994e02,
    -1.62396669462573470355e02, -6.23753324503260060396e01, -1.05586262253232909814e01,
    -6.93858572707181764372e-01, -9.86494403484714822705e-03,
)  # fmt: skip
Q_LARGE = (
    -6.04244152148580987438e-02, 6.57024977031928170135e00, 1.08635005541779435134e02,
    4.29008140027567833386e02, 6.45387271733267880336e02, 4.34565877475229228821e02,
    1.37657754143519042600e02, 1.96512716674392571292e01, 1.0,
)  # fmt: skip
P_HUGE = (
    -4.83519191608651397019e02, -1.02509513161107724954e03, -6.37566443368389627722e02,
    -1.60636384855821916062e02, -1.77579549177547519889e01, -7.99283237680523006574e-01,
    -9.86494292470009928597e-03,
)  # fmt: skip
Q_HUGE = (
    -2.24409524465858183362e01, 4.74528541206955367215e02, 2.55305040643316442583e03,
    3.19985821950859553908e03, 1.53672958608443695994e03, 3.25792512996573918826e02,
    3.03380607434824582924e01, 1.0,
)  # fmt: skip


def _horner(coefficients, x):
    z = x * coefficients[0] + coefficients[1]
    for c in coefficients[2:]:
        z = z * x + c
    return z


def _tail(a, p, q):
    s = 1 / (a * a)
    return 1 - np.exp(_horner(p, s) / _horner(q, s) - a * a - 0.5625) / a


def _erf(x):
    if x.dtype == np.float16:  # the coefficients leave its range
        return _erf(x.astype(np.float32)).astype(np.float16)
    x = np.clip(x, -6, 6)  # erf(6) is 1 in double precision
    a = np.abs(x)
    square, beyond = a * a, np.maximum(a, 1.25)
    small = x + x * (_horner(P_SMALL, square) / _horner(Q_SMALL, square))
    shifted = np.minimum(a, 1.25) - 1
    middle = ERX + _horner(P_MIDDLE, shifted) / _horner(Q_MIDDLE, shifted)
    large = np.where(a < 1 / 0.35, _tail(beyond, P_LARGE, Q_LARGE), _tail(beyond, P_HUGE, Q_HUGE))
    return np.where(a < 0.84375, small, np.copysign(np.where(a < 1.25, middle, large), x))


# z = 2/√π ∫₀ˣ exp(-t²) dt
erf = elementwise("erf", _erf, x=lambda x: exp(-(x * x)) * (2 / math.sqrt(math.pi)))
