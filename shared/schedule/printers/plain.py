"""Composite primitives in plain NumPy, as `Graph.source()` writes them: the formula, no more.

What has no entry here or in `images` is written as its own kernel.
"""

import math

import numpy as np

from ...primitives.error_function import erf


def gelu(x):
    """z = x Φ(x)"""
    return np.maximum(x, -40) * ((1 + erf(x * math.sqrt(0.5))) * 0.5)


def gelu_slope(x):
    """Φ(x) + x φ(x)"""
    x = np.clip(x, -40, 40)
    density = np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)
    return (1 + erf(x * math.sqrt(0.5))) * 0.5 + x * density


def gelu_tanh(x):
    """x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2"""
    x = np.maximum(x, -40)
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x)))


def gelu_tanh_slope(x):
    """The derivative of gelu_tanh."""
    x = np.clip(x, -40, 40)
    t = np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x))
    inner = math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * x * x)
    return 0.5 * (1 + t + x * (1 - t * t) * inner)


def gelu_ahead(x):
    """gelu and its derivative."""
    return gelu(x), gelu_slope(x)


def gelu_tanh_ahead(x):
    """gelu_tanh and its derivative."""
    return gelu_tanh(x), gelu_tanh_slope(x)


def masked(x, keep, out=None):
    """x where `keep`, else 0."""
    z = np.where(keep, x, 0)
    if out is not None:
        out[...] = z
    return z


def layer_norm_ahead(x, w, b, *, eps):
    """z = h w + b, with h = (x - mean) r and r = 1 / √(variance + eps) in each row"""
    k = max(x.shape[-1], 1)
    h = x - x.sum(-1, keepdims=True) / k
    r = 1 / np.sqrt((h * h).sum(-1, keepdims=True) / k + eps)
    return h * r * w + b, h * r, r


def layer_norm(x, w, b, *, eps):
    """(x - mean) / √(variance + eps) w + b, in each row"""
    return layer_norm_ahead(x, w, b, eps=eps)[0]


def normal_slope(d, h, r):
    """The derivative of h, the normalised rows, in the direction d: r is 1 / deviation."""
    k = max(d.shape[-1], 1)
    along = (d * h).sum(-1, keepdims=True) / k
    return r * (d - h * along - d.sum(-1, keepdims=True) / k)


def masked_softmax(x, mask, *, scale):
    """softmax(scale x) over the entries where the mask holds; 0 elsewhere."""
    s = np.where(mask, x * scale, -np.inf)
    peak = s.max(-1, keepdims=True)
    e = np.exp(s - np.where(peak == -np.inf, 0, peak))
    return e / np.maximum(e.sum(-1, keepdims=True), 0.5)


def softmax_slope(d, p, *, axis, scale):
    """The derivative of p = softmax(scale x) in the direction d."""
    return scale * (d * p - p * (d * p).sum(axis, keepdims=True))


def sigmoid(x):
    """1 / (1 + exp(-x)), in the form that cannot overflow."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def lstm_gates_ahead(x, y, c):
    """(o tanh(c'), c' = f c + i g) of the gates i, f, g, o = x + y; then the gates, and tanh(c')"""
    i, f, g, o = np.split(x + y, 4, axis=-1)
    i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
    c = f * c + i * g
    t = np.tanh(c)
    return o * t, c, i, f, g, o, t


def lstm_gates(x, y, c):
    """(o tanh(c'), c' = f c + i g) of the gates i, f, g, o = x + y"""
    return lstm_gates_ahead(x, y, c)[:2]


def gru_gates_ahead(x, y, h):
    """n + u (h - n), n = tanh(x + r y), of the gates r and u; then the gates and n"""
    (xr, xu, xn), (yr, yu, yn) = np.split(x, 3, axis=-1), np.split(y, 3, axis=-1)
    r, u = sigmoid(xr + yr), sigmoid(xu + yu)
    n = np.tanh(xn + r * yn)
    return n + u * (h - n), r, u, n


def gru_gates(x, y, h):
    """n + u (h - n) with n = tanh(x + r y) and the gates r and u"""
    return gru_gates_ahead(x, y, h)[0]


def mse(x, y, *, axis):
    """mean((x - y)²)"""
    d = x - y
    n = math.prod([d.shape[i] for i in axis])
    return (d * d).sum(axis) / n if n else (d * d).sum(axis) * np.nan


def counted(labels, ignore_index):
    """Which labels are not ignored."""
    return np.ones(labels.shape, bool) if ignore_index is None else labels != ignore_index


def at_label(x, labels, keep):
    """x[label] in each row, 0 where it is not kept."""
    z = np.take_along_axis(x, np.where(keep, labels, 0)[..., None].astype(np.int64), axis=-1)
    return np.where(keep, z[..., 0], 0)


def pick_label(x, labels, *, ignore_index):
    """x[label] in each row; 0 where it is ignored."""
    return at_label(x, labels, counted(labels, ignore_index))


def place_label(x, labels, *, classes, ignore_index):
    """A row of zeros for each x, but x at the label."""
    keep = counted(labels, ignore_index)
    hot = np.arange(classes) == np.where(keep, labels, -1)[..., None]
    return np.where(hot, x[..., None], 0)


def cross_entropy(x, labels, *, ignore_index, kept):
    """-log softmax(x)[label]; with `kept`, its mean over all axes of the labels but the first."""
    keep = counted(labels, ignore_index)
    s = x - x.max(-1, keepdims=True)
    z = np.where(keep, np.log(np.exp(s).sum(-1)) - at_label(s, labels, keep), 0)
    if kept is None:
        return z
    axis = tuple(range(kept, labels.ndim))
    with np.errstate(invalid="ignore"):  # of no labels there is no mean
        return z.sum(axis) / keep.sum(axis, dtype=x.dtype)


def surplus(x, labels, *, ignore_index, kept):
    """The derivative of cross_entropy in x: softmax(x), less 1 at the label."""
    keep = counted(labels, ignore_index)
    e = np.exp(x - x.max(-1, keepdims=True))
    hot = np.arange(x.shape[-1]) == labels[..., None]
    z = np.where(keep[..., None], e / e.sum(-1, keepdims=True) - hot, 0).astype(x.dtype)
    if kept is None:
        return z
    axis = tuple(range(kept, labels.ndim))
    return z / np.maximum(keep.sum(axis, keepdims=True, dtype=x.dtype), 1)[..., None]


def place(x, key, shape, negative=False):
    """Zeros, or negative zeros, but x at the key."""
    z = -np.zeros(shape, x.dtype) if negative else np.zeros(shape, x.dtype)
    z[key] = x
    return z


def update(x, v, key):
    """x, but v at the key."""
    z = x.copy()
    z[key] = v
    return z


def scatter_add(x, v, key):
    """x, with v added at the key, as often as a place occurs in it."""
    z = x.copy()
    np.add.at(z, key, v)
    return z


def words(keys, count, data=(0, 0), domain=0):
    """The first `count` 64-bit words of the stream of each key: NumPy's Philox."""
    if keys.ndim > 1:
        low = np.broadcast_to(np.asarray(data[0], np.uint64), keys.shape[:-1])
        pairs = zip(keys.reshape(-1, 2), low.reshape(-1))  # noqa: B905
        found = [words(key, count, (int(n), data[1]), domain) for key, n in pairs]
        return np.array(found, np.uint64).reshape(*keys.shape[:-1], count)
    generator = np.random.Philox()
    generator.state = {
        "bit_generator": "Philox",
        "state": {
            "counter": np.array([0, *data, domain], np.uint64),
            "key": np.array(keys, np.uint64),
        },
        "buffer": np.zeros(4, np.uint64), "buffer_pos": 4, "has_uint32": 0, "uinteger": 0,
    }  # fmt: skip
    return generator.random_raw(count)
