"""einsum, held against NumPy's."""

import numpy as np
import pytest

from tests.shared.ops.against_numpy import Case, hold
from wonderland.shared import ops

RNG = np.random.default_rng(0)


def a(*shape):
    return RNG.normal(size=shape)


CASES = [
    Case("einsum", "ij,jk->ik", a(2, 3), a(3, 2)),
    Case("einsum", "ij,jk", a(2, 3), a(3, 2)),
    Case("einsum", "ba", a(2, 3)),
    Case("einsum", "ij->", a(2, 3)),
    Case("einsum", "ij -> j i", a(2, 3)),
    Case("einsum", "ii", a(3, 3)),
    Case("einsum", "iij->ji", a(2, 2, 3)),
    Case("einsum", "iiij->ij", a(2, 2, 2, 3)),
    Case("einsum", "i,i->i", a(3), a(3)),
    Case("einsum", "i,j->ij", a(2), a(3)),
    Case("einsum", "i,j", a(2), a(3)),
    Case("einsum", "ij,ik->k", a(2, 3), a(2, 2)),
    Case("einsum", "ij,->i", a(2, 3), a()),
    Case("einsum", "bij,bjk->bik", a(2, 2, 3), a(2, 3, 2)),
    Case("einsum", "...ij,jk->...ik", a(2, 2, 3), a(3, 2)),
    Case("einsum", "...i,...i->...", a(2, 1, 3), a(2, 3)),
    Case("einsum", "i...->...", a(3, 2, 2)),
    Case("einsum", "i...,i...", a(3, 2), a(3, 1)),
    Case("einsum", "ij,jk,kl->il", a(2, 3), a(3, 2), a(2, 2)),
    Case("einsum", "ij,jk,kl", a(2, 3), a(3, 2), a(2, 2), optimize=False),
    Case("einsum", "a,b,c,d->abcd", a(2), a(2), a(2), a(2)),
    Case("einsum", "a,a,a->a", a(2), a(2), a(2)),
    Case("einsum", "ij,ij,ij->", a(2, 3), a(2, 3), a(2, 3)),
    Case("einsum", "bqhd,bkhd->bhqk", a(2, 2, 1, 3), a(2, 3, 1, 3)),
    Case("einsum", a(2, 3), [0, 1], a(3, 2), [1, 2], [0, 2]),
    Case("einsum", a(2, 3), [0, 1], a(3), [1]),
    Case("einsum", a(2, 2, 3), [Ellipsis, 1], [Ellipsis]),
    Case("einsum", "ij,ij->ij", a(2, 3) + 1j, a(2, 3)),
]


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_as_numpy(case):
    hold(case)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: ops.einsum("ij,jk->ik", a(2, 3)), ValueError,
         r"einsum: 'ij,jk->ik' is about 2 operands, not 1"),
        (lambda: ops.einsum("ij->i", a(2)), ValueError,
         r"einsum: 'ij' does not name the 1 axes of its operand"),
        (lambda: ops.einsum("i->i", a(2, 3)), ValueError,
         r"einsum: 'i' does not name the 2 axes of its operand"),
        (lambda: ops.einsum("ij,jk->ik", a(2, 3), a(2, 2)), ValueError,
         r"einsum: 'j' has size 3 and 2 in 'ij,jk->ik' \(\(2, 3\), \(2, 2\)\)"),
        (lambda: ops.einsum("ij->ik", a(2, 3)), ValueError,
         r"einsum: the result's 'k' is in no operand"),
        (lambda: ops.einsum("ij->ii", a(2, 3)), ValueError, r"einsum: the result has 'i' twice"),
        (lambda: ops.einsum("ij->i", a(2, 3), out=a(2)), TypeError,
         r"einsum: out= is not supported"),
    ],
)  # fmt: skip
def test_errors_teach(call, error, text):
    with pytest.raises(error, match=text):
        call()
