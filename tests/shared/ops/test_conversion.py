"""Where a traced value may become a plain one, and where that would lose its derivative."""

import cmath
import math

import numpy as np
import pytest

from wonderland.shared.batching import vmap
from wonderland.shared.forward import jvp
from wonderland.shared.tape import vjp

point = np.array(2.5)
row = np.array([1.0, 2.0])


def under(mode, f, x):
    """What f returns for the traced x, whatever it is."""
    seen = []

    def run(x):
        seen.append(f(x))
        return [x]

    if mode == "vjp":
        vjp(run, [x])
    elif mode == "jvp":
        jvp(run, [x], [np.ones_like(x)])
    else:
        vmap(run, [x], [True], len(x))
    return seen[0]


@pytest.mark.parametrize("mode", ["vjp", "jvp"])
def test_control_flow_goes_by_the_value(mode):
    def f(x):
        steps = 0
        while x > 0.1:
            x = x / 2 if x else x
            steps += 1
        return steps, bool(x), not x

    assert under(mode, f, point) == (5, True, False)


@pytest.mark.parametrize("mode", ["vjp", "jvp"])
def test_a_whole_number_has_no_derivative_to_lose(mode):
    assert under(mode, int, point) == 2
    assert under(mode, lambda x: [10, 20, 30][x.astype(int)], point) == 30
    assert under(mode, lambda x: float(np.argmax(x)), row) == 1.0


def test_the_truth_of_several_numbers_is_ambiguous_as_in_numpy():
    message = r"^bool: a traced float64\[2\] has 2 truth values .* reduce it with any\(\) or all"
    with pytest.raises(ValueError, match=message):
        under("vjp", bool, row)


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (float, "float: .*compute with NumPy's functions"),
        (math.sin, "float: .*np.sin, not math.sin"),
        (complex, "complex: .*compute with NumPy's functions"),
        (cmath.exp, "complex: .*np.exp, not cmath.exp"),
        (np.asarray, "np.asarray: .*join a list of values with np.stack"),
        (np.array, "np.asarray: "),
        (lambda x: np.array([x, 1.0]), "np.asarray: "),
        (lambda x: x.item(), "item: .*compute with the value itself"),
        (lambda x: x.tolist(), "tolist: .*iterate over the value itself"),
    ],
)
@pytest.mark.parametrize("mode", ["vjp", "jvp"])
def test_a_number_would_lose_its_derivative(f, message, mode):
    with pytest.raises(TypeError, match=message) as raised:
        under(mode, f, point)
    for part in (
        "a traced float64[] cannot become a plain number or array, as its derivative would be ",
        "give the derivative up: stop_gradient(x), or return x as auxiliary output (has_aux=True)",
    ):
        assert part in str(raised.value)


def test_only_an_integer_is_an_index():
    with pytest.raises(TypeError, match=r"index: .* a traced float64\[\]; convert it: x.astype"):
        under("vjp", lambda x: [1, 2, 3][x], point)


@pytest.mark.parametrize(
    "f", [bool, int, lambda x: 1 if x > 1 else 2, lambda x: [1, 2, 3][x.astype(int)]]
)
def test_a_batch_has_no_single_truth(f):
    with pytest.raises(
        TypeError,
        match=r"under `vmap` has 2 values, one per element of the batch, .*where\(condition",
    ):
        under("vmap", f, row)


def test_a_batch_within_another_transform_has_none_either():
    with pytest.raises(TypeError, match="under `vmap` has 2 values"):
        vmap(lambda x: vjp(lambda y: [y] if y > 0 else [], [x])[0], [row], [True], 2)


def test_a_value_shows_what_it_is_and_its_value():
    assert under("vjp", repr, point) == "<traced float64[] under vjp: array(2.5)>"
    assert under("jvp", str, point) == "<traced float64[] under jvp: array(2.5)>"
    assert under("vmap", repr, row) == "<traced float64[] under vmap: array([1., 2.])>"
    assert (
        under("vjp", lambda x: under("jvp", repr, x), point)
        == "<traced float64[] under jvp: <traced float64[] under vjp: array(2.5)>>"
    )


def test_a_value_can_be_formatted_for_the_eye():
    assert under("vjp", lambda x: f"{x:.2f}", point) == "2.50"
    assert under("jvp", lambda x: f"{x * 2:8.1e}", point) == " 5.0e+00"
    assert under("vmap", lambda x: f"{x:.2f}", row).startswith("<traced float64[] under vmap")
    assert under("vjp", lambda x: f"{x}", point).startswith("<traced")


def test_assignment_is_refused_and_the_way_named():
    def f(x):
        x[0] = 1.0

    with pytest.raises(TypeError, match=r"float64\[2\] is not changed in place; .*wf\.at\(x\)"):
        under("vjp", f, row)
