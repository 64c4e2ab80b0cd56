"""check_grads: right functions pass in every dtype and mode, and each wrong rule is found."""

import re

import numpy as np
import pytest

from wonderland.shared.primitives import Primitive, cast, equal, mul, sin, tanh
from wonderland.shared.testing import check_grads

X = np.array([0.5, -1.25, 2.0])


def faulty(jvp, vjp):
    """x², with the given rules."""
    return Primitive(
        "faulty", lambda x: x * x, shape=lambda x: x.shape, jvp={"x": jvp}, vjp={"x": vjp},
        batch=0, register=False,
    )  # fmt: skip


def right(d, x):
    return 2.0 * x * d


def wrong(d, x):
    return 2.001 * x * d


@pytest.mark.parametrize("modes", [("fwd",), ("rev",), ("fwd", "rev"), ["rev", "fwd"]])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "complex64", "complex128"])
def test_a_right_function_passes(dtype, modes):
    x = (X + 0.1j * X[::-1] if np.dtype(dtype).kind == "c" else X).astype(dtype)
    check_grads(lambda x, y: mul(sin(x), tanh(y)), (x, x / 2), modes=modes)


def test_third_order_in_both_modes():
    check_grads(lambda x: mul(x, sin(x)), (X,), order=3)


def test_arguments_and_results_are_trees():
    def f(params, scale):
        return {"z": [mul(params["w"], scale), None], "same": equal(params["w"], params["w"])}

    check_grads(f, ({"w": X, "steps": np.array([1, 2])}, 2.0))


def test_constants_are_left_alone():
    check_grads(lambda x, i: mul(x, cast(x, dtype=np.dtype("float64"))), (X, np.array([3])))


@pytest.mark.parametrize("modes", [("fwd",), ("rev",), ("fwd", "rev")])
def test_a_wrong_rule_in_both_modes_is_found(modes):
    with pytest.raises(AssertionError, match=r"check_grads: (fwd|rev): .* is \S+ but .* is \S+ "):
        check_grads(faulty(wrong, wrong), (X,), modes=modes)


def test_a_wrong_jvp_is_found_in_forward_mode():
    text = (
        r"check_grads: fwd: the JVP is \S+ but the central difference is \S+ at \[\d\] \(float64, "
    )
    with pytest.raises(AssertionError, match=text + r"tolerance \S+\); look for a rule"):
        check_grads(faulty(wrong, right), (X,))
    check_grads(faulty(wrong, right), (X,), modes=("rev",), order=1)


def test_a_wrong_vjp_is_found_in_reverse_mode():
    text = re.escape("check_grads: rev: <jvp(u), v> is")
    with pytest.raises(AssertionError, match=text):
        check_grads(faulty(right, wrong), (X,))
    text = re.escape("check_grads: rev: <u, vjp(v)> is")
    with pytest.raises(AssertionError, match=text):
        check_grads(faulty(right, wrong), (X,), modes=("rev",))
    check_grads(faulty(right, wrong), (X,), modes=("fwd",))


frozen = Primitive(
    "frozen", lambda x: 2.0 * x, shape=lambda x: x.shape, jvp=0, vjp=0, batch=0, register=False
)


@pytest.mark.parametrize("modes", [("fwd",), ("rev",), ("fwd", "rev")])
def test_a_rule_with_a_wrong_derivative_of_its_own_is_found_at_second_order(modes):
    def rule(d, x):
        return d * frozen(x)

    check_grads(faulty(rule, rule), (X,), order=1, modes=modes)
    with pytest.raises(AssertionError, match=r"check_grads: of (fwd|rev): (fwd|rev): "):
        check_grads(faulty(rule, rule), (X,), order=2, modes=modes)


def test_a_complex_function_is_tried_in_complex_directions():
    # conj is not holomorphic: with the rule of the identity only real directions would agree.
    conj = Primitive(
        "conj", np.conj, operands=("x",), shape=lambda x: x.shape, jvp={"x": 1}, vjp={"x": 1},
        batch=0, register=False,
    )  # fmt: skip
    check_grads(conj, (X,))
    with pytest.raises(AssertionError, match="check_grads: fwd"):
        check_grads(conj, (X + 1j,))


def test_a_kink_is_found():
    with pytest.raises(AssertionError, match="or a kink near the point"):
        check_grads(abs_like, (np.array([1e-6, 1.0]),), order=1)


abs_like = Primitive(
    "abs_like", np.abs, operands=("x",), shape=lambda x: x.shape, jvp={"x": 1}, vjp={"x": 1},
    batch=0, register=False,
)  # fmt: skip


def test_tolerances_and_step_are_the_callers():
    check_grads(faulty(wrong, wrong), (X,), order=1, rtol=1e-2)
    check_grads(faulty(wrong, wrong), (X,), order=1, atol=1.0)
    check_grads(faulty(wrong, wrong), (X,), order=1, atol=1.0, modes=("rev",))
    check_grads(abs_like, (np.array([1e-6, 1.0]),), order=1, eps=1e-8)


def test_unknown_modes_are_refused():
    text = r"check_grads: modes is \('forward',\), but must be some of \('fwd', 'rev'\)"
    with pytest.raises(ValueError, match=text):
        check_grads(sin, (X,), modes=("forward",))
    with pytest.raises(ValueError, match="check_grads: modes is"):
        check_grads(sin, (X,), modes=())


def test_nothing_to_differentiate_is_refused():
    with pytest.raises(ValueError, match="check_grads: args hold no float or complex array"):
        check_grads(lambda i: i, (np.array([1]),))
    with pytest.raises(ValueError, match="check_grads: f returns no float or complex array"):
        check_grads(lambda x: equal(x, x), (X,))
