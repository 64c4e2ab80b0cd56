"""Each fast rewrite alone, where it must not be made, and that none is made without fast=True."""

import warnings

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland import oop, purify
from wonderland.functional import lax
from wonderland.shared.primitives import (
    add,
    broadcast_to,
    div,
    exp,
    integer_power,
    log,
    mul,
    sin,
    sqrt,
    sub,
    tanh,
)  # fmt: skip
from wonderland.shared.schedule.passes.fast import relaxed

X = np.array([[1.5, 0.5, 0.25], [3.0, 2.0, 0.125]])
SPECIAL = np.array([[np.nan, np.inf, -np.inf], [0.0, -0.0, -1.0]])
ZEROS, THREES = (np.broadcast_to(np.float64(n), X.shape) for n in (0, 3))
EXECUTORS = ("numpy", "native")


def names(graph):
    return [e.primitive.name for e in graph.equations]


def fast(f, *args, rtol=1e-14):
    """The graph after all rewrites, which computes the same to rounding."""
    graph = wf.make_graph(f)(*args)
    simple = relaxed(graph)
    for found, expected in zip(simple(*args), graph(*args), strict=True):
        found = np.asarray(found)
        assert found.shape == expected.shape and found.dtype == expected.dtype
        np.testing.assert_allclose(found, expected, rtol=rtol)
    return simple


REWRITES = {
    "x + 0": (lambda x: add(x, 0), ["clone"]),
    "0.0 + x": (lambda x: add(0.0, x), ["clone"]),
    "x - -0.0": (lambda x: sub(x, -0.0), ["clone"]),
    "x + zeros": (lambda x: add(x, ZEROS), ["clone"]),
    "x * 0": (lambda x: mul(x, 0), []),
    "-0.0 * x": (lambda x: mul(-0.0, x), []),
    "x - x": (lambda x: sub(x, x), []),
    "x - x of equal x": (lambda x: sub(tanh(x), tanh(x)), []),
    "x / x": (lambda x: div(x, x), []),
    "exp log x": (lambda x: exp(log(x)), ["clone"]),
    "log exp x": (lambda x: log(exp(x)), ["clone"]),
    "sqrt x sqrt x": (lambda x: mul(sqrt(x), sqrt(x)), ["clone"]),
    "sqrt x squared": (lambda x: sqrt(x) ** 2, ["clone"]),
    "x / c": (lambda x: div(x, 3), ["mul"]),
    "x / 1e30": (lambda x: div(x, 1e30), ["mul"]),
    "x / threes": (lambda x: div(x, THREES), ["mul"]),
    "(x * c) * d": (lambda x: mul(mul(x, 3), 7.0), ["mul"]),
    "d * (c * x)": (lambda x: mul(3, mul(7.0, x)), ["mul"]),
    "x * 4 / 3 * 5": (lambda x: mul(div(mul(x, 4), 3), 5), ["mul"]),
    "x * 4 / 4": (lambda x: div(mul(x, 4), 4), ["clone"]),
    "(x + c) + d": (lambda x: add(add(x, 3), 7.0), ["add"]),
    "(x + c) - d": (lambda x: sub(add(x, 3), 7.0), ["add"]),
    "(x - c) + d": (lambda x: add(sub(x, 3), 3), ["clone"]),
    "(c - x) + d": (lambda x: add(sub(3, x), 7.0), ["sub"]),
    "d - (x + c)": (lambda x: sub(7.0, add(x, 3)), ["sub"]),
    "d - (c - x)": (lambda x: sub(7.0, sub(3, x)), ["add"]),
    "x / d, y / d": (lambda x: [div(x, sin(x)), div(tanh(x), sin(x))], None),
    "x / d, d smaller": (lambda x: div(x, x[:1]), ["getitem", "div", "mul"]),
    "x / d, d broadcast": (
        lambda x: div(x, broadcast_to(x[:1], shape=x.shape)), ["getitem", "div", "mul"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REWRITES)
def test_a_rewrite(name):
    f, left = REWRITES[name]
    found = names(fast(f, X))
    if left is None:
        assert sorted(found) == ["div", "mul", "mul", "sin", "tanh"]
    else:
        assert found == left
    for executor in EXECUTORS:
        for z, expected in zip(
            np.atleast_3d(wf.jit(f, executor=executor, fast=True)(X)),
            np.atleast_3d(f(X)), strict=True,
        ):  # fmt: skip
            np.testing.assert_allclose(z, expected, rtol=1e-14)


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("name", REWRITES)
def test_without_it_none_is_made(name, executor):
    f, _ = REWRITES[name]
    with np.errstate(all="ignore"):
        found, expected = np.asarray(wf.jit(f, executor=executor)(SPECIAL)), np.asarray(f(SPECIAL))
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    np.testing.assert_array_equal(np.isinf(found), np.isinf(expected))
    known = ~np.isnan(expected)
    np.testing.assert_array_equal(np.signbit(found[known]), np.signbit(expected[known]))
    if executor == "numpy":
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: sub(x, x + 1),
        lambda x: div(x, 0),
        lambda x: div(x, 1e-310),  # 1/c is infinite
        lambda x: div(x, 1e308),  # 1/c has fewer digits
        lambda x: mul(mul(x, 1e200), 1e200),
        lambda x: mul(mul(x, 1e-200), 1e-200),
        lambda x: mul(mul(x, 3), float("nan")),
        lambda x: add(add(x, 3), float("inf")),
        lambda x: exp(log(x) + 1),
        lambda x: log(sqrt(x)),
        lambda x: mul(sqrt(x), sqrt(x + 1)),
        lambda x: div(x, sin(x)),
        lambda x: div(3, x),
        lambda x: sub(0, x),
        lambda x: sin(x + np.arange(3.0)[None]),
    ],
)
def test_no_rewrite(f):
    graph = wf.make_graph(f)(X)
    with np.errstate(all="ignore"):
        assert sorted(names(relaxed(graph))) == sorted(names(graph))


def test_limits_are_those_of_the_dtype():
    f = lambda x: div(x, 1e40)  # noqa: E731
    assert names(relaxed(wf.make_graph(f)(X))) == ["mul"]
    assert names(relaxed(wf.make_graph(f)(np.float32(X)))) == ["div"]


def test_what_broadcasts_or_is_no_float_stays():
    row = np.arange(3.0)[None]
    zeros = np.zeros((2, 3))
    assert names(fast(lambda x: add(x, zeros), row)) == ["add"]
    n = np.arange(1, 4)
    for f in (lambda n: add(n, 0), lambda n: mul(n, 0), lambda n: sub(n, n)):
        assert len(fast(f, n).equations) == 1
    assert names(fast(lambda z: div(z, 3.0), np.array([1 + 2j]))) == ["div"]
    weak = fast(lambda k, x: (k + 0) * x, 2.0, np.float32(row))
    assert weak.outputs[0].dtype == np.float32


def test_float32_stays():
    f = lambda x: [div(x, 3), x / x, add(add(x, 0.1), 0.2), div(x, x[:1]), sub(x, x)]  # noqa: E731
    for z in wf.jit(f, fast=True)(np.float32(X)):
        assert z.dtype == np.float32


def test_a_result_is_no_argument():
    x = X.copy()
    for executor in EXECUTORS:
        assert not np.shares_memory(wf.jit(lambda x: x + 0, executor=executor, fast=True)(x), x)


@pytest.mark.parametrize("executor", EXECUTORS)
def test_derived_programs_and_loops_are_rewritten_too(executor):
    def f(x):
        return np.sum(x * (x / x) + 0 * np.log(x))

    f = wf.jit(f, executor=executor, fast=True)
    with warnings.catch_warnings():  # nothing is divided by zero
        warnings.simplefilter("error")
        np.testing.assert_array_equal(wf.grad(f)(np.zeros(3)), np.ones(3))
        np.testing.assert_array_equal(wf.vmap(f)(np.zeros((2, 3))), np.zeros(2))
        looped = wf.jit(
            lambda x: lax.scan(lambda c, x: (c + x / x, c - c), 0.0, x),
            executor=executor,
            fast=True,
        )
        total, rests = looped(np.array([0.0, np.inf, np.nan]))
    assert total == 3 and not rests.any()


def test_a_compiled_step():
    def step(x):
        return x / x

    x = oop.zeros(3)
    assert purify.compile(step, fast=True)(x).tolist() == [1, 1, 1]
    with np.errstate(all="ignore"):
        assert np.isnan(purify.compile(step)(x).numpy()).all()
        assert np.isnan(wf.jit(step)(np.zeros(3))).all()


def test_with_check_nan_the_rewritten_program_is_checked():
    f = lambda x: x / x + np.log(x)  # noqa: E731
    with pytest.raises(FloatingPointError, match=r"^log: the result float64\[3\] has 3 infinite"):
        wf.jit(f, check_nan=True, fast=True)(np.zeros(3))


def test_make_graph_shows_the_function_as_it_is():
    f = lambda x: x / x  # noqa: E731
    assert names(wf.make_graph(wf.jit(f, fast=True))(X)) == ["div"]


POSITIVE = [  # of positive arrays, positive arrays
    lambda x, y, c: x + 0, lambda x, y, c: x * c, lambda x, y, c: x / c, lambda x, y, c: x + c,
    lambda x, y, c: (x + c) - c / 2, lambda x, y, c: c - (-x), lambda x, y, c: x / y,
    lambda x, y, c: np.sqrt(x) * np.sqrt(x), lambda x, y, c: np.exp(np.log(x)),
    lambda x, y, c: np.log(np.exp(x / (x + y))) + c, lambda x, y, c: x - x + y,
    lambda x, y, c: x / x * y, lambda x, y, c: x / np.sum(x, axis=0) + y / np.sum(x, axis=0),
    lambda x, y, c: np.tanh(x) + y * 0, lambda x, y, c: x / y.max(axis=1, keepdims=True),
    lambda x, y, c: integer_power(np.sqrt(x), n=2) + y, lambda x, y, c: x * c * c / c,
]  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_random_programs_keep_their_values_to_rounding(seed):
    rng = np.random.default_rng(seed)
    moves = rng.integers(len(POSITIVE), size=8)
    numbers, places = rng.uniform(0.5, 2, 8).tolist(), rng.integers(100, size=(8, 2))

    def f(x):
        values = [x, x + 1]
        for move, c, (i, k) in zip(moves, numbers, places, strict=True):
            x, y = values[i % len(values)], values[-1 - k % 2]
            values.append(POSITIVE[move](x, y, c))
        return values[-1] + values[-2]

    x = rng.uniform(0.5, 2, (3, 4))
    simple, plain = relaxed(wf.make_graph(f)(x)), f(x)
    np.testing.assert_allclose(simple(x)[0], plain, rtol=1e-12)
    gradient = wf.grad(lambda x: np.sum(f(x)))
    for executor in EXECUTORS[: 1 + (seed < 5)]:
        options = {"executor": executor, "fast": True}
        np.testing.assert_allclose(wf.jit(f, **options)(x), plain, rtol=1e-12)
        np.testing.assert_allclose(
            wf.jit(gradient, **options)(x), gradient(x), rtol=1e-10, atol=1e-10
        )
