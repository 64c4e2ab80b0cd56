"""The gates of recurrent cells: what one step computes besides its matrix products.

x: (..., G H), what comes from the input, and y: (..., G H), what comes from the hidden state, side
by side for the G gates, in torch's order and layout; the state is (..., H).
"""

import numpy as np

from .activation import sigmoid
from .joining import concatenate, split
from .primitive import Primitive
from .reduction import same_lead
from .trigonometric import tanh


def _gates(x, count):
    """x in `count` equal parts along its last axis."""
    return split(x, axis=len(x.shape) - 1, sizes=(x.shape[-1] // count,) * count)


def _joined(*parts):
    return concatenate(*parts, axis=len(parts[0].shape) - 1)


def _check(name, count, x, y, state):
    """ValueError unless x and y have `count` gates for each entry of the state."""
    wanted = (*state.shape[:-1], count * state.shape[-1]) if len(state.shape) else None
    if not tuple(x.shape) == tuple(y.shape) == wanted:
        raise ValueError(
            f"{name}: x and y are (..., {count} H) where the state is (..., H) (x: "
            f"{tuple(x.shape)}, y: {tuple(y.shape)}, state: {tuple(state.shape)})"
        )


def _become_sigmoid(x):
    """1 / (1 + exp(-x)) in the memory of x; where exp overflows the quotient is the right 0."""
    np.negative(x, out=x)
    with np.errstate(over="ignore"):
        np.exp(x, out=x)
    x += 1
    np.reciprocal(x, out=x)


def _lstm_forward(x, y, c):
    if not x.shape == y.shape == (*c.shape[:-1], 4 * c.shape[-1]):  # NumPy would broadcast
        _check("lstm_gates", 4, x, y, c)
    n = c.shape[-1]
    a = np.empty_like(c, shape=(4, *c.shape))  # each gate in one piece: twice as fast as in strips
    i, f, o, g = a
    for k, gate in enumerate((i, f, g, o)):
        strip = (..., slice(k * n, (k + 1) * n))
        np.add(x[strip], y[strip], out=gate)
    _become_sigmoid(a[:3])
    np.tanh(g, out=g)
    z = f * c
    z += i * g
    t = np.tanh(z)
    return (o * t, z), i, f, g, o, t


def _lstm_shape(x, y, c):
    _check("lstm_gates", 4, x, y, c)
    return [tuple(c.shape)] * 2


def _lstm_sums(x, y):
    """The gates before their activation functions."""
    return [a + b for a, b in zip(_gates(x, 4), _gates(y, 4), strict=True)]


def _lstm_decomposed(x, y, c):
    i, f, g, o = _lstm_sums(x, y)
    z = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(z), z


def _lstm_gate(place, activation):
    """The residual that is one of the gates, behind its activation function."""
    return lambda x, y, c: activation(_lstm_sums(x, y)[place])


def _lstm_jvp(dx, dy, dc, c, i, f, g, o, t):
    di, df, dg, do = _gates(dx + dy, 4)
    dz = f * dc + c * (f * (1 - f)) * df + g * (i * (1 - i)) * di + i * (1 - g * g) * dg
    return t * (o * (1 - o)) * do + o * (1 - t * t) * dz, dz


def _lstm_vjp(gz, c, i, f, g, o, t):
    gh, gc = gz
    gc = gc + gh * o * (1 - t * t)
    gi, gg = gc * g * (i * (1 - i)), gc * i * (1 - g * g)
    gx = _joined(gi, gc * c * (f * (1 - f)), gg, gh * t * (o * (1 - o)))
    return gx, gx, gc * f


# h', c' = σ(o) tanh(c'), σ(f) c + σ(i) tanh(g), where i, f, g, o = x + y.
# Hochreiter and Schmidhuber 1997; Gers, Schmidhuber and Cummins 2000
lstm_gates = Primitive(
    "lstm_gates",
    lambda x, y, c: _lstm_forward(x, y, c)[0],
    shape=_lstm_shape,
    jvp=_lstm_jvp,
    vjp=_lstm_vjp,
    batch=lambda args, batched: lstm_gates(*same_lead(args, batched)),
    outputs=2,
    residuals={
        "i": _lstm_gate(0, sigmoid),
        "f": _lstm_gate(1, sigmoid),
        "g": _lstm_gate(2, tanh),
        "o": _lstm_gate(3, sigmoid),
        "t": lambda x, y, c: tanh(_lstm_decomposed(x, y, c)[1]),
    },
    forward=_lstm_forward,
)
lstm_gates.decomposition = _lstm_decomposed


def _gru_forward(x, y, h):
    if not x.shape == y.shape == (*h.shape[:-1], 3 * h.shape[-1]):
        _check("gru_gates", 3, x, y, h)
    n = h.shape[-1]
    a = np.empty_like(h, shape=(3, *h.shape))
    r, u, new = a
    np.add(x[..., :n], y[..., :n], out=r)
    np.add(x[..., n : 2 * n], y[..., n : 2 * n], out=u)
    _become_sigmoid(a[:2])
    np.multiply(r, y[..., 2 * n :], out=new)
    new += x[..., 2 * n :]
    np.tanh(new, out=new)
    z = h - new
    z *= u
    z += new
    return z, r, u, new


def _gru_shape(x, y, h):
    _check("gru_gates", 3, x, y, h)
    return h.shape


def _gru_parts(x, y):
    """r, u and n, behind their activation functions."""
    (xr, xu, xn), (yr, yu, yn) = _gates(x, 3), _gates(y, 3)
    r = sigmoid(xr + yr)
    return r, sigmoid(xu + yu), tanh(xn + r * yn)


def _gru_decomposed(x, y, h):
    _, u, n = _gru_parts(x, y)
    return n + u * (h - n)


def _gru_jvp(dx, dy, dh, y, h, r, u, n):
    (dxr, dxu, dxn), (dyr, dyu, dyn) = _gates(dx, 3), _gates(dy, 3)
    yn = _gates(y, 3)[2]
    dr, du = r * (1 - r) * (dxr + dyr), u * (1 - u) * (dxu + dyu)
    dn = (1 - n * n) * (dxn + r * dyn + dr * yn)
    return dn + du * (h - n) + u * (dh - dn)


def _gru_vjp(gz, y, h, r, u, n):
    yn = _gates(y, 3)[2]
    gn = gz * (1 - u) * (1 - n * n)
    gr, gu = gn * yn * (r * (1 - r)), gz * (h - n) * (u * (1 - u))
    return _joined(gr, gu, gn), _joined(gr, gu, gn * r), gz * u


# h' = n + σ(u) (h - n) with n = tanh(x_n + σ(r) y_n), where r and u are those parts of x + y.
# Cho et al. 2014, with the reset gate behind the product, as in torch
gru_gates = Primitive(
    "gru_gates",
    lambda x, y, h: _gru_forward(x, y, h)[0],
    shape=_gru_shape,
    jvp=_gru_jvp,
    vjp=_gru_vjp,
    batch=lambda args, batched: gru_gates(*same_lead(args, batched)),
    residuals={
        "r": lambda x, y, h: _gru_parts(x, y)[0],
        "u": lambda x, y, h: _gru_parts(x, y)[1],
        "n": lambda x, y, h: _gru_parts(x, y)[2],
    },
    forward=_gru_forward,
)
gru_gates.decomposition = _gru_decomposed
