"""The spy lets primitives and operators pass and stops everything of NumPy's."""

import numpy as np
import pytest

from wonderland.shared.primitives import Primitive, mul
from wonderland.shared.testing.spy import BareNumPyError, Spy, spied, unspied

X = np.array([1.0, 2.0])


@pytest.mark.parametrize(
    "call", [np.sin, np.sum, np.asarray, np.copy, lambda x: np.where(x > 0, x, 0), np.negative]
)
def test_numpy_is_refused(call):
    with pytest.raises(BareNumPyError, match=r"np\.\w+ is called on a value inside a rule; write"):
        call(Spy(X))


def test_primitives_and_operators_pass_and_stay_watched():
    x = Spy(X)
    for z in (mul(x, x), x * 2.0, 2.0 * x, X * x, np.float64(2.0) * x, -x, x > 1.0):
        assert isinstance(z, Spy)
    np.testing.assert_array_equal(unspied(X * x), X * X)


def test_several_results_are_watched():
    two = Primitive(
        "two", lambda x: (x, x), shape=lambda x: [x.shape] * 2, jvp=0, vjp=0, batch=0, outputs=2,
        register=False,
    )  # fmt: skip
    assert all(isinstance(z, Spy) for z in two(Spy(X)))


def test_scalars_are_not_watched():
    x, s = spied([X, 2.0])
    assert isinstance(x, Spy) and s == 2.0 and unspied(s) == 2.0
