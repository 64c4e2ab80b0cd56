"""NumPy's joining and splitting, held against NumPy."""

import numpy as np
import pytest

from tests.shared.ops.against_numpy import Case, hold
from wonderland.shared import ops
from wonderland.shared.tape import vjp

X = np.array([[0.5, -1.25, 2.0], [1.5, 0.75, -0.5]])
Y = np.array([[1.0, 0.25, -2.0]])
Z = np.linspace(0, 1, 24).reshape(2, 3, 4)
V, W = np.array([1.0, 2.0, 3.0]), np.array([-1.0, 0.5, 4.0])

CASES = [
    Case("concatenate", [X, Y]),
    Case("concatenate", (X, X), axis=-1),
    Case("concatenate", [X, V], axis=None),
    Case("concat", [X, Y]),
    Case("stack", [V, W]),
    Case("stack", [V, W], axis=-1),
    Case("vstack", [V, X]),
    Case("hstack", [V, W[:1]]),
    Case("hstack", [X, X]),
    Case("dstack", [X, X]),
    Case("dstack", [V, W]),
    Case("column_stack", [V, W]),
    Case("column_stack", [X, X[:, :1]]),
    Case("append", X, V),
    Case("append", X, Y, axis=0),
    Case("split", X, 3, axis=1),
    Case("split", Z, [1, 2], axis=1),
    Case("array_split", V, 2),
    Case("array_split", Z, 3, axis=-1),
    Case("array_split", V, [2, 1]),
    Case("array_split", V, [-1, 7]),
    Case("hsplit", Z, 3),
    Case("hsplit", V, 3),
    Case("vsplit", X, 2),
    Case("dsplit", Z, 2),
    Case("unstack", X),
    Case("unstack", Z, axis=-1),
]


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_as_numpy(case):
    hold(case)


def test_joining_promotes():
    z = ops.concatenate([np.ones(1, np.float32), np.ones(1), np.ones(1, np.int32)])
    assert z.dtype == np.float64
    g = vjp(lambda x: [ops.stack([x, 1.0])], [np.float32(2)])[1]([np.array([3.0, 4.0])])[0]
    assert g == 3 and g.dtype == np.float32


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: ops.concatenate([]), r"concatenate: there is nothing to join"),
        (lambda: ops.concatenate([X, V]), r"concatenate: argument 1|axis"),
        (lambda: ops.concatenate([X, X], axis=2),
         r"concatenate: axis 2 is out of range for the 2 axes of x: \(2, 3\)"),
        (lambda: ops.stack([X, Y]), r"stack: argument 1 does not fit argument 0"),
        (lambda: ops.stack([X, X], axis=3),
         r"stack: axis 3 is out of range for the 3 axes of the result of x: \(2, 3\)"),
        (lambda: ops.split(V, 2), r"split: 2 equal pieces cannot be made of 3 along axis 0"),
        (lambda: ops.array_split(V, 0), r"array_split: 0 pieces cannot be made"),
    ],
)  # fmt: skip
def test_errors_teach(call, text):
    with pytest.raises(ValueError, match=text):
        call()
