"""NumPy's sorting, held against NumPy."""

import numpy as np
import pytest

from tests.shared.ops.against_numpy import Case, hold
from wonderland.shared import ops

X = np.array([[0.5, -1.25, 2.0], [1.5, 0.75, -0.5]])
EDGES = np.array([-1.0, 0.0, 1.0])

CASES = [
    *[Case(name, X, axis=axis) for name in ("sort", "argsort") for axis in (-1, 0, None)],
    Case("partition", X, 1, reference=lambda x, kth: np.sort(x)),
    Case("argpartition", X, 1, reference=lambda x, kth: np.argsort(x)),
    Case("searchsorted", EDGES, X),
    Case("searchsorted", EDGES, 0.0, side="right", batch=False),
    Case("searchsorted", EDGES[::-1].copy(), X, sorter=np.array([2, 1, 0])),
    Case("searchsorted", np.array([1, 3]), 2.5, batch=False),
]


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_as_numpy(case):
    hold(case)


def test_descending_is_stable():
    x = np.array([1.0, 2.0, 1.0, 2.0])
    np.testing.assert_array_equal(ops.argsort(x, descending=True), [1, 3, 0, 2])
    np.testing.assert_array_equal(ops.sort(x, descending=True), [2, 2, 1, 1])


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: ops.sort(X, axis=2),
         r"sort: axis 2 is out of range for the 2 axes of x: \(2, 3\)"),
        (lambda: ops.searchsorted(X, X),
         r"searchsorted: a sorted vector is needed \(x: \(2, 3\)\)"),
        (lambda: ops.searchsorted(EDGES, X, side="up"), r"side 'up' is neither 'left' nor 'right'"),
    ],
)  # fmt: skip
def test_errors_teach(call, text):
    with pytest.raises(ValueError, match=text):
        call()
