"""NumPy's pad, held against NumPy."""

import numpy as np
import pytest

from tests.shared.ops.against_numpy import Case, hold
from wonderland.shared import ops

X = np.array([[0.5, -1.25, 2.0], [1.5, 0.75, -0.5]])

CASES = [
    *[
        Case("pad", X, widths, mode=mode)
        for widths in (1, (0, 2), ((1, 0), (2, 1)))
        for mode in ("constant", "edge", "reflect", "symmetric", "wrap")
    ],
    Case("pad", X, 1, constant_values=2.0),
    Case("pad", X, ((1, 1), (0, 2)), constant_values=((1.0, 2.0), (3.0, 4.0))),
    Case("pad", np.arange(3), 1, constant_values=7),
]


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_as_numpy(case):
    hold(case)


def test_widths_by_axis():
    np.testing.assert_array_equal(ops.pad(X, {-1: (1, 0)}), np.pad(X, ((0, 0), (1, 0))))


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: ops.pad(X, 1, mode="mean"), ValueError, r"pad: mode 'mean' .* is not supported"),
        (lambda: ops.pad(X, -1), ValueError, r"pad: pad_width -1 is negative"),
        (lambda: ops.pad(X, ((1, 1),) * 3), ValueError, r"is no pair per axis \(x: \(2, 3\)\)"),
        (lambda: ops.pad(X, 1.5), TypeError, r"pad: pad_width is made of integers, not 1.5"),
    ],
)
def test_errors_teach(call, error, text):
    with pytest.raises(error, match=text):
        call()
