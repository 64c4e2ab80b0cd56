import operator

import numpy as np
import pytest

from wonderland.shared.forward import jvp
from wonderland.shared.primitives import comparison as c
from wonderland.shared.tape import vjp
from wonderland.shared.testing import Sample

x = np.array([[-1.5, 0.3, 2.0], [0.7, -0.2, -3.0]])
y = np.array([[-1.5, 0.4, 1.0], [0.7, 0.2, -3.5]])
special = np.array([[np.nan, np.inf, -np.inf], [-0.0, 0.0, -1.0]])
i = np.array([[5, -3, 12], [0, 7, 1]])
j = np.array([[3, 2, 4], [1, 5, 2]])
p = np.array([[True, False, True], [False, True, False]])
q = np.array([[True, True, False], [False, True, True]])


def whole(primitive, *args, reference, dtypes="f", **options):
    return Sample(primitive, *args, reference=reference, dtypes=dtypes, **options)


ROWS = [
    whole(c.equal, x, y, reference=operator.eq, dtypes="fc"),
    whole(c.not_equal, x, y, reference=operator.ne, dtypes="fc"),
    whole(c.less, x, y, reference=operator.lt),
    whole(c.less, x, 0.3, reference=operator.lt),
    whole(c.less_equal, x, y, reference=operator.le),
    whole(c.greater, x, y, reference=operator.gt),
    whole(c.greater_equal, x, y, reference=operator.ge),
    whole(c.equal, i, j, reference=operator.eq),
    whole(c.isnan, special, reference=lambda x: x != x),
    whole(c.isinf, special, reference=lambda x: abs(x) == np.inf),
    whole(c.isfinite, special, reference=lambda x: abs(x) < np.inf),
    whole(c.signbit, special, reference=lambda x: np.copysign(1, x) < 0),
    whole(c.logical_and, p, q, reference=operator.and_),
    whole(c.logical_or, p, q, reference=operator.or_),
    whole(c.logical_xor, p, q, reference=operator.xor),
    whole(c.logical_not, p, reference=operator.invert),
    whole(c.logical_and, special, x, reference=lambda x, y: (x != 0) & (y != 0)),
    whole(c.bitwise_and, i, j, reference=operator.and_),
    whole(c.bitwise_or, i, j, reference=operator.or_),
    whole(c.bitwise_xor, i, j, reference=operator.xor),
    whole(c.invert, i, reference=lambda x: -x - 1),
    whole(c.left_shift, i, j, reference=lambda x, y: x * 2**y),
    whole(c.right_shift, i, j, reference=lambda x, y: x // 2**y),
    whole(c.gcd, i, j, reference=np.gcd),
    whole(c.lcm, i, j, reference=np.lcm),
    whole(
        c.bitwise_count, i, entrywise=True, reference=lambda x: np.uint8(abs(x).bit_count())
    ),
]  # fmt: skip


@pytest.mark.parametrize("primitive", [c.greater, c.logical_and, c.equal])
def test_an_answer_is_no_function_of_the_traced_value(primitive):
    """It is a plain array, so that Python's control flow can use it, and nothing flows back."""
    seen = []

    def f(x):
        seen.append(primitive(x, 0.0))
        return [x]

    vjp(f, [x])
    jvp(f, [x], [x])
    assert [type(z) for z in seen] == [np.ndarray] * 2
    assert seen[0].dtype == bool
