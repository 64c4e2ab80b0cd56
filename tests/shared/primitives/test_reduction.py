"""Reductions: rows of samples, ties, and the errors."""

import numpy as np
import pytest

from wonderland.shared.primitives import (
    all,
    any,
    argmax,
    argmin,
    broadcast_to,
    logsumexp,
    max,
    mean,
    min,
    share,
    sum,
)
from wonderland.shared.tape import vjp
from wonderland.shared.testing import Sample

X = np.array([[0.5, -1.25, 2.0], [1.5, 0.75, -0.5]])
Y = np.array([[[0.5, 1.5], [-1.0, 0.25]], [[2.0, -0.75], [0.125, 1.0]]])
TIED = np.array([[2.0, 1.0, 2.0], [0.0, 0.0, 0.0]])


def reductions(primitive, reference, dtypes="fc"):
    def of(x, axis, keepdims):
        return reference(x, axis=axis, keepdims=keepdims)

    return [
        Sample(
            primitive,
            X,
            reference=of,
            dtypes=dtypes,
            label=f"{axis}-{kept}",
            axis=axis,
            keepdims=kept,
        )
        for axis, kept in (((0,), False), ((1,), True), ((0, 1), False))
    ] + [Sample(primitive, Y, reference=of, dtypes=dtypes, axis=(0, 2), keepdims=False)]


def reference_share(x, z, axis):
    return (x == z) / np.sum(x == z, axis=axis, keepdims=True)


def reference_logsumexp(x, axis, keepdims):
    return np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims))


ROWS = [
    *reductions(sum, np.sum),
    *reductions(mean, np.mean),
    *reductions(max, np.max, "f"),
    *reductions(min, np.min, "f"),
    *reductions(logsumexp, reference_logsumexp),
    *reductions(all, np.all),
    *reductions(any, np.any),
    Sample(sum, X, reference=lambda x, axis, keepdims: x, label="no-axis", axis=(), keepdims=False),
    Sample(all, np.array([[True, False]]), reference=np.all, axis=(0,), keepdims=False),
    Sample(any, np.array([[True, False]]), reference=np.any, axis=(0,), keepdims=False),
    Sample(argmax, X, reference=np.argmax, dtypes="f", axis=1),
    Sample(argmin, X, reference=np.argmin, dtypes="f", axis=0),
    Sample(
        share, TIED, np.array([[2.0], [0.0]]), reference=reference_share, dtypes="f", axis=(1,)
    ),
    Sample(
        broadcast_to, np.array([[1.0], [2.0]]), reference=np.broadcast_to, shape=(2, 3)
    ),
    Sample(broadcast_to, X, reference=np.broadcast_to, shape=(2, 3), label="same"),
    Sample(broadcast_to, X[:0, :1], reference=np.broadcast_to, shape=(0, 3), label="empty"),
]  # fmt: skip


def gradient(f, x):
    z, pull = vjp(lambda x: [f(x)], [x])
    return pull([np.ones_like(z[0])])[0]


@pytest.mark.parametrize(("primitive", "x"), [(max, TIED), (min, -TIED)])
def test_ties_share_equally(primitive, x):
    rows = gradient(lambda x: primitive(x, axis=(1,), keepdims=False), x)
    np.testing.assert_array_equal(rows, [[0.5, 0, 0.5], [1 / 3, 1 / 3, 1 / 3]])
    both = gradient(lambda x: primitive(x, axis=(0, 1), keepdims=False), x)
    np.testing.assert_array_equal(both, [[0.5, 0, 0.5], [0, 0, 0]])


def test_max_of_nan_has_no_accidental_gradient():
    g = gradient(lambda x: max(x, axis=(0,), keepdims=False), np.array([1.0, np.nan]))
    np.testing.assert_array_equal(g, [0.0, 0.0])


def test_logsumexp_neither_overflows_nor_makes_nan():
    x = np.array([[1000.0, 1000.0], [-np.inf, 0.0], [-np.inf, -np.inf], [np.inf, 3.0]])
    z = logsumexp(x, axis=(1,), keepdims=False)
    np.testing.assert_allclose(z, [1000 + np.log(2), 0, -np.inf, np.inf])
    g = gradient(lambda x: logsumexp(x, axis=(1,), keepdims=False), x)
    np.testing.assert_allclose(g, [[0.5, 0.5], [0, 1], [0, 0], [1, 0]])


def test_half_precision_mean_does_not_overflow():
    x = np.full(70_000, 2.0, np.float16)
    z = mean(x, axis=(0,), keepdims=False)
    assert z == 2 and z.dtype == np.float16


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: max(np.ones((0, 3)), axis=(0,), keepdims=False),
         r"max: axis 0 of x has no entries \(x: \(0, 3\)\)"),
        (lambda: argmin(np.ones((2, 0)), axis=1),
         r"argmin: axis 1 of x has no entries \(x: \(2, 0\)\)"),
        (lambda: logsumexp(np.ones((2, 0)), axis=(1,), keepdims=False),
         r"logsumexp: axis 1 of x has no entries"),
        (lambda: sum(np.ones((2, 3)), axis=(2,), keepdims=False),
         r"sum: x has no axis 2 \(x: \(2, 3\)\)"),
        (lambda: broadcast_to(np.ones((2, 3)), shape=(2, 4)),
         r"broadcast_to: \(2, 3\) does not broadcast to \(2, 4\)"),
    ],
)  # fmt: skip
def test_errors_teach(call, text):
    with pytest.raises(ValueError, match=text):
        call()
