"""Levels: every nesting of transforms, what may not be confused, and what may not leak."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import numpy as np
import pytest

from wonderland.shared.batching import vmap
from wonderland.shared.dispatch import Value, bottom, depth
from wonderland.shared.errors import TracerLeakError
from wonderland.shared.forward import jvp
from wonderland.shared.primitives import add, mul, neg, sin
from wonderland.shared.tape import vjp

X = np.array([0.5, -1.25, 2.0])


def forward(f):
    """f' of an entrywise f, by forward mode."""
    return lambda x: jvp(lambda x: [f(x)], [x], [np.ones(x.shape)])[1][0]


def reverse(f):
    """f' of an entrywise f, by reverse mode."""

    def derivative(x):
        out, pull = vjp(lambda x: [f(x)], [x])
        return pull([np.ones(out[0].shape)])[0]

    return derivative


def mapped(f):
    """f over the leading axis."""
    return lambda x: vmap(lambda x: [f(x)], [x], [True], x.shape[0])[0][0]


TRANSFORMS = {"jvp": forward, "vjp": reverse, "vmap": mapped}
CHAINS = [chain for n in (1, 2, 3) for chain in product(TRANSFORMS, repeat=n)]

# x² sin x and its derivatives
CURVE = (
    lambda x: x**2 * np.sin(x),
    lambda x: 2 * x * np.sin(x) + x**2 * np.cos(x),
    lambda x: (2 - x**2) * np.sin(x) + 4 * x * np.cos(x),
    lambda x: (6 - x**2) * np.cos(x) - 6 * x * np.sin(x),
)


def curve(x):
    return mul(mul(x, x), sin(x))


@pytest.mark.parametrize("chain", CHAINS, ids="-of-".join)
def test_every_nesting_of_transforms(chain):
    f = curve
    for name in reversed(chain):
        f = TRANSFORMS[name](f)
    x = np.stack([X, X + 1])[:, None] + np.zeros((2, 2, 3))
    order = len(chain) - chain.count("vmap")
    np.testing.assert_allclose(f(x), CURVE[order](x), rtol=1e-12, atol=1e-12)
    assert depth.get() == 0


@pytest.mark.parametrize("chain", CHAINS, ids="-of-".join)
def test_every_nesting_closes_over_outer_values(chain):
    # x g(x), the derivative taken of g alone: each level meets a value of the outer ones.
    f = curve
    for name in reversed(chain):
        f = outer_times(TRANSFORMS[name], f, name)
    expected = curve
    for name in reversed(chain):
        expected = outer_times(forward if name != "vmap" else mapped, expected, name)
    x = np.stack([X, X + 1])[:, None] + np.zeros((2, 2, 3))
    np.testing.assert_allclose(f(x), expected(x), rtol=1e-12)


def outer_times(transform, f, name):
    if name == "vmap":
        return transform(lambda x: mul(x, f(x)))
    return lambda x: transform(lambda y: mul(x, f(y)))(x)


D = {"jvp": forward, "vjp": reverse}


@pytest.mark.parametrize("inner", D)
@pytest.mark.parametrize("outer", D)
def test_perturbations_are_not_confused(outer, inner):
    x = np.array(3.0)
    # d/dx (x d/dy (x + y)) = 1: confused perturbations give 2
    f = D[outer](lambda x: mul(x, D[inner](lambda y: add(x, y))(np.array(1.0))))
    assert f(x) == 1.0
    # d/dx (x d/dy (x y)) = 2x
    f = D[outer](lambda x: mul(x, D[inner](lambda y: mul(x, y))(np.array(1.0))))
    assert f(x) == 6.0
    # d/dx (d/dy (y x² at y = x)) = 2x
    f = D[outer](lambda x: D[inner](lambda y: mul(y, mul(x, x)))(x))
    assert f(x) == 6.0
    # d/dx (d/dy x²) = 0: y is not there at all
    f = D[outer](lambda x: mul(x, D[inner](lambda y: add(mul(y, 0.0), mul(x, x)))(x)))
    assert f(x) == 0.0


@pytest.mark.parametrize("third", D)
@pytest.mark.parametrize("second", D)
@pytest.mark.parametrize("first", D)
def test_mixed_partial_derivatives(first, second, third):
    def f(x, y, z):
        return mul(mul(x, mul(y, y)), mul(z, mul(z, z)))

    one, two, three = D[first], D[second], D[third]
    x, y, z = np.array(2.0), np.array(3.0), np.array(5.0)
    # d³/dx dy dz of x y² z³ = 2y 3z²
    g = one(lambda x: two(lambda y: three(lambda z: f(x, y, z))(z))(y))(x)
    assert g == 2 * 3 * 3 * 25


def test_a_batch_meets_values_from_outside():
    # (w x_i)² for each i, and its derivative by w: 2 w x_i²
    def f(w):
        return vmap(lambda x: [mul(mul(w, x), mul(w, x))], [X], [True], 3)[0]

    w = np.array(2.0)
    np.testing.assert_allclose(jvp(f, [w], [np.array(1.0)])[1][0], 4 * X**2)
    _, pull = vjp(f, [w])
    np.testing.assert_allclose(pull([np.ones(3)])[0], 4 * np.sum(X**2))


class Note(Value):
    """A value that writes down who was asked."""

    def __init__(self, level, value, log):
        self.level, self.value, self.log = level, value, log

    def interpret(self, primitive, args, static):
        self.log.append(self.level)
        return primitive(*[a.value if a is self else a for a in args], **static)


def test_the_highest_level_takes_the_call_and_binds_one_level_down():
    log = []
    x, y = Note(1, 2.0, log), Note(2.5, 5.0, log)
    assert mul(x, y) == 10.0
    assert mul(y, x) == 10.0
    assert log == [2.5, 1, 2.5, 1]


def test_the_first_of_equal_levels_is_asked():
    log = []
    x, y = Note(1, 2.0, log), Note(1, 5.0, log)
    assert mul(x, y) == 10.0
    assert log == [1, 1]


def test_bottom_is_the_array_under_all_values():
    x = np.ones(2)
    assert bottom(Note(2, Note(1, x, []), [])) is x
    assert bottom(3.0) == 3.0


def test_a_value_shows_the_shape_and_dtype_of_its_payload():
    x = Note(1, np.ones((2, 3), np.float32), [])
    assert (x.shape, x.dtype, x.ndim) == ((2, 3), np.float32, 2)
    with pytest.raises(NotImplementedError):
        Value.interpret(x, mul, (x,), {})


RUNS = {
    "jvp": lambda f: jvp(lambda x: [f(x)], [X], [X]),
    "vjp": lambda f: vjp(lambda x: [f(x)], [X]),
    "vmap": lambda f: vmap(lambda x: [f(x)], [X], [True], 3),
}


class Stop(Exception):
    """What the user's function raises."""


@pytest.mark.parametrize("outer", RUNS)
@pytest.mark.parametrize("inner", RUNS)
def test_an_exception_leaks_no_level(outer, inner):
    def stop(x):
        assert depth.get() == 2
        raise Stop

    with pytest.raises(Stop):
        RUNS[outer](lambda x: RUNS[inner](stop))
    assert depth.get() == 0

    def recovers(x):
        with pytest.raises(Stop):
            RUNS[inner](stop)
        assert depth.get() == 1
        return neg(x)

    RUNS[outer](recovers)
    assert depth.get() == 0


def test_a_primitive_that_fails_inside_leaks_no_level():
    for run in RUNS.values():
        with pytest.raises(ValueError, match="mul: shapes do not broadcast"):
            run(lambda x: mul(np.ones((2, 2)), np.ones((3, 3))))
    assert depth.get() == 0


def test_an_exception_in_a_thread_leaks_no_level():
    def work(_):
        with pytest.raises(Stop):
            RUNS["vjp"](lambda x: RUNS["jvp"](fail))
        return depth.get()

    def fail(x):
        raise Stop

    with ThreadPoolExecutor(2) as pool:
        assert set(pool.map(work, range(8))) == {0}


def test_two_threads_at_once_have_their_own_levels():
    together = threading.Barrier(2, timeout=20)

    def work(chain):
        def f(x):
            together.wait()  # both are inside their transforms, at different depths
            level = depth.get()
            together.wait()
            assert depth.get() == level
            return curve(x)

        g = f
        for name in reversed(chain):
            g = TRANSFORMS[name](g)
        return g(np.stack([X, X]))

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(work, ("jvp", "vjp", "vmap"))
        second = pool.submit(work, ("vjp",))
        np.testing.assert_allclose(first.result(), CURVE[2](np.stack([X, X])), rtol=1e-12)
        np.testing.assert_allclose(second.result(), CURVE[1](np.stack([X, X])), rtol=1e-12)


def leaked(name):
    """A tracer kept from a run that has ended, and the line of that run."""
    kept = []

    def keep(x):
        kept.append(mul(x, 2.0))
        return x

    RUNS[name](keep)
    return kept[0]


@pytest.mark.parametrize("name", RUNS)
def test_a_kept_tracer_says_where_it_was_made(name):
    tracer = leaked(name)
    line = RUNS[name].__code__.co_firstlineno
    shape = "" if name == "vmap" else "3"
    text = (
        rf"sin: a traced float64\[{shape}\] is used after the `{name}` that made it had ended "
        rf"\(made under `{name}` called at {re.escape(__file__)}:{line}\); return it from"
    )
    with pytest.raises(TracerLeakError, match=text):
        sin(tracer)


@pytest.mark.parametrize("later", RUNS)
@pytest.mark.parametrize("name", RUNS)
def test_a_kept_tracer_is_found_inside_a_later_run(name, later):
    tracer = leaked(name)
    for f in (lambda x: mul(x, tracer), lambda x: mul(tracer, x), lambda x: sin(tracer)):
        with pytest.raises(TracerLeakError, match=f"made under `{name}` called at"):
            RUNS[later](f)
    assert depth.get() == 0


@pytest.mark.parametrize("name", RUNS)
def test_a_tracer_of_a_living_outer_run_is_no_leak(name):
    def outer(x):
        RUNS[name](lambda y: mul(X, x) if name == "vmap" else mul(y, x))
        return x

    for run in RUNS.values():
        run(outer)
