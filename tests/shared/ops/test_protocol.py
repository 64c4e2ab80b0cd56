"""Plain NumPy code runs on Values, and is differentiated."""

import numpy as np
import pytest

from tests.shared.ops.test_conversion import under
from tests.shared.ops.test_operators import value_of
from wonderland.shared.forward import jvp
from wonderland.shared.ops import implements, protocol
from wonderland.shared.tape import vjp

x = np.array([[0.5, 1.5, 2.5], [3.5, 4.5, 5.5]], np.float32)
w = np.array([[1.0, -2.0], [0.5, 3.0], [2.0, 1.0]], np.float32)
CODE = {
    "sum of sin": lambda x: np.sum(np.sin(x)),
    "mean": lambda x: np.mean(x * x, axis=0),
    "concatenate": lambda x: np.concatenate([x, x * x], axis=1),
    "stack": lambda x: np.stack([x, 2 * x]),
    "where": lambda x: np.where(x > 2, x, x * x),
    "maximum": lambda x: np.maximum(x, 2.0),
    "matmul": lambda x: np.matmul(x, w),
    "an array before @": lambda x: w @ x,
    "an array before +": lambda x: np.ones((2, 3), np.float32) + x,
    "a NumPy scalar before *": lambda x: np.float32(2) * x,
    "a wide NumPy scalar before *": lambda x: np.float64(2) * x,
    "a NumPy scalar after /": lambda x: x / np.float32(2),
    "reshape": lambda x: np.reshape(x, (3, 2)),
    "transpose": lambda x: np.transpose(x),
    "clip": lambda x: np.clip(x, 1.0, 4.0),
    "dot": lambda x: np.dot(x, w),
    "power": lambda x: np.power(x, 3) + x**2.5,
    "add.reduce": lambda x: np.add.reduce(x, axis=1),
    "add.reduce of the first axis": lambda x: np.add.reduce(x),
    "multiply.reduce": lambda x: np.multiply.reduce(x, axis=1, keepdims=True),
    "maximum.reduce": lambda x: np.maximum.reduce(x, axis=None),
    "minimum.reduce": lambda x: np.minimum.reduce(x, axis=0),
    "add.accumulate": lambda x: np.add.accumulate(x, axis=1),
    "multiply.accumulate": lambda x: np.multiply.accumulate(x),
    "multiply.outer": lambda x: np.multiply.outer(x, w),
    "multiply.outer of a number": lambda x: np.multiply.outer(2.0, x),
    "a log of a softmax": lambda x: np.log(np.exp(x) / np.sum(np.exp(x), axis=1, keepdims=True)),
    "an integer result": lambda x: np.argmax(x, axis=1),
    "astype": lambda x: np.astype(x, np.float64),
    "zeros_like": lambda x: np.zeros_like(x) + x,
    "full_like": lambda x: np.full_like(x, 2.0) * x,
    "logical_and.reduce": lambda x: np.logical_and.reduce(x > 1, axis=1),
    "isfinite": lambda x: np.isfinite(x),
    "copy": lambda x: np.copy(x),
    "two results": lambda x: np.divmod(x, 2.0)[1],
}


@pytest.mark.parametrize("name", CODE)
def test_numpy_code_is_differentiated(name):
    f = CODE[name]
    expected = f(x)
    for mode in ("vjp", "jvp"):
        z = value_of(under(mode, f, x))
        assert z.dtype == expected.dtype
        assert z.shape == expected.shape
        np.testing.assert_allclose(z, expected, rtol=1e-6)
    if expected.dtype.kind != "f":
        return
    rng = np.random.default_rng(0)
    u, v = rng.normal(size=x.shape), rng.normal(size=expected.shape)
    wide = x.astype(float)
    h = 1e-6
    difference = (f(wide + h * u) - f(wide - h * u)) / (2 * h)
    (dz,) = jvp(lambda x: [f(x)], [x], [u.astype(np.float32)])[1]
    np.testing.assert_allclose(dz, difference, rtol=2e-4, atol=2e-4)
    (gx,) = vjp(lambda x: [f(x)], [x])[1]([v.astype(expected.dtype)])
    assert gx.dtype == np.float32
    np.testing.assert_allclose(np.sum(v * difference), np.sum(u * gx), rtol=1e-3)


def test_numpy_asks_for_shape_and_kind():
    def asked(x):
        return np.shape(x), np.ndim(x), np.size(x), np.size(x, 1), np.iscomplexobj(x)

    assert under("vjp", asked, x) == asked(x)
    assert under("vjp", np.isrealobj, x)
    assert under("vjp", lambda x: np.result_type(x, np.float64, 1), x) == np.float64
    assert under("vjp", np.array_str, x).startswith("<traced float32[2,3]")


def in_place(x):
    total = np.zeros((2, 3), np.float32)
    total += x


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (in_place, r"np.add: out= overwrites an array, .*x = x \+ y, not x \+= y"),
        (lambda x: np.sin(x, out=np.zeros_like(w)), "np.sin: out= overwrites an array"),
        (lambda x: np.sum(x, axis=0, out=np.zeros(3)), "np.sum: out= overwrites an array"),
        (
            lambda x: np.log(x, where=x > 1),
            r"np.log: where= leaves entries .*np.where\(condition, np.log\(...\), otherwise\)",
        ),
        (
            lambda x: np.add(x, x, dtype=np.float64),
            r"np.add: dtype= has no traced version; .*x.astype\(dtype\)",
        ),
        (
            lambda x: np.unpackbits(x),
            r"np.unpackbits: it has no traced version.*`wonderland primitives` lists them",
        ),
        (lambda x: np.linalg.matrix_rank(x), "np.linalg.matrix_rank: it has no traced version"),
        (lambda x: np.hypot.reduce(x), "np.hypot.reduce: it has no traced version"),
        (lambda x: np.add.reduceat(x, [0, 1]), "np.add.reduceat: it has no traced version"),
        (lambda x: np.add.at(w, 0, x), "np.add.at: it has no traced version"),
    ],
)
def test_what_cannot_be_traced(f, message):
    with pytest.raises(TypeError, match=message):
        under("vjp", f, x)


def test_options_that_change_nothing_are_taken():
    z = under("vjp", lambda x: np.add(x, x, out=None, where=True, casting="same_kind"), x)
    assert value_of(z).tolist() == (x + x).tolist()


def test_a_further_function_can_be_entered():
    assert protocol.TABLE.get(np.trim_zeros) is None
    try:
        implements(np.trim_zeros)(lambda x: x * 2)
        assert value_of(under("vjp", np.trim_zeros, x)).tolist() == (2 * x).tolist()
    finally:
        del protocol.TABLE[np.trim_zeros]
