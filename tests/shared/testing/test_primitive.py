"""check_primitive: the whole contract for a user's own primitive."""

import math
import operator

import numpy as np
import pytest

from wonderland.shared.primitives import Primitive, mul, sum, tanh
from wonderland.shared.testing import PROMISES, check_primitive

X = np.array([[0.3, -1.2, 0.7], [2.0, 0.9, -0.4]])


def test_every_promise_is_tried():
    tried = check_primitive(mul, X, X + 1, reference=operator.mul, entrywise=True)
    assert list(tried) == list(PROMISES) and 0 not in tried.values()
    assert tried["reference"] == tried["dtypes"] == 3


def test_dtypes_follow_the_operands_unless_they_are_named():
    assert check_primitive(tanh, X + 0.1j)["dtypes"] == 2
    assert check_primitive(tanh, X, dtypes="fc")["dtypes"] == 5
    assert check_primitive(tanh, X, dtypes=("float32",))["dtypes"] == 1


def test_statics_and_python_scalars_are_passed_on():
    check_primitive(sum, X, reference=np.sum, axis=(1,), keepdims=True)
    check_primitive(mul, X, 2.5, reference=operator.mul, entrywise=True)
    check_primitive(tanh, X, reference=math.tanh, entrywise=True)


def test_what_is_no_primitive_or_no_array_is_refused():
    with pytest.raises(TypeError, match=r"^check_primitive: it takes a Primitive, .* a ufunc; "):
        check_primitive(np.tanh, X)
    with pytest.raises(TypeError, match=r"^check_primitive: tanh is tried on arrays, .* float; "):
        check_primitive(tanh, 2.0)


# x³, with the transpose of something else
cube = Primitive(
    "cube", lambda x: x * x * x, shape=lambda x: x.shape, register=False,
    jvp={"x": lambda d, x: 3.0 * x * x * d}, vjp={"x": lambda d, x: 2.0 * x * x * d},
    batch=lambda args, batched: cube(args[0]),
)  # fmt: skip


def test_a_users_own_primitive_is_told_what_is_wrong():
    with pytest.raises(AssertionError, match=r"cube: vjp: <jvp\(u\), v> is .* but <u, vjp"):
        check_primitive(cube, X, reference=lambda x: x**3)


def test_a_promise_is_left_out_with_a_reason():
    with pytest.raises(ValueError, match=r"check_primitive: without names \['speed'\], but"):
        check_primitive(tanh, X, without={"speed": "it is slow by design"})
    assert check_primitive(tanh, X, without={"layouts": "for this test alone"})["layouts"] == 0
