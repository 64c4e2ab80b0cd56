"""NumPy's arrangements, held against NumPy."""

import numpy as np
import pytest

from tests.shared.ops.against_numpy import Case, hold
from wonderland.shared import ops

X = np.array([[0.5, -1.25, 2.0], [1.5, 0.75, -0.5]])
Y = np.linspace(-1, 1.5, 24).reshape(2, 3, 4)
V = np.array([1.0, 2.0, 3.0])

CASES = [
    Case("reshape", X, (3, 2)),
    Case("reshape", X, (-1,)),
    Case("reshape", X, -1),
    Case("reshape", X, [3, -1], order="F"),
    Case("reshape", np.ones((0, 3)), (0, 5)),
    Case("meshgrid", V, V[:2]),
    Case("meshgrid", V, V[:2], V + 1, indexing="ij"),
    Case("meshgrid", V, V[:2], V + 1),
    Case("meshgrid", V, V[:2], sparse=True),
    Case("meshgrid", V),
    Case("ravel", X),
    Case("ravel", X, "F"),
    Case("ravel", np.ones((0, 3))),
    Case("transpose", Y),
    Case("transpose", Y, (1, -1, 0)),
    Case("permute_dims", Y, (2, 0, 1)),
    Case("matrix_transpose", Y),
    Case("swapaxes", Y, 0, -1),
    Case("moveaxis", Y, 0, -1),
    Case("moveaxis", Y, (0, 1), (2, 0)),
    *[
        Case("rollaxis", Y, axis, start)
        for axis, start in ((2, 0), (0, 3), (1, 1), (0, -1), (2, -3))
    ],
    Case("squeeze", X[:, None, :, None]),
    Case("squeeze", X[:, None, :, None], 1),
    Case("squeeze", X[:, None, :, None], axis=(1, -1)),
    Case("expand_dims", X, 1),
    Case("expand_dims", X, (0, -1)),
    Case("broadcast_to", V, (2, 3)),
    Case("broadcast_to", np.array(2.0), (2, 3)),
    Case("broadcast_arrays", V, X, np.array(1.0)),
    Case("flip", Y),
    Case("flip", Y, (0, -1)),
    Case("fliplr", X),
    Case("flipud", X),
    *[Case("rot90", X, k) for k in (-1, 0, 1, 2, 3)],
    Case("rot90", Y, 1, (1, 2)),
    Case("roll", V, 1),
    Case("roll", X, -4),
    Case("roll", X, 1, 0),
    Case("roll", X, (1, 2), (0, -1)),
    Case("roll", X, 2, (0, 1)),
    Case("roll", X, 0, 0),
    Case("tile", V, 2),
    Case("tile", X, (2, 1)),
    Case("tile", V, (2, 2)),
    Case("tile", X, 0),
    Case("tile", X, 2),
    Case("repeat", X, 2),
    Case("repeat", X, 2, axis=1),
    Case("repeat", X, [1, 2], axis=0),
    *[Case(f"atleast_{n}d", x) for n in (1, 2, 3) for x in (np.array(1.0), V, X, Y)],
    Case("atleast_2d", V, X),
    Case("tril", X, -1),
    Case("triu", Y, 1),
]


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_as_numpy(case):
    hold(case)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: ops.reshape(X, (4, -1)), ValueError,
         r"reshape: 6 entries do not fill shape \(4, -1\) \(x: \(2, 3\)\)"),
        (lambda: ops.reshape(X, (-1, -1)), ValueError, r"reshape: 6 entries do not fill shape"),
        (lambda: ops.reshape(X, (5,)), ValueError, r"reshape: 6 entries do not fill shape \(5,\)"),
        (lambda: ops.reshape(X, (6,), order="A"), ValueError, r"order 'A' is neither 'C' nor 'F'"),
        (lambda: ops.reshape(X, 1.5), TypeError,
         r"reshape: a shape is an integer or a sequence of them, not 1.5"),
        (lambda: ops.matrix_transpose(V), ValueError, r"matrix_transpose: x is no matrix"),
        (lambda: ops.squeeze(X, 0), ValueError,
         r"squeeze: axis 0 has size 2, not 1 \(x: \(2, 3\)\)"),
        (lambda: ops.expand_dims(X, 3), ValueError,
         r"expand_dims: axis 3 is out of range for the 3 axes of the result of x: \(2, 3\)"),
        (lambda: ops.moveaxis(Y, (0, 1), (0,)), ValueError,
         r"moveaxis: 2 axes cannot go to 1 places"),
        (lambda: ops.transpose(Y, (0, 1)), ValueError,
         r"transpose: axes \(0, 1\) are no permutation of the 3 axes of x"),
        (lambda: ops.broadcast_to(X, (3, 3)), ValueError,
         r"broadcast_to: \(2, 3\) does not broadcast to \(3, 3\)"),
        (lambda: ops.broadcast_arrays(X, np.ones(2)), ValueError,
         r"broadcast_arrays: shapes do not broadcast \(\(2, 3\), \(2,\)\)"),
    ],
)  # fmt: skip
def test_errors_teach(call, error, text):
    with pytest.raises(error, match=text):
        call()
