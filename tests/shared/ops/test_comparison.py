import numpy as np
import pytest

from wonderland.shared import ops

special = np.array([np.nan, np.inf, -np.inf, -0.0, 1.0])


@pytest.mark.parametrize("name", ["isnan", "isinf", "isfinite", "isposinf", "isneginf", "signbit"])
def test_tests_of_special_numbers(name):
    np.testing.assert_array_equal(getattr(ops, name)(special), getattr(np, name)(special))


def test_a_python_number_may_be_out_of_range_of_the_integers():
    small = np.array([1, 255], np.uint8)
    assert ops.less(small, 300).tolist() == [True, True]
    assert ops.equal(small, -1).tolist() == [False, False]


def test_bits_are_those_of_integers():
    with pytest.raises(TypeError, match=r"bitwise_and.*not supported for the input types"):
        ops.bitwise_and(1.0, 2.0)
