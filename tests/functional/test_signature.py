"""Static and donated arguments: what a signature says of them, and what it does not allow."""

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.functional.signature import selected

X = np.arange(3.0, dtype=np.float32)


def f(x, n=2, *, mode="sum"):
    return [x] * n if mode == "many" else x + n


def variadic(*args, **named):
    return args


def of(fun, static=(), names=(), donated=()):
    return selected("jit", fun, static, names, donated)


def test_a_static_argument_is_static_by_place_and_by_name():
    assert of(f, 1) == ((1,), ("n",), ())
    assert of(f, (), "n") == ((1,), ("n",), ())
    assert of(f, -1, ("n", "mode"), [-2]) == ((1,), ("n", "mode"), (0,))
    assert of(lambda x, /, n: x, (0, 1)) == ((0, 1), ("n",), ())
    for staged in (wf.jit(f, static_argnums=1), wf.jit(f, static_argnames="n")):
        for call in (lambda g: g(X, 3), lambda g: g(X, n=3)):
            np.testing.assert_array_equal(call(staged), X + 3)
    many = wf.jit(f, static_argnums=1, static_argnames="mode")
    assert len(many(X, n=3, mode="many")) == len(many(X, 3, mode="many")) == 3


def test_from_the_end_is_from_the_end_of_the_signature():
    staged = wf.jit(f, static_argnums=-1)
    np.testing.assert_array_equal(staged(X), X + 2)  # of one argument, -1 would be x
    np.testing.assert_array_equal(staged(X, 4), X + 4)


def test_what_tells_nothing_is_taken_as_it_is():
    assert of(variadic, (0, -1), "any", 7) == ((0, -1), ("any",), (7,))
    assert of(np.add, 1) == ((1,), (), ())


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"static": 2}, r"static_argnums has 2, but f takes 2 positional argument\(s\), 0 to 1$"),
        ({"static": (0, -3)}, r"static_argnums has -3, but f takes 2 positional argument\(s\)"),
        ({"donated": (0, 5)}, r"donate_argnums has 5, but f takes 2 positional argument\(s\), 0 t"),
        ({"names": "m"}, "static_argnames has 'm', but the named arguments of f are x, n, mode$"),
        (
            {"static": 1, "donated": -1},
            "argument 1 is static and donated; a static argument is a part of the program, so",
        ),
        ({"names": "x", "donated": 0}, "argument 0 is static and donated; "),
    ],
)
def test_an_argument_that_cannot_be(given, text):
    with pytest.raises(ValueError, match=f"^jit: {text}"):
        of(f, **given)
    names = {"static": "static_argnums", "names": "static_argnames", "donated": "donate_argnums"}
    with pytest.raises(ValueError, match=f"^jit: {text}"):
        wf.jit(f, **{names[k]: value for k, value in given.items()})


def test_a_function_without_arguments():
    with pytest.raises(ValueError, match=r"static_argnums has 0, but \w+ takes 0 positional arg.*"):
        of(test_a_function_without_arguments, 0)
    with pytest.raises(ValueError, match=r"static_argnames has 'x', but .* are none$"):
        of(test_a_function_without_arguments, names="x")


def test_what_is_no_place():
    with pytest.raises(
        TypeError, match=r"^jit: donate_argnums is one int or several, but it is 1\.5$"
    ):
        of(f, donated=1.5)


def test_a_donated_argument_behind_a_static_one_is_given_up():
    pytest.importorskip("llvmlite")
    p, g = np.ones((2, 200, 200), np.float32)
    step = wf.jit(lambda n, p, g: p - n * g, static_argnums=0, donate_argnums=1, executor="native")
    p = p.copy()
    assert np.shares_memory(p, step(0.5, p, g))
    with pytest.raises(
        ValueError, match=r"was donated at .*test_signature\.py:\d+, and its memory"
    ):
        step(0.5, p, g)
    assert g.all()
