"""The gates of recurrent cells: rows of samples, extremes, what is kept, and the errors."""

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.shared.primitives.recurrent import gru_gates, lstm_gates
from wonderland.shared.testing import Sample

rng = np.random.default_rng(3)
x, y = rng.normal(size=(2, 3, 8))
c = rng.normal(size=(3, 2))
PRIMITIVES = [lstm_gates, gru_gates]


def sigmoid(x):
    return 0.5 * (1 + np.tanh(0.5 * x))


def exact_lstm(x, y, c):
    i, f, g, o = np.split(x + y, 4, -1)
    z = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(z), z


def exact_gru(x, y, h):
    (xr, xu, xn), (yr, yu, yn) = np.split(x, 3, -1), np.split(y, 3, -1)
    u, n = sigmoid(xu + yu), np.tanh(xn + sigmoid(xr + yr) * yn)
    return (1 - u) * n + u * h


ROWS = [
    Sample(lstm_gates, x, y, c, reference=exact_lstm, dtypes="f"),
    Sample(lstm_gates, x[0], y[0], c[0], reference=exact_lstm, dtypes="f", label="one"),
    Sample(gru_gates, x[:, :6], y[:, :6], c, reference=exact_gru, dtypes="f"),
    Sample(gru_gates, x[0, :6], y[0, :6], c[0], reference=exact_gru, dtypes="f", label="one"),
]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_gates_that_are_fully_open_or_shut_are_exact(dtype):
    big = np.finfo(dtype).max / 4
    c = np.array([[2.0]], dtype)
    at = lambda *gates: np.array([gates], dtype) * big  # noqa: E731
    zero = np.zeros((1, 4), dtype)
    h, kept = lstm_gates(at(-1, 1, 1, -1), zero, c)
    assert (h.item(), kept.item()) == (0, 2)
    h, new = lstm_gates(at(1, -1, -1, 1), zero, c)
    assert (h.item(), new.item()) == (np.tanh(dtype(-1)), -1)
    assert gru_gates(at(1, 1, 1), zero[:, :3], c).item() == 2
    assert gru_gates(at(1, -1, -1), zero[:, :3], c).item() == -1


@pytest.mark.parametrize("primitive", PRIMITIVES)
def test_extreme_gates_have_finite_derivatives(primitive):
    count = 4 if primitive is lstm_gates else 3
    given = np.full((1, count), -1e4), np.zeros((1, count)), np.ones((1, 1))
    total = lambda *xs: sum(z.sum() for z in tuples(primitive(*xs)))  # noqa: E731
    for g in wf.grad(total, (0, 1, 2))(*given):
        assert np.isfinite(g).all()


def tuples(z):
    return z if isinstance(z, tuple) else (z,)


@pytest.mark.parametrize("primitive", PRIMITIVES)
def test_what_is_kept_belongs_to_the_result(primitive):
    given = (x, y, c) if primitive is lstm_gates else (x[:, :6], y[:, :6], c)
    z, *kept = primitive.forward(*given)
    for found, wanted in zip(tuples(z), tuples(primitive.decomposition(*given)), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-14, atol=1e-15)
    for found, residual in zip(kept, primitive.residuals.values(), strict=True):
        np.testing.assert_allclose(found, residual(*given), rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("primitive", PRIMITIVES)
def test_one_width(primitive):
    count = 4 if primitive is lstm_gates else 3
    text = rf"{primitive.name}: x and y are \(..., {count} H\) where the state is \(..., H\) \(x: "
    for bad in ((x, y[:1], c), (x[:, :5], y[:, :5], c), (x, y, c[0]), (x, y, np.array(1.0))):
        with pytest.raises(ValueError, match=text):
            primitive(*bad)
