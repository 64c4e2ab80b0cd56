"""Arrangements: rows of samples and the errors."""

import numpy as np
import pytest

from wonderland.shared.primitives import flip, reshape, transpose, tril, triu
from wonderland.shared.primitives.shape import inverse_permutation, moved
from wonderland.shared.testing import Sample

X = np.array([[0.5, -1.25, 2.0], [1.5, 0.75, -0.5]])
Y = np.linspace(-1, 1, 12).reshape(2, 3, 2)

ROWS = [
    Sample(reshape, X, reference=np.reshape, shape=(3, 2)),
    Sample(reshape, Y, reference=np.reshape, shape=(2, 6)),
    Sample(reshape, np.array(1.5), reference=np.reshape, shape=(1, 1)),
    Sample(reshape, np.ones((2, 0)), reference=np.reshape, shape=(0, 3)),
    Sample(transpose, X, reference=np.transpose, axes=(1, 0)),
    Sample(transpose, Y, reference=np.transpose, axes=(2, 0, 1)),
    Sample(flip, Y, reference=lambda x, axes: np.flip(x, axes), axes=(0, 2)),
    Sample(flip, X, reference=lambda x, axes: x, label="none", axes=()),
    Sample(tril, X, reference=np.tril, k=0),
    Sample(tril, Y, reference=np.tril, k=-1),
    Sample(triu, X, reference=np.triu, k=1),
    Sample(triu, Y, reference=np.triu, k=0),
]


def test_permutations():
    axes = (2, 0, 3, 1)
    assert tuple(axes[a] for a in inverse_permutation(axes)) == (0, 1, 2, 3)
    assert moved(4, 3, 0) == (3, 0, 1, 2)


def test_triangles_drop_infinities():
    np.testing.assert_array_equal(tril(np.full((2, 2), np.inf), k=0), [[np.inf, 0], [np.inf] * 2])


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: reshape(np.ones((2, 3)), shape=(4,)),
         r"reshape: 6 entries do not fill shape \(4,\) \(x: \(2, 3\)\)"),
        (lambda: transpose(np.ones((2, 3)), axes=(0, 0)),
         r"transpose: axes \(0, 0\) are no permutation of the 2 axes of x: \(2, 3\)"),
        (lambda: flip(np.ones(3), axes=(1,)), r"flip: x has no axis 1 \(x: \(3,\)\)"),
        (lambda: tril(np.array(1.0), k=0), r"tril: a matrix is needed, but x has 0 axes: \(\)"),
        (lambda: triu(np.array(1.0), k=0), r"triu: a matrix is needed, but x has 0 axes: \(\)"),
    ],
)  # fmt: skip
def test_errors_teach(call, text):
    with pytest.raises(ValueError, match=text):
        call()
