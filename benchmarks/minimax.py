"""Which polynomial is nearest to a function? Remez's exchange, for the tables of native/functions.

`fit` solves for coefficients c of sum c_j x^p_j that minimise max |weight * (target - sum)| over an
interval, and rounds them to the nearest float32 or float64: the error it returns is that of the rounded ones.

    python benchmarks/minimax.py            # every table, as stands in shared/schedule/native/functions
    python benchmarks/minimax.py log        # those whose name contains "log"
"""


import numpy as np
from mpmath import mp, mpf

mp.dps = 50
GRID = 1500


def rounded(value, dtype):
    return mpf(float(np.float32(float(value)))) if dtype == "f" else mpf(float(value))


def chebyshev_grid(low, high, count=GRID):
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


def remez(targets, weights, basis):
    """(coefficients, greatest weighted error): the exchange over the points of a grid."""
    count, size = len(targets), len(basis[0])
    chosen = [round(k * (count - 1) / size) for k in range(size + 1)]
    for _ in range(40):
        matrix = mp.matrix(size + 1)
        right = mp.matrix(size + 1, 1)
        for row, k in enumerate(chosen):
            for column in range(size):
                matrix[row, column] = basis[k][column]
            matrix[row, size] = (-1) ** row / weights[k]
            right[row] = targets[k]
        solution = mp.lu_solve(matrix, right)
        coefficients = [solution[j] for j in range(size)]
        errors = [
            w * (t - mp.fdot(coefficients, b))
            for t, w, b in zip(targets, weights, basis, strict=True)
        ]
        worst = max(map(abs, errors))
        fresh = alternation(errors, size + 1)
        if len(fresh) < size + 1 or worst <= abs(solution[size]) * mpf("1.0001"):
            break
        chosen = fresh
    return coefficients, worst


def fit(target, low, high, powers, weight=lambda x: 1, dtype="d"):
    """(rounded coefficients, greatest weighted error) of the nearest sum of c_j x^p_j."""
    points = [x for x in chebyshev_grid(low, high) if x != 0]
    targets = [target(x) for x in points]
    weights = [mpf(weight(x)) for x in points]
    basis = [[x**p for p in powers] for x in points]
    coefficients, _ = remez(targets, weights, basis)
    coefficients = [rounded(c, dtype) for c in coefficients]
    errors = [
        w * (t - mp.fdot(coefficients, b)) for t, w, b in zip(targets, weights, basis, strict=True)
    ]
    return [float(c) for c in coefficients], max(map(abs, errors))
