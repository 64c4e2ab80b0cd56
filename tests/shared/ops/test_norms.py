"""Norms, held against numpy.linalg."""

import numpy as np
import pytest

from tests.shared.ops.against_numpy import Case, hold
from wonderland.shared import ops
from wonderland.shared.tape import vjp

X = np.array([[0.5, -1.25, 2.0], [1.5, 0.75, -0.5]])
Y = np.linspace(-1, 1.5, 12).reshape(2, 3, 2)
C = X + 1j * X[::-1]
INF = np.inf


def norm(*args, **options):
    return Case("norm", *args, reference=np.linalg.norm, **options)


CASES = [
    *[norm(x) for x in (X, Y, C, X[0], np.array([[3, 4]]))],
    *[norm(X, axis=a) for a in (0, -1, (0, 1))],
    *[norm(X[0], ord=p) for p in (2, 1, 3, 0.5, INF, -INF)],
    norm(X[0], ord=0),
    *[norm(C, ord=p, axis=1) for p in (2, 1, 3)],
    *[norm(X, ord=p) for p in ("fro", 1, -1, INF, -INF)],
    norm(Y, ord=1, axis=(2, 0)),
    norm(Y, ord=-INF, axis=(0, 2), keepdims=True),
    norm(Y, axis=1, keepdims=True),
    Case("vector_norm", Y, reference=np.linalg.vector_norm),
    Case("vector_norm", Y, reference=np.linalg.vector_norm, axis=(0, 2), ord=3, keepdims=True),
]


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_as_numpy(case):
    hold(case)


def test_plain_numpy_code_is_differentiated():
    z, pull = vjp(lambda x: [np.linalg.norm(x, axis=1), np.linalg.vector_norm(x)], [X])
    (g,) = pull([np.ones(2), np.float64(0)])
    np.testing.assert_allclose(g, X / z[0][:, None])


@pytest.mark.parametrize("ord", [2, 1, 3, INF])
def test_the_derivative_at_zero_is_zero(ord):
    (g,) = vjp(lambda x: [ops.norm(x, ord)], [np.zeros(3)])[1]([np.float64(1)])
    np.testing.assert_array_equal(g, 0)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: ops.norm(X, axis=2), ValueError, r"^norm: axis 2 is out of range for the 2 axes"),
        (lambda: ops.norm(X, 2), TypeError, r"^norm: ord 2 of a matrix needs singular values, .*"),
        (lambda: ops.norm(Y, 1), ValueError,
         r"^norm: ord 1 is for vectors and matrices but x has 3 axes there \(x: \(2, 3, 2\)\);"),
        (lambda: ops.norm(X[0], "fro"), ValueError,
         r"^norm: a vector has no norm 'fro'; ord is a number$"),
        (lambda: ops.vector_norm(X, axis=5), ValueError, r"^vector_norm: axis 5 is out of range"),
    ],
)  # fmt: skip
def test_errors_teach(call, error, text):
    with pytest.raises(error, match=text):
        call()
