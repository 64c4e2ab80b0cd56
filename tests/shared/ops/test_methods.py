"""The array methods of a Value do what those of arrays do."""

import copy

import numpy as np
import pytest

from tests.shared.ops.test_conversion import under
from tests.shared.ops.test_operators import value_of
from wonderland.shared.tape import vjp

x = np.array([[0.5, -1.5, 2.5], [3.5, 4.5, -5.5]], np.float32)
METHODS = {
    "sum": lambda x: x.sum(),
    "sum of an axis": lambda x: x.sum(axis=-1, keepdims=True),
    "mean": lambda x: x.mean(0),
    "prod": lambda x: x.prod(axis=1),
    "max": lambda x: x.max(axis=0),
    "min": lambda x: x.min(),
    "argmax": lambda x: x.argmax(axis=1),
    "argmin": lambda x: x.argmin(),
    "cumsum": lambda x: x.cumsum(axis=1),
    "cumprod": lambda x: x.cumprod(axis=0),
    "var": lambda x: x.var(axis=0, ddof=1),
    "std": lambda x: x.std(),
    "all": lambda x: x.all(),
    "any": lambda x: (x > 4).any(axis=0),
    "reshape": lambda x: x.reshape(3, 2),
    "reshape by a tuple": lambda x: x.reshape((3, -1)),
    "reshape to one axis": lambda x: x.reshape(-1),
    "transpose": lambda x: x.transpose(),
    "transpose axes": lambda x: x[None].transpose(1, 0, 2),
    "transpose by a tuple": lambda x: x[None].transpose((2, 0, 1)),
    "T": lambda x: x.T,
    "mT": lambda x: x[None].mT,
    "swapaxes": lambda x: x.swapaxes(0, 1),
    "ravel": lambda x: x.ravel(),
    "flatten": lambda x: x.flatten(),
    "squeeze": lambda x: x[None].squeeze(),
    "repeat": lambda x: x.repeat(2, axis=0),
    "take": lambda x: x.take([0, 2], axis=1),
    "argsort": lambda x: x.argsort(axis=1),
    "clip": lambda x: x.clip(-1, 2),
    "clip below": lambda x: x.clip(min=0),
    "round": lambda x: x.round(),
    "conj": lambda x: x.conj(),
    "dot": lambda x: x.dot(np.ones(3, np.float32)),
    "astype": lambda x: x.astype(np.float64),
    "astype copy": lambda x: x.astype("int32", copy=False),
    "real": lambda x: x.real,
    "imag": lambda x: (x + 1j).imag,
    "imag of a real": lambda x: x.imag,
    "getitem": lambda x: x[1, ::-1],
    "copy": lambda x: x.copy(),
    "deepcopy": lambda x: copy.deepcopy(x),
}


@pytest.mark.parametrize("mode", ["vjp", "jvp"])
@pytest.mark.parametrize("name", METHODS)
def test_a_method_means_what_it_does_on_an_array(name, mode):
    expected = METHODS[name](x)
    found = value_of(under(mode, METHODS[name], x))
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_sort_gives_a_sorted_copy():
    assert value_of(under("vjp", lambda x: x.sort(axis=1), x)).tolist() == np.sort(x).tolist()


def test_a_value_has_the_attributes_of_its_array():
    def attributes(x):
        return x.shape, x.ndim, x.size, x.dtype, x.itemsize, x.nbytes, len(x)

    assert under("vjp", attributes, x) == attributes(x)
    assert under("vmap", attributes, x[None]) == attributes(x)


def test_a_value_is_iterated_along_its_leading_axis():
    (gx,) = vjp(lambda x: [sum(row * k for k, row in enumerate(x))], [x])[1]([np.ones(3, "f4")])
    assert gx.tolist() == [[0, 0, 0], [1, 1, 1]]
    assert under("vjp", lambda x: [float((a > 0).all()) for a in x], x) == [0, 0]
    a, b = under("vjp", lambda x: tuple(x), x)
    assert (a.shape, b.shape) == ((3,), (3,))


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (len, r"len: a traced value without axes has no length; give it one: x\[None\]"),
        (list, r"iter: a traced value without axes has no entries; give it one: x\[None\]"),
    ],
)
def test_a_value_without_axes_has_no_length(f, message):
    with pytest.raises(TypeError, match=message):
        under("vjp", f, np.array(1.0))
