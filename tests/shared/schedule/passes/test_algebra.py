"""Every rewrite to the bit, NaN, infinities and signed zeros included; and what must not be one."""

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.shared.primitives import (
    add,
    cast,
    convert,
    div,
    integer_power,
    matmul,
    maximum,
    mul,
    neg,
    power,
    square,
    sub,
    transpose,
)  # fmt: skip
from wonderland.shared.schedule.passes.algebra import simplified
from wonderland.shared.schedule.passes.dead import without_dead

X = np.array([[1.5, -0.0, 0.0], [np.nan, np.inf, -np.inf]])
ROW, ZERO = X[0], np.float64(3)
REPEATED = np.broadcast_to(np.float64(0.3), X.shape)
FLOAT, INT = np.dtype(np.float64), np.dtype(np.int64)


def names(graph):
    return [e.primitive.name for e in graph.equations]


def same_bits(found, expected):
    assert found.dtype == expected.dtype and found.shape == expected.shape
    np.testing.assert_array_equal(found, expected)
    known = ~np.isnan(expected)
    np.testing.assert_array_equal(np.signbit(found[known]), np.signbit(expected[known]))


def check(f, *args):
    """The names left after all rewrites, which keep every bit."""
    graph = wf.make_graph(f)(*args)
    simple = without_dead(simplified(graph))
    with np.errstate(all="ignore"):
        for z, expected in zip(simple(*args), graph(*args), strict=True):
            same_bits(np.asarray(z), np.asarray(expected))
    return names(simple)


@pytest.mark.parametrize(
    ("f", "left"),
    [
        (lambda x: mul(x, 1), ["clone"]),
        (lambda x: mul(1.0, x), ["clone"]),
        (lambda x: div(x, 1), ["clone"]),
        (lambda x: sub(x, 0), ["clone"]),
        (lambda x: sub(x, 0.0), ["clone"]),
        (lambda x: neg(neg(x)), ["clone"]),
        (lambda x: neg(neg(neg(x))), ["neg"]),
        (lambda x: square(x), ["mul"]),
        (lambda x: integer_power(x, n=2), ["mul"]),
        (lambda x: power(x, 2), ["mul"]),
        (lambda x: power(x, 0.5), ["sqrt"]),
        (lambda x: cast(x, dtype=FLOAT), ["clone"]),
        (lambda x: mul(mul(x, 1), 1), ["clone"]),
    ],
)
def test_a_rewrite(f, left):
    assert check(f, X) == left


@pytest.mark.parametrize(
    "f",
    [
        lambda x: add(x, 0),
        lambda x: add(0.0, x),
        lambda x: sub(x, -0.0),
        lambda x: sub(0, x),
        lambda x: mul(x, 0),
        lambda x: div(1, x),
        lambda x: div(0.0, x),
        lambda x: integer_power(x, n=3),
        lambda x: cast(x, dtype=np.dtype(np.float32)),
        lambda x: maximum(x, x),
        lambda x: power(x, 3),
        lambda x: power(2, x),
        lambda x: power(0.5, x),
        lambda x: neg(sub(neg(x), 1)),
    ],
)
def test_no_rewrite(f):
    graph = wf.make_graph(f)(X)
    assert check(f, X) == names(graph)


def test_a_result_is_in_memory_of_its_own():
    x = X.copy()
    y, z = wf.jit(lambda x: (x * 1, x))(x)
    assert not np.shares_memory(y, x) and z is x  # as in eager code


def test_a_neutral_number_that_widens_stays():
    one = np.ones((2, 3))
    assert check(lambda x: mul(x, one), X[:1]) == ["mul"]
    assert check(lambda n, x: x * (n * 1), 2, X).count("mul") == 2  # a number is no array


def test_integers():
    n = np.arange(-3, 3)
    assert check(lambda n: mul(n, 1), n) == ["clone"]
    assert check(lambda n: convert(n, dtype=INT), n) == ["clone"]


@pytest.mark.parametrize("f", [add, sub, mul, div, maximum])
def test_a_constant_of_one_entry_is_a_number(f):
    for g in (lambda x: f(x, REPEATED), lambda x: f(REPEATED, x)):
        check(g, X)
        (e,) = simplified(wf.make_graph(g)(X)).equations
        assert 0.3 in e.inputs


def test_a_constant_that_widens_or_differs_stays_an_array():
    single = np.float32(X)
    for g, x in [
        (lambda x: add(x, REPEATED), X[:1]),
        (lambda x: add(x, np.arange(6.0).reshape(2, 3)), X),
        (lambda x: add(x, np.full((2, 3), 0.1, np.float32)), single),
    ]:
        graph = simplified(wf.make_graph(g)(x))
        assert hasattr(graph.equations[0].inputs[1], "dtype")


class TestTransposedProducts:
    x, y = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)
    stack = np.arange(24.0).reshape(2, 3, 4)

    def test_the_operands_are_transposed_instead(self):
        f = lambda x, y: transpose(matmul(x, y), axes=(1, 0))  # noqa: E731
        assert check(f, self.x, self.y) == ["transpose", "transpose", "matmul"]

    def test_of_a_stack(self):
        f = lambda x: transpose(matmul(x, np.ones((2, 4, 5))), axes=(0, 2, 1))  # noqa: E731
        assert check(f, self.stack) == ["transpose", "transpose", "matmul"]

    @pytest.mark.parametrize("axes", [(1, 0, 2), (2, 1, 0), (0, 1, 2)])
    def test_not_where_other_axes_move(self, axes):
        f = lambda x: transpose(matmul(x, np.ones((2, 4, 5))), axes=axes)  # noqa: E731
        assert check(f, self.stack) == ["matmul", "transpose"]

    def test_not_where_the_product_is_read_elsewhere(self):
        def f(x, y):
            z = matmul(x, y)
            return transpose(z, axes=(1, 0)), z

        assert check(f, self.x, self.y) == ["matmul", "transpose"]
