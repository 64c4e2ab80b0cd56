"""NumPy's products of arrays, held against NumPy."""

import numpy as np
import pytest

from tests.shared.ops.against_numpy import Case, hold
from wonderland.shared import ops
from wonderland.shared.tape import vjp

RNG = np.random.default_rng(0)


def a(*shape):
    return RNG.normal(size=shape)


def lax(x, y, numbers):
    (cx, cy), (bx, by) = numbers
    assert (bx, by) == ((), ())
    return np.tensordot(x, y, (cx, cy))


X = a(2, 3)
C = X + 1j * a(2, 3)
CASES = [
    *[
        Case("matmul", a(*m), a(*n))
        for m, n in (
            ((2, 3), (3, 2)), ((3,), (3,)), ((2, 3), (3,)), ((2,), (2, 3)), ((2, 2, 3), (3, 2)),
            ((2, 3), (2, 3, 2)), ((2, 1, 2, 3), (2, 3, 1)), ((2, 2, 3), (3,)), ((2,), (2, 2, 3)),
        )
    ],
    *[
        Case("dot", a(*m), a(*n))
        for m, n in (((3,), (3,)), ((2, 3), (3, 2)), ((), (2, 3)), ((2, 2, 3), (2, 3, 2)),
                     ((2, 2, 3), (3,)))
    ],
    Case("inner", X, a(4, 3)),
    Case("inner", X, a()),
    Case("inner", a(3), a(3)),
    Case("outer", X, a(3)),
    Case("vdot", X, a(2, 3)),
    Case("vdot", C, C[::-1]),
    Case("vecdot", X, a(2, 3)),
    Case("vecdot", C, a(3) + 0j),
    Case("vecdot", a(2, 3), a(2, 3), axis=0),
    Case("matvec", a(2, 2, 3), a(3)),
    Case("vecmat", a(2), a(2, 2, 3)),
    Case("vecmat", C[:, 0], C),
    Case("tensordot", a(2, 3), a(3, 4), axes=1),
    Case("tensordot", a(2, 3, 2), a(3, 2, 2)),
    Case("tensordot", a(2, 3, 2), a(2, 4, 3), axes=([0, -2], [0, 2])),
    Case("tensordot", X, a(2), axes=0),
    Case("dot_general", X, a(3, 2), (((1,), (0,)), ((), ())), reference=lax),
    Case("kron", a(2), a(3)),
    Case("kron", X, a(2, 1)),
    Case("kron", a(2), X),
    *[Case("diagonal", a(2, 3), k) for k in (-2, -1, 0, 1, 2, 5)],
    Case("diagonal", a(2, 3, 2), 1, 2, 0),
    Case("diagonal", a(3, 1)),
    Case("trace", a(2, 3)),
    Case("trace", a(2, 3, 2), 1, 0, 1),
    *[Case("diag", a(2), k) for k in (-1, 0, 2)],
    Case("diag", a(2, 3), -1),
    Case("diagflat", X),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_as_numpy(case):
    hold(case)


def test_products_promote():
    assert ops.matmul(np.ones((2, 2), np.float32), np.ones((2, 2), int)).dtype == np.float64
    assert ops.matmul([[1.0, 2.0]], [[1.0], [2.0]]).dtype == np.float32


def test_a_stack_times_a_matrix_is_one_product():
    x, y = np.ones((4, 2, 3)), np.ones((3, 2))
    pull = vjp(lambda x, y: [ops.matmul(x, y)], [x, y])[1]
    gx, gy = pull([np.ones((4, 2, 2))])
    np.testing.assert_array_equal(gx, np.full((4, 2, 3), 2.0))
    np.testing.assert_array_equal(gy, np.full((3, 2), 8.0))


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: ops.matmul(np.ones((4, 3)), np.ones((2, 5))),
         r"matmul: x has 3 columns but y has 2 rows \(x: \(4, 3\), y: \(2, 5\)\)"),
        (lambda: ops.matmul(np.ones((4, 3)), np.ones(2)),
         r"matmul: x has 3 columns but y has 2 rows \(x: \(4, 3\), y: \(2,\)\)"),
        (lambda: ops.matmul(np.ones((2, 4, 3)), np.ones((2, 5))),
         r"matmul: x has 3 columns but y has 2 rows"),
        (lambda: ops.matmul(X, 2.0), r"matmul: a scalar is no matrix; multiply with \*"),
        (lambda: ops.vecdot(X, X[:, :2]), r"vecdot: x has 3 entries along axis 1 but y has 2"),
        (lambda: ops.tensordot(X, X, axes=3), r"tensordot: 3 axes cannot be contracted"),
        (lambda: ops.diag(np.ones((1, 1, 1))), r"diag: a vector or a matrix is needed"),
        (lambda: ops.diagonal(np.ones(2)), r"diagonal: x has no two axes"),
    ],
)  # fmt: skip
def test_errors_teach(call, text):
    with pytest.raises(ValueError, match=text):
        call()
