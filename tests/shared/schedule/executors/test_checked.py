"""check_nan: the first operation that makes a NaN or infinity, its line, and what it was given."""

import re

import numpy as np
import pytest

from wonderland import functional as wf

ZERO = np.array([1.0, 0.0, 2.0], np.float32)
BIG = np.arange(24.0, dtype=np.float32).reshape(4, 6)


def place(function, offset=1):
    return re.escape(f"{function.__code__.co_filename}:{function.__code__.co_firstlineno + offset}")


def logarithm(x):
    y = np.log(x * 2)
    return np.sum(y)


def root(x):
    y = np.sqrt(x)
    return np.sum(y)


def quotient(x):
    return x / x


def checked(f):
    return wf.jit(f, check_nan=True)


def test_forward_infinity():
    text = (
        r"log: the result float32\[3\] has 1 infinite entry of 3, though its operands are finite: "
        rf"at {place(logarithm)} \(in `logarithm`, found by check_nan\)\n"
        r"    x: float32\[3\] = \[2\., 0\., 4\.\]$"
    )
    with pytest.raises(FloatingPointError, match=text):
        checked(logarithm)(ZERO)


def test_forward_nan():
    text = rf"^div: .* has 1 NaN entry of 3, .* at {place(quotient)} .*\n    x: .*\n    y: .*0\."
    with pytest.raises(FloatingPointError, match=text):
        checked(quotient)(ZERO)


BACKWARD = rf"^div: .* has 1 infinite entry of 3, .* in the backward pass of {place(root)} "


@pytest.mark.parametrize(
    "transform",
    [
        lambda f: wf.grad(checked(f)),
        lambda f: checked(wf.grad(f)),
        lambda f: lambda x: wf.vmap(wf.grad(checked(f)))(x[None]),
        lambda f: checked(lambda x: checked(wf.grad(f))(x)),
    ],
    ids=["grad of jit", "jit of grad", "vmap of grad of jit", "jit of jit of grad"],
)
def test_backward(transform):
    text = BACKWARD.replace("of 3", r"of \d").replace("1 inf", r"\d inf")
    with pytest.raises(FloatingPointError, match=text):
        transform(root)(ZERO)


@pytest.mark.parametrize(
    "transform",
    [
        lambda f: wf.vmap(checked(f)),
        lambda f: lambda x: wf.jvp(checked(f), (x[0],), (x[0],)),
        lambda f: lambda x: wf.jit(checked(f), check_nan=True)(x[0]),
        lambda f: checked(wf.vmap(f)),
    ],
    ids=["vmap of jit", "jvp of jit", "jit of jit", "jit of vmap"],
)
def test_forward_under_transforms(transform):
    with pytest.raises(FloatingPointError, match=rf"^log: .* at {place(logarithm)} "):
        transform(logarithm)(ZERO[None])


def test_inside_of_loops_and_branches():
    def body(c, x):
        return np.log(c) + x, c

    with pytest.raises(FloatingPointError, match=rf"^log: .* at {place(body)} "):
        checked(lambda x: wf.lax.scan(body, np.float32(1), x))(ZERO * 0)


def roots(c, x):
    y = np.sqrt(c * x)
    return y, y


def stacked(x):
    return wf.lax.scan(roots, np.float32(1), x)[1].sum()


@pytest.mark.parametrize(
    "transform", [lambda f: wf.grad(checked(f)), lambda f: checked(wf.grad(f))]
)
def test_backward_inside_of_a_loop(transform):
    text = (
        rf"^div: .* 1 infinite entry of 1, .* in the backward pass of {place(roots)} "
        r"\(in `scan`, found by check_nan\)\n    x: float32\[\] = 0\.5\n    y: float32\[\] = 0\."
    )
    with pytest.raises(FloatingPointError, match=text) as caught:
        transform(stacked)(ZERO * 0)
    assert re.search(rf"backward of {place(stacked)}$", caught.value.__notes__[0])


@pytest.mark.parametrize(
    ("operation", "f"),
    [
        ("while_loop", lambda x: wf.lax.while_loop(lambda c: c > 0, lambda c: np.log(c - c), x)),
        ("fori_loop", lambda x: wf.lax.fori_loop(0, 3, lambda i, c: np.log(c - c), x)),
        ("cond", lambda x: wf.lax.cond(x > 0, lambda x: np.log(x - x), lambda x: x, x)),
    ],
)
def test_inside_of_other_loops_and_of_branches(operation, f):
    text = rf"^log: .* at {place(f, 0)} \(in `{operation}`, found by check_nan\)\n    x: .* = 0\."
    with pytest.raises(FloatingPointError, match=text):
        checked(f)(np.float32(1))


def test_what_comes_in_as_nan_goes_through():
    x = np.array([np.nan, -np.inf, 1.0])
    np.testing.assert_array_equal(checked(lambda x: x + 1)(x), x + 1)
    # an infinity that the program itself writes is no accident either
    found = checked(lambda x: np.where(x > 0, x, -np.inf))(np.array([1.0, -1.0]))
    np.testing.assert_array_equal(found, [1.0, -np.inf])


def test_large_operands_are_summed_up():
    text = r"\n    x: float32\[4,6\] from 0\.0 to 23\.0, 1 of them 0$"
    with pytest.raises(FloatingPointError, match=text):
        checked(lambda x: np.log(x))(BIG)


def test_overflow_of_a_sum_and_of_complex_numbers():
    with np.errstate(all="ignore"):
        with pytest.raises(FloatingPointError, match=r"^exp: .* 1 infinite entry of 1, "):
            checked(lambda x: np.exp(x))(np.float32(1000))
        with pytest.raises(FloatingPointError, match=r"^div: the result complex128\[1\] has"):
            checked(lambda x: 1 / x)(np.zeros(1, complex))


def test_numbers_among_the_operands_are_shown():
    with pytest.raises(FloatingPointError, match=r"\n    x: 1\n    y: float64\[1\] = \[0\.\]$"):
        checked(lambda x: 1 / x)(np.zeros(1))


def test_the_bits_are_those_of_the_function():
    def f(x):
        return np.tanh(x) @ x.T, wf.nn.softmax(x, axis=1)

    for a, b in zip(checked(f)(BIG), f(BIG), strict=True):
        assert np.asarray(a).tobytes() == np.asarray(b).tobytes()


def test_without_it_nothing_is_raised():
    with np.errstate(all="ignore"):
        assert wf.jit(logarithm, executor="numpy")(ZERO) == -np.inf
