"""erf and erfc, without branches: a polynomial near 0, an exponential of one further out.

Coefficients by benchmarks/minimax.py. The change of variable for erfc is Shepherd and Laframboise's
(Math. Comp. 36, 1981): (1 + 2a) e^(a²) erfc(a) is nearly constant, and smooth in (a - c) / (a + c).
"""

from ..lane import at_most, fast_two_sum, fma, polynomial, power_of_two, scaled, two_sum, where
from .exponential import exp_pair, exp_reduced, ratio, split

# erf(x)/x - 1 in powers of x², |x| <= 0.93; errors 2^-25.9 and 2^-55 of erf(x).
NEAR_SINGLE = [
    0.12837916612625122,
    -0.37612631916999817,
    0.11283687502145767,
    -0.026858940720558167,
    0.005199906881898642,
    -0.0008130012429319322,
    8.31677534733899e-05,
]
NEAR_DOUBLE = [
    0.12837916709551256,
    -0.37612638903183704,
    0.11283791670952438,
    -0.02686617064455694,
    0.005223977619083838,
    -0.0008548326607008889,
    0.00012055315641284819,
    -1.4925173355358541e-05,
    1.645331771722833e-06,
    -1.6257840592967899e-07,
    1.3953501750753232e-08,
    -8.272424445358888e-10,
]
# -log erfc(a), 0.92 <= a <= 4 (6 in double); errors 2^-26.7 and 2^-55 of erf(a).
FAR_SINGLE = [
    0.00020701996982097626,
    1.1276273727416992,
    0.6372658610343933,
    0.10385629534721375,
    -0.022189736366271973,
    0.003033681772649288,
    -0.00019494562002364546,
]
FAR_DOUBLE = [
    8.761328702123423e-08,
    1.128378242824426,
    0.6366242621795123,
    0.10275935707189063,
    -0.019102197197827485,
    -0.00024532923187309394,
    0.0017297697242249794,
    -0.000607028354182932,
    2.1326821515379492e-05,
    8.32439685053509e-05,
    -5.067156712237565e-05,
    1.8477078708497296e-05,
    -4.8677171598884055e-06,
    9.66679928172821e-07,
    -1.4471782663647534e-07,
    1.5917684811331474e-08,
    -1.216993214483696e-09,
    5.783789792250981e-11,
    -1.2870158114629608e-12,
]
# (1 + 2a) e^(a²) erfc(a) in powers of (a - c) / (a + c), a >= 0, with c = 2 and 4;
# errors 2^-28 and 2^-55.4. On the first coefficient hangs the accuracy near a = 0: it is a pair.
COMPLEMENT_SINGLE = [
    (1.2769783735275269, 9.07202757360892e-09),
    -0.09276381880044937,
    -0.16603051126003265,
    0.16405105590820312,
    -0.05421791225671768,
    -0.008031017147004604,
    0.008709440007805824,
    0.0012532318942248821,
    -0.001421294524334371,
    -0.0004015111189801246,
    0.00016955948376562446,
    7.97217944636941e-05,
]
COMPLEMENT_DOUBLE = [
    (1.2329951186255526, -4.671105642077832e-17),
    -0.13962111684056286,
    0.015379652102620179,
    0.06809705425473307,
    -0.10103906603632416,
    0.0937328349969285,
    -0.06633036581205345,
    0.03716751556050335,
    -0.01619773405430285,
    0.00503196977229188,
    -0.0007577733654547869,
    -0.00019925558914381198,
    0.00015062231006965013,
    -2.440291589548949e-05,
    -1.1224876259214133e-05,
    5.7173975164610345e-06,
    3.013536598697509e-07,
    -8.345966718846998e-07,
    6.28424286181711e-08,
    1.15000381953429e-07,
    -7.860598314539449e-09,
    -1.3585694299164255e-08,
    -1.7749511586740441e-09,
]


def erf(x):
    """erf x; odd, -0 stays."""
    size = abs(x)
    near = fma(x, polynomial(x * x, x.pick(NEAR_SINGLE, NEAR_DOUBLE)), x)
    capped = at_most(size, x.pick(4.0, 6.0))
    k, r, _ = split(-polynomial(capped, x.pick(FAR_SINGLE, FAR_DOUBLE)))
    far = 1.0 - exp_reduced(r) * power_of_two(k)
    return where(size < 0.925, near, far.copysign(x))


def erfc(x):
    """1 - erf x, to the last positive number that the format has.

    The roundings would add up to 3 ulp, so that each factor carries what its own has lost.
    """
    size = at_most(abs(x), x.pick(10.2, 27.6))
    centre = x.pick(2.0, 4.0)
    (first, first_lost), *others = x.pick(COMPLEMENT_SINGLE, COMPLEMENT_DOUBLE)
    place = ratio(*two_sum(size, -centre), *two_sum(size, centre))
    smooth, smooth_lost = fast_two_sum(x.constant(first), place * polynomial(place, others))
    smooth_lost = smooth_lost + first_lost
    square = size * size
    k, r, rest = split(-square)
    gauss, gauss_lost = exp_pair(r, rest - fma(size, size, -square))
    product = gauss * smooth
    product_lost = fma(gauss, smooth, -product) + fma(gauss, smooth_lost, gauss_lost * smooth)
    below, below_lost = two_sum(size + size, 1.0)
    result = scaled(ratio(product, product_lost, below, below_lost), k)
    return where(x < 0.0, 2.0 - result, result)
