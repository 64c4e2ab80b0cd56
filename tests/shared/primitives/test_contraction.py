"""Products summed over axes: rows of samples and the errors."""

import numpy as np
import pytest

from wonderland.shared.primitives import affine, dot_general, matmul
from wonderland.shared.testing import Sample

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(2, 3)), RNG.normal(size=(3, 2))
W, B = RNG.normal(size=(4, 3)), RNG.normal(size=4)


def stack_of(*shape):
    return RNG.normal(size=shape)


def general(x, y, contract, batch):
    letters = iter("abcdefghij")
    of_x = [next(letters) for _ in x.shape]
    of_y = [next(letters) for _ in y.shape]
    for i, j in [*zip(*contract, strict=True), *zip(*batch, strict=True)]:
        of_y[j] = of_x[i]
    lead = [of_x[i] for i in batch[0]]
    left = [c for c in of_x if c not in of_y]
    right = [c for c in of_y if c not in of_x]
    text = f"{''.join(of_x)},{''.join(of_y)}->{''.join(lead + left + right)}"
    return np.einsum(text, x, y)


ROWS = [
    Sample(matmul, X, Y, reference=np.matmul),
    Sample(matmul, stack_of(2, 2, 3), stack_of(2, 3, 2), reference=np.matmul),
    Sample(matmul, stack_of(1, 2, 3), stack_of(2, 3, 1), reference=np.matmul),
    Sample(matmul, stack_of(2, 1, 1, 3), stack_of(1, 2, 3, 2), reference=np.matmul),
    Sample(affine, X, W, B, reference=lambda x, w, b: x @ w.T + b),
    Sample(dot_general, X, Y, reference=general, contract=((1,), (0,)), batch=((), ())),
    Sample(
        dot_general, X, X,
        reference=general, label="all", contract=((0, 1), (0, 1)), batch=((), ()),
    ),
    Sample(dot_general, X, Y, reference=general, label="none", contract=((), ()), batch=((), ())),
    Sample(
        dot_general, stack_of(2, 3, 2), stack_of(2, 2, 3),
        reference=general, label="crossed", contract=((2, 1), (1, 2)), batch=((), ()),
    ),
    Sample(
        dot_general, stack_of(2, 3, 2), stack_of(3, 2, 2),
        reference=general, label="batch", contract=((2,), (1,)), batch=((1,), (0,)),
    ),
    Sample(
        dot_general, stack_of(2, 3, 2), stack_of(2, 2, 3),
        reference=general, label="batches", contract=((), ()), batch=((0, 1), (1, 2)),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: matmul(np.ones((4, 3)), np.ones((2, 5))),
         r"matmul: x has 3 columns but y has 2 rows \(x: \(4, 3\), y: \(2, 5\)\)"),
        (lambda: matmul.abstract(np.ones(3), np.ones((1, 3, 5))),
         r"matmul: two matrices, or stacks of equal rank, are needed \(x: \(3,\), "),
        (lambda: matmul(np.ones((2, 1, 3)), np.ones((3, 3, 1))),
         r"matmul: the stacks do not broadcast: axis 0 has 2 and 3"),
        (lambda: affine(np.ones((2, 3)), np.ones((4, 2)), np.ones(4)),
         r"affine: x has 3 columns but w has 2 \(x: \(2, 3\), w: \(4, 2\), b: \(4,\)\)"),
        (lambda: affine(np.ones((2, 3)), np.ones((4, 3)), np.ones(3)),
         r"affine: w has 4 rows but b has 3 entries"),
        (lambda: affine(np.ones((2, 2, 3)), np.ones((4, 2)), np.ones(4)),
         r"affine: x and w are matrices and b is a vector"),
        (lambda: dot_general(X, X, contract=((1,), (0,)), batch=((), ())),
         r"dot_general: contracted axes \(1,\) of x and \(0,\) of y have different sizes"),
        (lambda: dot_general(X, Y, contract=((), ()), batch=((0,), (0,))),
         r"dot_general: batch axes \(0,\) of x and \(0,\) of y have different sizes"),
    ],
)  # fmt: skip
def test_errors_teach(call, text):
    with pytest.raises(ValueError, match=text):
        call()
