"""Exponentials and logarithms, real and complex.

The derivatives overflow or have poles where the functions do; a direction of zero stays zero there
(see `guard`).
"""

import math

import numpy as np

from .primitive import elementwise
from .selection import guarded, maximum, where

LOG2 = math.log(2)
LOG10 = math.log(10)

exp = elementwise("exp", np.exp, x=lambda d, z: d * guarded(z, d, "infinite"))
exp2 = elementwise("exp2", np.exp2, x=lambda d, z: d * (guarded(z, d, "infinite") * LOG2))
# exp(x), and not z + 1: that would leave no digits for x << 0
expm1 = elementwise("expm1", np.expm1, x=lambda d, x: d * guarded(exp(x), d, "infinite"))

log = elementwise("log", np.log, x=lambda d, x: d / guarded(x, d))
log2 = elementwise("log2", np.log2, x=lambda d, x: d / (guarded(x, d) * LOG2))
log10 = elementwise("log10", np.log10, x=lambda d, x: d / (guarded(x, d) * LOG10))
log1p = elementwise("log1p", np.log1p, x=lambda d, x: d / guarded(1 + x, d))


def _gap(x, y):
    return np.where(x == y, 0, x - np.where(x == y, 0, y))


# z = x - y, and 0 for equal infinities; y an array
gap = elementwise("gap", _gap, x=1, y=-1)
gap.decomposition = lambda x, y: where(x == y, 0, x - where(x == y, 0, y))


# The share of x in exp(x) + exp(y) is exp(-log(1 + exp(y - x))): it neither overflows nor cancels,
# and is one half where both are -inf.
logaddexp = elementwise(
    "logaddexp",
    np.logaddexp,
    x=lambda d, x, y: d * exp(-logaddexp(gap(y, x), 0.0)),
    y=lambda d, x, y: d * exp(-logaddexp(gap(x, y), 0.0)),
)
logaddexp.decomposition = lambda x, y: maximum(x, y) + log1p(exp(-abs(where(x == y, 0, x - y))))
logaddexp2 = elementwise(
    "logaddexp2",
    np.logaddexp2,
    x=lambda d, x, y: d * exp2(-logaddexp2(gap(y, x), 0.0)),
    y=lambda d, x, y: d * exp2(-logaddexp2(gap(x, y), 0.0)),
)
