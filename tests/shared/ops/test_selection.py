import math

import numpy as np
import pytest

from wonderland.shared import ops
from wonderland.shared.batching import vmap
from wonderland.shared.forward import jvp
from wonderland.shared.tape import vjp

x = np.array([-1.0, 0.0, 4.0])
nan, inf = math.nan, math.inf


def gradient(f, *xs):
    found = vjp(lambda *xs: [f(*xs)], list(xs))
    return found[1]([np.ones_like(found[0][0])])


# each has at least one entry that the condition keeps out, where f is singular
@pytest.mark.filterwarnings("ignore:(divide by zero|invalid value|overflow)")
@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda x: ops.where(x > 0, ops.sqrt(x), 0.0), [0, 0, 0.25]),
        (lambda x: ops.where(x > 0, ops.log(x), 0.0), [0, 0, 0.25]),
        (lambda x: ops.where(x != 0, 1.0 / x, 0.0), [-1, 0, -1 / 16]),
        (lambda x: ops.where(x > 0, x**0.5 + x**-1.5, 0.0), [0, 0, 0.25 - 1.5 / 32]),
        (lambda x: ops.where(x > 0, ops.power(x, x), 0.0), [0, 0, 256 * (1 + math.log(4))]),
        (lambda x: ops.where(x < 4, ops.exp(x * 1e3), x), [0, 1e3, 1]),
        (lambda x: ops.where(x != 0, ops.sin(x) / x, 1.0), None),
        (lambda x: ops.where(abs(x) < 1, ops.arctanh(x), 0.0), [0, 1, 0]),
    ],
)
def test_where_is_safe_where_the_other_branch_is_singular(f, expected):
    (gx,) = gradient(f, x)
    (dz,) = jvp(lambda x: [f(x)], [x], [np.ones(3)])[1]
    assert np.isfinite(gx).all()
    np.testing.assert_array_equal(gx, dz)
    if expected is not None:
        np.testing.assert_allclose(gx, expected, rtol=1e-14)
    (second,) = gradient(lambda x: gradient(f, x)[0], x)
    assert np.isfinite(second).all()


def test_where_takes_any_condition_and_any_shapes():
    z = ops.where([1.0, 0.0, 2.0], np.ones((2, 1), np.float32), 2)
    assert z.tolist() == [[1, 2, 1]] * 2
    assert z.dtype == np.float32
    assert ops.where(True, 1.0, 2.0) == 1
    assert ops.where(np.array([[True], [False]]), x, 0.0).shape == (2, 3)
    condition, gx, gy = gradient(ops.where, np.ones(3), x, np.zeros((2, 3)))
    assert condition is None
    assert gx.tolist() == [2, 2, 2]
    assert gy.tolist() == [[0, 0, 0]] * 2


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({"a_min": -1.0, "a_max": 2.0}, [1, 1, 0]),
        ({"min": 0.0}, [0, 1, 1]),
        ({"max": 0}, [1, 1, 0]),
        ({"a_min": None, "a_max": None}, [1, 1, 1]),
    ],
)
def test_clip_with_one_bound_has_the_same_kinks_as_with_two(bounds, expected):
    np.testing.assert_array_equal(ops.clip(x, **bounds), np.clip(x, **bounds))
    assert gradient(lambda x: ops.clip(x, **bounds), x)[0].tolist() == expected


def test_clip_of_integers_and_of_arrays():
    i = np.arange(5)
    for bounds in ((1, 3), (None, 3), (1, None)):
        assert ops.clip(i, *bounds).tolist() == np.clip(i, *bounds).tolist()
        assert ops.clip(i, *bounds).dtype == i.dtype
    assert ops.clip(x, np.array([[0.0], [1.0]]), 3.0).shape == (2, 3)


def test_nan_to_num_is_that_of_numpy():
    y = np.array([nan, inf, -inf, 2.0], np.float32)
    np.testing.assert_array_equal(ops.nan_to_num(y), np.nan_to_num(y))
    np.testing.assert_array_equal(ops.nan_to_num(y, nan=1, posinf=2, neginf=3), [1, 2, 3, 2])
    i = np.arange(3)
    assert ops.nan_to_num(i) is i


def test_isclose_is_that_of_numpy():
    a = np.array([1.0, 1.0, inf, inf, nan, -inf, 0.0])
    b = np.array([1.0 + 1e-9, 1.1, inf, -inf, nan, 1.0, 1e-9])
    for equal_nan in (False, True):
        found = ops.isclose(a, b, equal_nan=equal_nan)
        np.testing.assert_array_equal(found, np.isclose(a, b, equal_nan=equal_nan))


def test_equality_of_whole_arrays():
    with_nan = np.array([1.0, nan])
    assert ops.allclose(x, x + 1e-12)
    assert not ops.allclose(x, x + 1)
    assert ops.array_equal(x, x.copy())
    assert not ops.array_equal(x, x[:2])
    assert not ops.array_equal(with_nan, with_nan)
    assert ops.array_equal(with_nan, with_nan, equal_nan=True)
    vjp(lambda x: [x] if np.allclose(x, x) and np.array_equal(x, x) else [], [x])
    with pytest.raises(TypeError, match=r"allclose: .* under `vmap` has 3 values"):
        vmap(lambda a: [ops.allclose(a, 1.0)], [x], [True], 3)


def test_select_takes_the_first_that_holds():
    conditions, choices = [x > 2, x > -0.5], [x * 2, x * 3]
    np.testing.assert_array_equal(
        ops.select(conditions, choices, 7.0), np.select(conditions, choices, 7.0)
    )
    (gx,) = gradient(lambda x: np.select([x > 2, x > -0.5], [x * 2, x * 3], 7.0), x)
    assert gx.tolist() == [0, 3, 2]
    with pytest.raises(ValueError, match=r"select: .* there are 1 choices and 2 conditions"):
        ops.select(conditions, choices[:1])


def test_heaviside_varies_with_its_middle():
    gx, gh = gradient(ops.heaviside, x, np.full(3, 0.5))
    assert gx is None or not gx.any()
    assert gh.tolist() == [0, 1, 0]
    np.testing.assert_array_equal(ops.heaviside(np.array([nan]), 0.5), [nan])
