import numpy as np
import pytest

from tests import standin
from wonderland.shared import ops
from wonderland.shared.dispatch import Value
from wonderland.shared.ops import promotion
from wonderland.shared.tape import vjp

f4, f8, i8 = np.ones(3, np.float32), np.ones((2, 3)), np.arange(3)


def traced(f, *xs):
    """f of traced values; what it returned is thrown away."""
    vjp(lambda *xs: [f(*xs) and None] and [], list(xs))


def dtypes(*xs):
    return [getattr(x, "dtype", None) for x in xs]


def test_ranks_become_equal_and_dtypes_one():
    x, y, z = promotion.promote(f4, f8, 2.0)
    assert (x.shape, y.shape, z) == ((1, 3), (2, 3), 2.0)
    assert dtypes(x, y) == [np.float64] * 2


def test_a_pair_that_fits_is_left_alone():
    for x, y in ((f4, f4.copy()), (f4, 2.0), (2, f4), (True, f4)):
        a, b = promotion.promote_pair(x, y)
        assert a is x
        assert b is y


@pytest.mark.parametrize(
    ("x", "y", "dtype"),
    [
        (f4, i8, np.float64),
        (i8, 0.5, np.float64),
        (f4, 1j, np.complex64),
        (np.float64(1), f4, np.float64),
        ([1.0, 2.0, 3.0], f4, np.float32),
    ],
)
def test_the_dtype_of_a_pair_is_that_of_numpy(x, y, dtype):
    given = [np.float32([1, 2, 3]) if isinstance(a, list) else a for a in (x, y)]
    assert np.add(*given).dtype == dtype
    a, b = promotion.promote_pair(x, y)
    assert ops.add(a, b).dtype == ops.add(x, y).dtype == dtype


@pytest.mark.parametrize("name", ["b1", "i1", "i2", "i4", "i8", "u1", "u4"])
def test_integers_become_the_float_that_numpy_gives(name):
    x = np.ones(2, name)
    assert promotion.inexact(x).dtype == np.sqrt(x).dtype
    assert promotion.promote_inexact(x, x)[0].dtype == np.arctan2(x, x).dtype
    assert ops.divide(x, x).dtype == np.divide(x, x).dtype


class Stubborn(Value):
    """A value with a promotion of its own, as Tensors have one."""

    level, value, float_type = 0.5, i8, np.dtype(np.float32)

    @staticmethod
    def result_type(xs):
        return np.dtype(np.float16)

    def interpret(self, primitive, args, static):
        return primitive(*[a.value if a is self else a for a in args], **static)


def test_the_highest_value_decides_which_dtype_operands_share():
    x = Stubborn()
    assert promotion.result_type(x, f8) == np.float16
    assert ops.add(x, f8).dtype == np.float16
    assert promotion.inexact(x).dtype == np.float32
    assert ops.divide(x, i8 + 1).dtype == np.float32


def test_astype_is_differentiable_between_floats_alone():
    gx, gy = vjp(
        lambda x, y: [ops.astype(x, np.float32), ops.astype(ops.astype(y, int), float)], [f8, f8]
    )[1]([np.ones((2, 3), np.float32), None])
    assert gx.dtype == np.float64
    assert gy is None
    assert ops.astype(2.5, np.float32).dtype == np.float32
    assert ops.astype(f8, np.float64) is f8


def test_a_list_of_traced_values_is_no_array():
    with pytest.raises(TypeError, match="a list that holds traced values is no array; join them"):
        vjp(lambda x: [ops.add([x, x], 1.0)], [np.ones(())])


@pytest.mark.parametrize("x", [np.array(["a"]), "text", None, object()])
def test_what_is_no_number(x):
    with pytest.raises(TypeError, match=r"holds no numbers|a number is needed"):
        ops.exp(x)


def test_a_numpy_scalar_goes_along_on_any_device():
    """`x / np.sqrt(2.0)`: as an array of one entry it would be on the host, and be refused."""
    operations = (np.multiply, np.divide, np.power, np.maximum, np.copysign, np.logaddexp)
    with standin.installed(), standin.transfers.exactly():
        x = standin.lift(np.array([[0.5, 1.5]], np.float32))
        for operation in operations:
            for f in (lambda x, f=operation: f(x, np.float32(2)), lambda x, f=operation: f(2.0, x)):
                out, pull = vjp(lambda x, f=f: [f(x)], [x])
                (g,) = pull([standin.lift(np.ones((1, 2), np.float32))])
                assert g is None or (isinstance(g, standin.ndarray) and g.dtype == np.float32)
                assert out[0].dtype == np.float32
        (g,) = vjp(lambda x: [np.where(x > 1, x, np.float32(0)) * (np.float32(1) < x)], [x])[1]([x])
        assert standin.peek(g).tolist() == [[0, 1.5]]
