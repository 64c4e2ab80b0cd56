"""Layer normalisation, on rows: the last axis of x is normalised.  Ba, Kiros and Hinton 2016.

h = (x - mean) r with r = 1 / √(variance + eps), the biased variance; z = h w + b.
"""

import numpy as np

from .arithmetic import add, mul, square
from .arithmetic import sqrt as root
from .primitive import Primitive
from .reduction import broadcast_to, mean, same_lead
from .reduction import sum as reduce_sum
from .shape import reshape


def row_mean(x):
    """The mean of each row, as a column."""
    return mean(x, axis=(len(x.shape) - 1,), keepdims=True)


def centred(x):
    """x less the mean of its row."""
    return x - row_mean(x)


def inverse_deviation(x, eps):
    """r, as a column."""
    return 1 / root(row_mean(square(centred(x))) + eps)


def _as_row(v, x):
    """v: (k,) as it stands beside the rows of x."""
    return reshape(v, shape=(*[1] * (len(x.shape) - 1), *v.shape))


def _dots(x, y):
    """The product of each row of x with that of y, divided by its length, as a column."""
    return np.einsum("...k,...k->...", x, y)[..., None] / max(x.shape[-1], 1)


def _forward(x, w, b, *, eps):
    if x.ndim != 2 or not x.shape[1:] == w.shape == b.shape:  # NumPy would broadcast
        _shape(x, w, b, eps=eps)
    if x.dtype.char == "e":  # sums of many halves overflow
        found = _forward(*[a.astype(np.float32) for a in (x, w, b)], eps=eps)
        return tuple([a.astype(x.dtype) for a in found])
    k = x.shape[-1]
    h = x - np.add.reduce(x, axis=-1, keepdims=True) / max(k, 1)
    r = 1 / np.sqrt(_dots(h, h) + eps)
    h *= r
    z = h * w
    z += b
    return z, h, r


def _shape(x, w, b, *, eps):
    given = f"(x: {tuple(x.shape)}, w: {tuple(w.shape)}, b: {tuple(b.shape)})"
    if len(x.shape) != 2 or len(w.shape) != 1 or len(b.shape) != 1:
        raise ValueError(f"layer_norm: x is a matrix, and w and b are vectors {given}")
    if not tuple(x.shape[1:]) == tuple(w.shape) == tuple(b.shape):
        raise ValueError(f"layer_norm: w and b have one entry for each column of x {given}")
    return x.shape


def _composed(x, w, b, eps):
    """layer_norm of rows in any number of axes, beside which w and b broadcast."""
    return add(mul(centred(x) * inverse_deviation(x, eps), w), b)


def _decomposed(x, w, b, *, eps):
    return _composed(x, _as_row(w, x), _as_row(b, x), eps)


def _batch(args, batched, eps):
    x, w, b = args
    if batched == [True, False, False]:  # the batch is more rows
        rows = reshape(x, shape=(x.shape[0] * x.shape[1], x.shape[2]))
        return reshape(layer_norm(rows, w, b, eps=eps), shape=x.shape)
    x = x if batched[0] else reshape(x, shape=(1, *x.shape))
    w, b = [
        reshape(v, shape=(v.shape[0] if flag else 1, 1, v.shape[-1]))
        for v, flag in zip((w, b), batched[1:], strict=True)
    ]
    return _composed(x, w, b, eps)


def _vjp(gz, w, h, r):
    return normal_slope(gz * _as_row(w, gz), h, r)


# z = (x - mean) / √(variance + eps) w + b.  x: (n, k), w and b: (k,)
layer_norm = Primitive(
    "layer_norm",
    lambda x, w, b, *, eps: _forward(x, w, b, eps=eps)[0],
    shape=_shape,
    jvp={
        "x": lambda dx, w, h, r: mul(normal_slope(dx, h, r), _as_row(w, dx)),
        "w": lambda dw, h: mul(h, _as_row(dw, h)),
        "b": lambda db, z_shape: broadcast_to(reshape(db, shape=(1, *db.shape)), shape=z_shape),
    },
    vjp={
        "x": _vjp,
        "w": lambda gz, h: reduce_sum(gz * h, axis=(0,), keepdims=False),
        "b": lambda gz: reduce_sum(gz, axis=(0,), keepdims=False),
    },
    batch=_batch,
    residuals={
        "h": lambda x, w, b, *, eps: centred(x) * inverse_deviation(x, eps),
        "r": lambda x, w, b, *, eps: inverse_deviation(x, eps),
    },
    forward=_forward,
)
layer_norm.decomposition = _decomposed


def _normal_slope(d, h, r):
    z = h * _dots(d, h)
    np.subtract(d, z, out=z)
    z -= np.add.reduce(d, axis=-1, keepdims=True) / max(d.shape[-1], 1)
    z *= r
    return z


def _slope_shape(d, h, r):
    if not d.shape or d.shape != h.shape or tuple(r.shape) != (*d.shape[:-1], 1):
        raise ValueError(
            "normal_slope: d and h have the same rows, r one entry for each "
            f"(d: {tuple(d.shape)}, h: {tuple(h.shape)}, r: {tuple(r.shape)})"
        )
    return d.shape


def _projected(d, h):
    return centred(d) - h * row_mean(d * h)


def _row_sum(x):
    return reduce_sum(x, axis=(len(x.shape) - 1,), keepdims=True)


def _h_jvp(dh, d, h, r):
    return -(r * (dh * row_mean(d * h) + h * row_mean(d * dh)))


def _h_vjp(gz, d, h, r):
    g = gz * r
    return -(g * row_mean(d * h) + d * row_mean(g * h))


# z = r (d - mean(d) - h mean(d h)), row by row: the derivative of h, whose matrix is symmetric
normal_slope = Primitive(
    "normal_slope",
    _normal_slope,
    shape=_slope_shape,
    jvp={
        "d": lambda dd, h, r: normal_slope(dd, h, r),
        "h": _h_jvp,
        "r": lambda dr, d, h: dr * _projected(d, h),
    },
    vjp={
        "d": lambda gz, h, r: normal_slope(gz, h, r),
        "h": _h_vjp,
        "r": lambda gz, d, h: _row_sum(gz * _projected(d, h)),
    },
    batch=lambda args, batched: normal_slope(*same_lead(args, batched)),
)
normal_slope.decomposition = lambda d, h, r: _projected(d, h) * r
