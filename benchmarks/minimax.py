"""Which polynomial is nearest to a function? Remez's exchange, for the tables of native/functions.

`fit` solves for coefficients c of sum c_j x^j that minimise max |weight * (target - sum)| over an
interval, and rounds them to the nearest float32 or float64; the error that it returns is that of
the rounded ones.

    python benchmarks/minimax.py            # every table of shared/schedule/native/functions
    python benchmarks/minimax.py log        # those whose name contains "log"
"""

import sys

import numpy as np
from mpmath import mp, mpf

mp.dps = 50
GRID = 1500


def rounded(value, dtype):
    """The nearest number of the format, "f" or "d"."""
    return mpf(float(np.float32(float(value)))) if dtype == "f" else mpf(float(value))


def chebyshev_grid(low, high, count=GRID):
    """Points that are denser towards the ends."""
    middle, radius = (mpf(low) + high) / 2, (mpf(high) - low) / 2
    return [middle - radius * mp.cos(mp.pi * (k + mpf(1) / 2) / count) for k in range(count)]


def alternation(errors, size):
    """Indices of `size` local extrema of alternating sign, the largest ones."""
    runs = []
    for index, error in enumerate(errors):
        if runs and (error > 0) == (errors[runs[-1]] > 0):
            if abs(error) > abs(errors[runs[-1]]):
                runs[-1] = index
        else:
            runs.append(index)
    while len(runs) > size:
        if len(runs) == size + 1:
            runs.pop(0 if abs(errors[runs[0]]) < abs(errors[runs[-1]]) else -1)
            continue
        weakest = min(
            range(len(runs) - 1), key=lambda k: max(abs(errors[runs[k]]), abs(errors[runs[k + 1]]))
        )
        del runs[weakest : weakest + 2]
    return runs


def solved(targets, weights, basis, chosen):
    """The sum whose weighted error is the same at all chosen points, with alternating sign."""
    size = len(basis[0])
    matrix, right = mp.matrix(size + 1), mp.matrix(size + 1, 1)
    for row, k in enumerate(chosen):
        for column in range(size):
            matrix[row, column] = basis[k][column]
        matrix[row, size] = (-1) ** row / weights[k]
        right[row] = targets[k]
    return mp.lu_solve(matrix, right)


def errors_of(coefficients, targets, weights, basis):
    """The weighted error at every point."""
    given = zip(targets, weights, basis, strict=True)
    return [weight * (target - mp.fdot(coefficients, row)) for target, weight, row in given]


def remez(targets, weights, basis):
    """The coefficients: the exchange over the points of a grid."""
    count, size = len(targets), len(basis[0])
    chosen = [round(k * (count - 1) / size) for k in range(size + 1)]
    for _ in range(40):
        solution = solved(targets, weights, basis, chosen)
        coefficients = list(solution)[:size]
        errors = errors_of(coefficients, targets, weights, basis)
        fresh = alternation(errors, size + 1)
        level = max(map(abs, errors)) / abs(solution[size])
        if len(fresh) < size + 1 or level <= mpf("1.0001"):
            break
        chosen = fresh
    return coefficients


def fit(target, low, high, count, weight=lambda x: 1, dtype="d"):
    """(rounded coefficients, greatest weighted error) of the nearest sum of `count` terms."""
    points = chebyshev_grid(low, high)
    targets, weights = [target(x) for x in points], [mpf(weight(x)) for x in points]
    basis = [[x**power for power in range(count)] for x in points]
    coefficients = [rounded(c, dtype) for c in remez(targets, weights, basis)]
    return coefficients, max(map(abs, errors_of(coefficients, targets, weights, basis)))


def of_square(function, order):
    """(f(√z) - √z) / √z^order: what multiplies x^order where the power series begins with x."""
    return lambda z: (function(mp.sqrt(z)) - mp.sqrt(z)) / mp.sqrt(z) ** order


def complement(centre):
    """(1 + 2a) e^(a²) erfc(a) as a function of (a - centre) / (a + centre)."""

    def value(t):
        a = centre * (1 + t) / (1 - t)
        return (1 + 2 * a) * mp.exp(a * a) * mp.erfc(a)

    return value


def end(centre, last):
    """The largest argument of `complement`, for a up to `last`."""
    return (mpf(last) - centre) / (mpf(last) + centre)


def log_tail(f):
    """(log(1 + f) - f + f²/2) / f³"""
    return (mp.log1p(f) - f + f * f / 2) / f**3


TINY = mpf("1e-12")  # where a quotient by z is still exact enough
HALF_LN2 = mp.log(2) / 2 * mpf("1.0001")
LOG_ENDS = (mp.sqrt(0.5) - 1, mp.sqrt(2) - 1)
ARTANH_END = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2
SINE_END = (mp.pi / 4 * mpf("1.0005")) ** 2
EXP_TAIL = (lambda r: (mp.expm1(r) - r) / r**2, -HALF_LN2, HALF_LN2)
ARTANH = (lambda z: 2 * of_square(mp.atanh, 3)(z), TINY, ARTANH_END)
LONG_ARTANH = (lambda z: of_square(mp.atanh, 5)(z) - 1 / (3 * z), TINY**0.5, ARTANH_END)
SINE = (of_square(mp.sin, 3), TINY, SINE_END)
COSINE = (lambda z: (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z**2, TINY, SINE_END)
ERF = (of_square(mp.erf, 1), TINY, mpf("0.93") ** 2)
ARCTAN = (of_square(mp.atan, 3), TINY, ((mp.sqrt(2) - 1) * mpf("1.0001")) ** 2)
ARCSIN = (of_square(mp.asin, 3), TINY, mpf("0.2501"))


def square(r):
    """r²"""
    return r * r


# name in native/functions: target, interval, terms, weight, format.
TABLES = {
    "exponential.EXP_SINGLE": (*EXP_TAIL, 5, square, "f"),
    "exponential.EXP_DOUBLE": (*EXP_TAIL, 10, square, "d"),
    "exponential.EXP_DOUBLE_LONG": (*EXP_TAIL, 11, square, "d"),
    "exponential.TANH_SINGLE": (of_square(mp.tanh, 3), TINY, mpf("0.65") ** 2, 5, lambda z: z, "f"),
    "exponential.EXP_TWICE_SINGLE": (
        lambda r: mp.exp(2 * r), -HALF_LN2 / 2, HALF_LN2 / 2, 7, lambda r: mp.exp(-2 * r), "f",
    ),
    "logarithmic.LOG_SINGLE": (log_tail, *LOG_ENDS, 8, lambda f: f**3 / mp.log1p(f), "f"),
    "logarithmic.ARTANH_DOUBLE": (*ARTANH, 7, lambda z: z, "d"),
    "power.ARTANH_SINGLE": (*LONG_ARTANH, 3, square, "f"),
    "power.ARTANH_DOUBLE": (*LONG_ARTANH, 7, square, "d"),
    "error_function.NEAR_SINGLE": (*ERF, 7, lambda z: 1 / (1 + ERF[0](z)), "f"),
    "error_function.NEAR_DOUBLE": (*ERF, 12, lambda z: 1 / (1 + ERF[0](z)), "d"),
    "error_function.FAR_SINGLE": (lambda a: -mp.log(mp.erfc(a)), mpf("0.92"), 4, 7, mp.erfc, "f"),
    "error_function.FAR_DOUBLE": (lambda a: -mp.log(mp.erfc(a)), mpf("0.92"), 6, 19, mp.erfc, "d"),
    "error_function.COMPLEMENT_SINGLE": (
        complement(2), -1, end(2, "10.1"), 12, lambda t: 1, "f",
    ),
    "error_function.COMPLEMENT_DOUBLE": (
        complement(4), -1, end(4, "27.5"), 23, lambda t: 1, "d",
    ),
    "trigonometric.SINE_SINGLE": (*SINE, 3, lambda z: z, "f"),
    "trigonometric.SINE_DOUBLE": (*SINE, 6, lambda z: z, "d"),
    "trigonometric.COSINE_SINGLE": (*COSINE, 3, square, "f"),
    "trigonometric.COSINE_DOUBLE": (*COSINE, 6, square, "d"),
    "inverse.ARCTAN_SINGLE": (*ARCTAN, 5, lambda z: z, "f"),
    "inverse.ARCTAN_DOUBLE": (*ARCTAN, 11, lambda z: z, "d"),
    "inverse.ARCSIN_SINGLE": (*ARCSIN, 5, lambda z: z, "f"),
    "inverse.ARCSIN_DOUBLE": (*ARCSIN, 13, lambda z: z, "d"),
    "inverse.CUBE_ROOT": (
        lambda f: mp.cbrt(1 + f), *LOG_ENDS, 4, lambda f: 1 / mp.cbrt(1 + f), "f",
    ),
}  # fmt: skip


def main(part=""):
    """Prints the tables whose name contains `part`."""
    for name, request in TABLES.items():
        if part in name:
            coefficients, error = fit(*request)
            print(f"# error 2^{float(mp.log(error, 2)):.1f}\n{name} = [")
            print("".join(f"    {float(c)!r},\n" for c in coefficients) + "]", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
