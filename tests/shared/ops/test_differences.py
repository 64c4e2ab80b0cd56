"""Differences between neighbours, held against NumPy."""

import numpy as np
import pytest

from tests.shared.ops.against_numpy import Case, hold
from wonderland.shared import ops

X = np.array([[0.5, -1.25, 2.0], [1.5, 0.75, -0.5]])

CASES = [
    Case("diff", X),
    Case("diff", X, n=2),
    Case("diff", X, n=0),
    Case("diff", X, axis=0, prepend=0.0, append=np.ones((1, 3))),
    Case("diff", np.array([True, False, False])),
    Case("diff", np.array([1, 4, 9])),
    Case("ediff1d", X),
    Case("ediff1d", X, to_begin=np.array([1.0]), to_end=np.array([2.0, 3.0])),
    Case("trapezoid", X),
    Case("trapezoid", X, dx=0.5, axis=0),
    Case("trapezoid", X, np.array([0.0, 1.0, 3.0])),
    Case("trapezoid", X, np.cumsum(np.abs(X), axis=1)),
]


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_as_numpy(case):
    hold(case)


def test_negative_order():
    with pytest.raises(ValueError, match=r"diff: n is negative: -1"):
        ops.diff(X, n=-1)
