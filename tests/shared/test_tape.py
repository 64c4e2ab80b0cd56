"""Reverse mode on flat lists: what is kept, what is added, and what it costs."""

import threading

import numpy as np
import pytest

from wonderland.shared.cotangents import Indexed
from wonderland.shared.primitives import (
    Primitive,
    add,
    cast,
    equal,
    exp,
    floor,
    mul,
    neg,
    sin,
)
from wonderland.shared.tape import Arrived, leaf, taped, vjp

X = np.array([[0.5, -1.25, 2.0]])
Y = np.array([[1.5], [4.0]])
ONES = np.ones((2, 3))


def gradients(f, args, cotangent=None):
    """The gradients of f, which returns one array."""
    out, pull = vjp(lambda *xs: [f(*xs)], args)
    return pull([np.ones(out[0].shape) if cotangent is None else cotangent])


# --- the shape and dtype of a cotangent ---


def test_broadcasting_is_undone():
    gx, gy = gradients(mul, [X, Y])
    np.testing.assert_array_equal(gx, np.full(X.shape, Y.sum()))
    np.testing.assert_array_equal(gy, np.full(Y.shape, X.sum()))


def test_broadcasting_of_a_scalar_array_is_undone():
    (gx,) = gradients(lambda x: mul(x, ONES), [np.array(2.0)])
    assert gx == 6.0 and gx.shape == ()


@pytest.mark.parametrize("dtype", ["float16", "float32", "complex64"])
def test_a_gradient_has_the_dtype_of_its_argument(dtype):
    x = X.astype(dtype)
    for f in (sin, lambda x: mul(x, 2.0), lambda x: cast(x, dtype=np.dtype("complex128"))):
        out, pull = vjp(lambda x, f=f: [f(x)], [x])
        (g,) = pull([np.ones(out[0].shape, out[0].dtype)])
        assert g.dtype == dtype and g.shape == x.shape


def test_a_wider_cotangent_is_cast_to_its_output():
    (g,) = gradients(lambda x: mul(x, 2.0), [X.astype(np.float32)], np.ones(X.shape, np.float64))
    assert g.dtype == np.float32


def test_a_real_argument_of_a_complex_program_has_a_real_gradient():
    (g,) = gradients(lambda x: mul(x, 1j * ONES), [X], ONES * (1 + 1j))
    assert g.dtype == np.float64
    np.testing.assert_array_equal(g, np.full(X.shape, -2.0))


# --- symbolic zeros ---


def test_an_argument_that_is_not_used_has_no_gradient():
    gx, gy = gradients(lambda x, y: sin(x), [X, Y])
    assert gx is not None and gy is None


def test_an_output_that_is_not_taped_passes_nothing_back():
    out, pull = vjp(lambda x: [sin(Y), x], [X])
    np.testing.assert_array_equal(out[0], np.sin(Y))
    assert pull([Y, None]) == [None]
    assert pull([Y, X])[0] is X


def test_a_cotangent_of_none_is_zero():
    _out, pull = vjp(lambda x: [sin(x), exp(x)], [X])
    np.testing.assert_array_equal(pull([None, ONES[:1]])[0], np.exp(X))
    assert pull([None, None]) == [None]


def test_piecewise_constants_end_the_tape():
    out, pull = vjp(lambda x: [equal(x, X), floor(x)], [X])
    assert out[0].dtype == bool
    assert pull([X, X]) == [None]


def test_an_integer_operand_is_not_differentiated():
    class Never(dict):
        def __missing__(self, key):
            raise AssertionError("a rule for an operand that is not on the tape")

    i = np.array([[1, 2, 3]])
    gx, gi = gradients(lambda x, i: mul(x, 2.0), [X, i])
    np.testing.assert_array_equal(gx, np.full(X.shape, 2.0))
    assert gi is None


# --- several outputs ---

# z = (x y, sin x, y)
trio = Primitive(
    "trio", lambda x, y: (x * y, np.sin(x), y * 1.0), outputs=3, register=False,
    shape=lambda x, y: [x.shape] * 3, jvp=0, batch=0,
    vjp=lambda gz, x, y: (gz[0] * y + gz[1] * np.cos(x), gz[0] * x + gz[2]),
)  # fmt: skip


@pytest.mark.parametrize("used", [(0,), (1,), (2,), (0, 2), (2, 1, 0)])
def test_outputs_that_are_not_used_have_zero_cotangents(used):
    x, y = X, X + 1
    _out, pull = vjp(lambda x, y: [trio(x, y)[i] for i in used], [x, y])
    v = [np.full(X.shape, 10.0**k) for k in range(len(used))]
    gx, gy = pull(v)
    given = dict(zip(used, v, strict=True))
    v0, v1, v2 = [given.get(i, np.zeros(X.shape)) for i in range(3)]
    np.testing.assert_allclose(gx, v0 * y + v1 * np.cos(x))
    np.testing.assert_allclose(gy, v0 * x + v2)


def test_one_output_used_twice_adds_first():
    def f(x, y):
        z = trio(x, y)[0]
        return add(mul(z, 2.0), mul(z, 3.0))

    gx, gy = gradients(f, [X, X + 1])
    np.testing.assert_allclose(gx, 5 * (X + 1))
    np.testing.assert_allclose(gy, 5 * X)


def test_outputs_meet_before_their_primitive_is_pulled():
    calls = []
    two = Primitive(
        "two", lambda x: (x + 0.0, x + 0.0), outputs=2, shape=lambda x: [x.shape] * 2, jvp=0,
        vjp=lambda gz: calls.append(1) or gz[0] + gz[1], batch=0, register=False,
    )  # fmt: skip

    def f(x):
        a, b = two(x)
        for _ in range(3):
            a = neg(a)
        return add(a, b)

    (g,) = gradients(f, [X])
    assert len(calls) == 1
    np.testing.assert_array_equal(g, np.zeros(X.shape))


# --- accumulation ---


def test_cotangents_given_by_the_caller_are_never_changed():
    v = np.ones(X.shape)
    _out, pull = vjp(lambda x: [add(add(x, x), add(x, x)), x, x], [X])
    (g,) = pull([v, v, v])
    np.testing.assert_array_equal(g, np.full(X.shape, 6.0))
    np.testing.assert_array_equal(v, np.ones(X.shape))


def test_the_second_contribution_makes_an_array_and_the_third_adds_in_place():
    first, second, third = np.ones(3), np.full(3, 2.0), np.full(3, 4.0)
    arrived = Arrived(None, first)
    arrived.add(second)
    made = arrived.total
    assert made is not first and made is not second and arrived.owned
    arrived.add(third)
    assert arrived.total is made
    np.testing.assert_array_equal(made, np.full(3, 7.0))
    np.testing.assert_array_equal(first, np.ones(3))
    np.testing.assert_array_equal(second, np.full(3, 2.0))


def test_numbers_and_values_are_never_added_in_place():
    arrived = Arrived(None, np.float64(1))
    arrived.add(np.float64(2))
    assert arrived.total == 3 and not arrived.owned


def test_sparse_contributions_are_scattered_in_place():
    def at(i, value):
        return Indexed(np.array([value]), (3,), lambda t, v: t.__setitem__(i, t[i] + v[0]), None)

    arrived = Arrived(None, at(0, 1.0))
    arrived.add(at(0, 2.0))
    one = arrived.total
    assert arrived.owned
    for further in (at(2, 5.0), np.ones(3)):
        arrived.add(further)
        assert arrived.total is one
    np.testing.assert_array_equal(one, [4.0, 1.0, 6.0])


@pytest.mark.parametrize("sparse_first", [True, False])
def test_a_dense_contribution_that_is_not_ours_is_left_alone(sparse_first):
    dense = np.ones(3)
    sparse = Indexed(np.array([1.0]), (3,), lambda t, v: t.__setitem__(1, t[1] + v[0]), None)
    arrived = Arrived(None, sparse if sparse_first else dense)
    arrived.add(dense if sparse_first else sparse)
    np.testing.assert_array_equal(arrived.total, [1.0, 2.0, 1.0])
    np.testing.assert_array_equal(dense, np.ones(3))


# --- the life of a tape ---


def test_a_pull_may_be_called_again():
    _, pull = vjp(lambda x: [sin(x)], [X])
    first, second = pull([X]), pull([2 * X])
    np.testing.assert_array_equal(2 * first[0], second[0])


def test_a_pull_is_itself_differentiable():
    def slope(x):
        _out, pull = vjp(lambda x: [mul(mul(x, x), x)], [x])
        return pull([np.ones(X.shape)])[0]

    (g,) = gradients(slope, [X])
    np.testing.assert_allclose(g, 6 * X)


def test_a_pull_called_inside_a_later_transform():
    _, pull = vjp(lambda x: [mul(x, x)], [X])
    (g,) = gradients(lambda v: pull([v])[0], [ONES[:1]])
    np.testing.assert_array_equal(g, 2 * X)


def test_a_freed_tape_says_what_to_do():
    _, pull = vjp(lambda x: [sin(exp(x))], [X])
    pull([X], free=True)
    text = "backward: the values kept for sin were freed by an earlier backward pass; pass retain"
    with pytest.raises(RuntimeError, match=text):
        pull([X])


def test_an_error_in_a_rule_names_its_primitive():
    def refuses(gz):
        raise KeyError("no")

    bad = Primitive(
        "bad", lambda x: x + 0.0, shape=lambda x: x.shape, jvp=0, vjp={"x": refuses}, batch=0,
        register=False,
    )  # fmt: skip
    with pytest.raises(KeyError) as caught:
        gradients(lambda x: neg(bad(x)), [X])
    assert caught.value.__notes__ == ["in the backward pass of bad"]


def test_a_failing_kernel_is_explained_while_it_is_taped():
    with pytest.raises(ValueError, match=r"mul: shapes do not broadcast: axis 0 has 2 and 3") as e:
        gradients(lambda x: mul(x, np.ones((3, 3))), [ONES])
    assert any(__file__ in note for note in e.value.__notes__)


def test_a_tape_recorded_in_one_thread_is_pulled_in_another():
    _, pull = vjp(lambda x: [sin(x)], [X])
    found = []
    thread = threading.Thread(target=lambda: found.append(pull([X])))
    thread.start()
    thread.join()
    np.testing.assert_array_equal(found[0][0], np.cos(X) * X)


def test_nodes_name_themselves():
    assert repr(leaf(X)) == "Node(leaf, float64[1, 3])"
    kept = []
    vjp(lambda x: [kept.append(sin(x)) or x], [X])
    assert repr(kept[0].node) == "Node(sin, float64[1, 3])"
    assert taped(X, kept[0].node, kept[0].trace).level == 1
