import numpy as np
import pytest

from wonderland.shared.primitives.multiply_add import multiply_add
from wonderland.shared.testing import Sample

X = np.array([[-1.5, 0.3, 2.0], [0.7, -0.2, -1.0]])
Y = np.array([[0.5, 1.5, -0.7], [1.2, 0.9, 2.2]])


def reference(*xs):
    return sum(a * b for a, b in zip(xs[::2], xs[1::2], strict=True))


ROWS = [
    Sample(multiply_add, X, Y, reference=reference),
    Sample(multiply_add, X, Y, Y + 1, X - 1, reference=reference),
    Sample(multiply_add, X, Y[:1], X[:, :1], Y, X, X, reference=reference, label="wide"),
]


def test_operands_that_do_not_broadcast():
    with pytest.raises(ValueError, match="multiply_add: shapes do not broadcast: axis 1 has"):
        multiply_add(X, Y, X, Y[:, :2])
