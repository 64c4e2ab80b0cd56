"""Python's operators mean the same on Values as on arrays, on either side."""

import operator

import numpy as np
import pytest

from wonderland.shared import ops
from wonderland.shared.batching import vmap
from wonderland.shared.dispatch import Value
from wonderland.shared.forward import jvp
from wonderland.shared.tape import vjp

x = np.array([[0.5, 1.5, 2.5], [3.5, 4.5, 5.5]], np.float32)
y = np.array([[2.0, 0.5, 1.0], [1.5, 3.0, 2.5]], np.float32)
i = np.array([[5, 2, 1], [7, 3, 4]])
OTHERS = {
    "array": y,
    "float": 2.0,
    "int": 3,
    "bool": True,
    "generic": np.float32(1.5),
    "double": np.float64(1.5),
    "wide": y.astype(float),
    "row": y[0],
    "integers": i,
    "list": [1.0, 2.0, 3.0],
    "point": np.array(2.0, np.float32),
}
BOTH_SIDES = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "truediv": operator.truediv,
    "floordiv": operator.floordiv,
    "mod": operator.mod,
    "pow": operator.pow,
    "divmod": divmod,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "eq": operator.eq,
    "ne": operator.ne,
}


def value_of(z):
    while isinstance(z, Value):
        z = z.value
    return z


def results(f, mode, *xs):
    """f of traced arguments, what it returned as a list of arrays."""
    seen = []

    def run(*xs):
        z = f(*xs)
        z = list(z) if isinstance(z, tuple) else [z]
        seen.extend(z)
        return z

    if mode == "vjp":
        vjp(run, list(xs))
    elif mode == "jvp":
        jvp(run, list(xs), [np.ones_like(a) for a in xs])
    else:
        return [np.asarray(z) for z in vmap(run, list(xs), [True] * len(xs), 2)[0]]
    return [value_of(z) for z in seen]


def same(found, expected):
    expected = expected if isinstance(expected, tuple) else (expected,)
    for z, e in zip(found, expected, strict=True):
        assert z.dtype == e.dtype
        np.testing.assert_allclose(z, e, rtol=1e-6)


@pytest.mark.parametrize("mode", ["vjp", "jvp"])
@pytest.mark.parametrize("name", BOTH_SIDES)
def test_an_operator_means_what_it_does_on_arrays(name, mode):
    f = BOTH_SIDES[name]
    same(results(f, mode, x, y), f(x, y))
    for other in OTHERS.values():
        array = np.float32(other) if isinstance(other, list) else other
        same(results(lambda a, other=other: f(a, other), mode, x), f(x, array))
        same(results(lambda a, other=other: f(other, a), mode, x), f(array, x))


@pytest.mark.parametrize("name", BOTH_SIDES)
def test_an_operator_under_vmap(name):
    f = BOTH_SIDES[name]
    same(results(f, "vmap", x, y), f(x, y))
    for other in (2.0, y[0], np.float32(2), y[0, 0]):
        same(results(lambda a, other=other: f(a, other), "vmap", x), f(x, other))
        same(results(lambda a, other=other: f(other, a), "vmap", x), f(other, x))


@pytest.mark.parametrize(
    "f", [operator.and_, operator.or_, operator.xor, operator.lshift, operator.rshift]
)
def test_bitwise_operators(f):
    same(results(f, "vmap", i, i[:, ::-1]), f(i, i[:, ::-1]))
    same(results(lambda a: f(a, 2), "vmap", i), f(i, 2))
    same(results(lambda a: f(2, a), "vmap", i), f(2, i))
    same(results(lambda a: f(i[0], a), "vmap", i), np.stack([f(i[0], row) for row in i]))


@pytest.mark.parametrize("f", [operator.neg, operator.pos, operator.abs])
def test_operators_with_one_operand(f):
    for mode in ("vjp", "jvp", "vmap"):
        same(results(f, mode, x - 2), f(x - 2))
    same(results(operator.invert, "vmap", x > 2), ~(x > 2))
    same(results(operator.invert, "vmap", i), ~i)


def test_matmul_on_either_side():
    w = y.T.copy()
    same(results(operator.matmul, "vjp", x, w), x @ w)
    same(results(lambda a: a @ w, "vjp", x), x @ w)
    same(results(lambda a: x @ a, "vjp", w), x @ w)


@pytest.mark.parametrize(
    ("n", "primitive"),
    [(2, "square"), (2.0, "square"), (0.5, "sqrt"), (-1, "reciprocal"), (3, "integer_power"),
     (2.5, "power")],
)  # fmt: skip
def test_a_fixed_exponent_takes_the_quick_primitive(n, primitive):
    seen = []
    vjp(lambda a: [seen.append((a**n).node.plan.primitive.name)] and [], [x])
    assert seen == [primitive]


def test_values_of_two_transforms_meet():
    """d/dx of (x times the derivative of y**2 at y = x) = 2 x**2 is 4 x."""

    def inner(a):
        _, (d,) = jvp(lambda b: [b * b * (a / b) * b], [a], [np.ones((), np.float32)])
        return [d]

    (gx,) = vjp(inner, [np.float32(3)])[1]([np.float32(1)])
    np.testing.assert_allclose(gx, 12.0)


def test_a_value_equals_no_other_thing():
    for other in (None, "text", object()):
        assert results(lambda a, other=other: np.array(a == other), "vjp", x) == [False]
        assert results(lambda a, other=other: np.array(a != other), "vjp", x) == [True]
    with pytest.raises(TypeError, match="unsupported operand"):
        vjp(lambda a: [a + None], [x])


def test_a_value_is_a_key():
    vjp(lambda a: [{a: a}[a]], [x])


def test_an_object_that_knows_better_is_asked():
    class Other:
        def __radd__(self, other):
            return "mine"

    assert vjp(lambda a: [a] if a + Other() == "mine" else [], [x])[0]


def test_in_place_operators_bind_a_new_value():
    def f(a):
        b = a
        b += 1
        b *= 2
        return [b, a]

    out, _ = vjp(f, [x])
    same(out, ((x + 1) * 2, x))


def test_the_short_way_does_not_mix_ranks_of_a_batch():
    """An element of a batch has one axis less than its payload, which y must not be taken for."""
    (z,), _ = vmap(lambda a: [a * y], [x], [True], 2)
    same([z], x[:, None, :] * y)
    same(list(vmap(lambda a: [y * a], [x], [True], 2)[0]), x[:, None, :] * y)


def test_the_short_way_records_what_the_function_does():
    for f, g in ((operator.mul, ops.multiply), (operator.truediv, ops.divide)):
        short = vjp(lambda a, b, f=f: [f(a, b)], [x, y])[1]([y])
        long = vjp(lambda a, b, g=g: [g(a, b)], [x, y])[1]([y])
        assert [g.tobytes() for g in short] == [g.tobytes() for g in long]
