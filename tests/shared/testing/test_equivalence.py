"""check_equivalent: one bit, one leaf, one step apart is found and named."""

import numpy as np
import pytest

from wonderland.shared.primitives import Primitive, add, cast, mul, sin
from wonderland.shared.testing import check_equivalent
from wonderland.shared.testing.equivalence import max_ulp

X = np.array([[0.5, -1.25, 2.0]])
NEXT = np.nextafter(X, 9)


def tree_of(x):
    return {"a": [x, add(x, x)], "n": None}


def test_equal_programs_pass():
    check_equivalent(tree_of, lambda x: {"a": [x, mul(x, 2.0)], "n": None}, X)
    check_equivalent(lambda: X, lambda: X.copy())


def test_one_bit_is_found_with_its_path_and_distance():
    def other(x):
        z = tree_of(x)
        z["a"][1] = add(z["a"][1], np.array([[0.0, 2.0**-52, 0.0]]))
        return z

    text = (
        r"check_equivalent: the results differ at 'a\.1' in entry \[0, 1\]: np\.float64\(-2\.5\) "
        r"and np\.float64\(-2\.49\d+6\) \(float64; the largest distance is 1 ulp\)"
    )
    with pytest.raises(AssertionError, match=text):
        check_equivalent(tree_of, lambda x: nudged(tree_of(x)), X)
    check_equivalent(tree_of, other, X, bitwise=False)


def nudged(z):
    z["a"][1] = nudge(z["a"][1])
    return z


nudge = Primitive(
    "nudge", lambda x: np.nextafter(x, [[x[0, 0], 9, x[0, 2]]]), shape=lambda x: x.shape,
    jvp={"x": 1}, vjp={"x": 1}, batch=0, register=False,
)  # fmt: skip


def test_zeros_of_both_signs_are_different_bits():
    with pytest.raises(AssertionError, match="the largest distance is 0 ulp"):
        check_equivalent(lambda: np.array(0.0), lambda: np.array(-0.0))
    check_equivalent(lambda: np.array(0.0), lambda: np.array(-0.0), bitwise=False)


def test_equal_nans_are_equal():
    check_equivalent(lambda: np.array([np.nan]), lambda: np.array([np.nan]))


def test_gradients_are_compared():
    doubled = Primitive(
        "doubled", np.sin, operands=("x",), shape=lambda x: x.shape, jvp=0,
        vjp={"x": lambda x: 2.0 * x}, batch=0, register=False,
    )  # fmt: skip
    with pytest.raises(AssertionError, match=r"the gradients differ at '0\.w' in entry \[0, 0\]: "):
        check_equivalent(lambda p: sin(p["w"]), lambda p: doubled(p["w"]), {"w": X})
    check_equivalent(lambda p: sin(p["w"]), lambda p: doubled(p["w"]), {"w": X}, gradients=False)


def test_the_first_differing_step_is_named():
    count = iter(range(10))

    def drifts(w, b):
        return mul(w, 1.5), nudge(b) if next(count) == 2 else b

    def holds(w, b):
        return mul(w, 1.5), b

    check_equivalent(holds, holds, X, X, steps=4)
    text = r"the results differ at '1' in step 3 in entry \[0, 1\]: .* 1 ulp"
    with pytest.raises(AssertionError, match=text):
        check_equivalent(drifts, holds, X, X, steps=4, gradients=False)


def test_a_single_argument_is_fed_back():
    check_equivalent(lambda p: {"w": sin(p["w"])}, lambda p: {"w": sin(p["w"])}, {"w": X}, steps=3)


def test_results_that_cannot_be_fed_back_are_refused():
    with pytest.raises(ValueError, match="check_equivalent: steps > 1 feeds the results back, but"):
        check_equivalent(tree_of, tree_of, X, steps=2)


def test_structures_shapes_and_dtypes_are_compared_first():
    with pytest.raises(AssertionError, match="the results differ in structure: "):
        check_equivalent(lambda x: [x], lambda x: (x,), X)
    with pytest.raises(AssertionError, match=r"differ: float64\[1, 3\] and float64\[3\]"):
        check_equivalent(lambda x: x, lambda x: x[0], X, gradients=False)
    with pytest.raises(AssertionError, match=r"differ: float64\[1, 3\] and float32\[1, 3\]"):
        check_equivalent(lambda x: x, lambda x: cast(x, dtype=np.dtype("float32")), X)


def test_tolerances_are_the_callers():
    def off(x):
        return mul(x, 1.001)

    with pytest.raises(AssertionError, match="ulp"):
        check_equivalent(lambda x: x, off, X, bitwise=False)
    check_equivalent(lambda x: x, off, X, bitwise=False, rtol=1e-2)
    check_equivalent(lambda x: x, off, X, bitwise=False, atol=1e-1)


def test_integers_are_compared_exactly():
    with pytest.raises(
        AssertionError, match=r"in entry \[1\]: np.int64\(2\) and np.int64\(3\) \(int64\)"
    ):
        check_equivalent(lambda: np.array([1, 2]), lambda: np.array([1, 3]), bitwise=False)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_distance_in_ulp(dtype):
    one = np.ones(2, dtype)
    assert max_ulp(one, one) == 0
    assert max_ulp(one, np.nextafter(one, one * 9)) == 1
    tiny = np.array(np.finfo(dtype).smallest_subnormal)
    assert max_ulp(tiny, -tiny) == 2
    assert max_ulp(one + 0j, np.nextafter(one, one * 9) + 0j) in (1, 2**13)  # complex64 of float16
    assert max_ulp(one[:0], one[:0]) == 0
