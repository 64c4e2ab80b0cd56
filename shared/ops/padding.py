"""NumPy's pad: zeros, constants, or the entries of x themselves carried on beyond its edges."""

import numpy as np

from ..dispatch import bottom
from ..primitives.indexing import place, update
from .axes import array, beside
from .indexing import take

# the modes that repeat entries of x: np.pad says which, of the places instead of the entries
CARRIED = frozenset(("edge", "reflect", "symmetric", "wrap"))


def pad(array_, pad_width, mode="constant", *, constant_values=0, reflect_type="even"):
    """x with pad_width entries more before and behind each axis.

    pad_width: n, (before, behind), one such pair per axis, or a dict of axis -> pair. mode:
    'constant' (constant_values, as pad_width), 'edge', 'reflect', 'symmetric' or 'wrap'.

    >>> pad(np.array([1.0, 2.0]), (0, 1))
    array([1., 2., 0.])
    """
    x = array(array_, "pad")
    widths = _pairs(x, pad_width)
    if mode in CARRIED and reflect_type == "even":
        for axis, pair in enumerate(widths):
            if pair != (0, 0):
                x = take(x, beside(x, np.pad(np.arange(x.shape[axis]), pair, mode)), axis)
        return x
    if mode != "constant":
        raise ValueError(
            f"pad: mode {mode!r} with reflect_type {reflect_type!r} is not supported; there are "
            f"'constant' and, evenly, {sorted(CARRIED)}"
        )
    return _with_constants(x, widths, constant_values)


def _pairs(x, pad_width):
    """(before, behind) for each axis."""
    rank = len(x.shape)
    if isinstance(pad_width, dict):
        pad_width = [pad_width.get(a, pad_width.get(a - rank, 0)) for a in range(rank)]
        pad_width = [(w, w) if np.ndim(w) == 0 else w for w in pad_width]
    widths = np.asarray(pad_width)
    if widths.dtype.kind not in "iu":
        raise TypeError(f"pad: pad_width is made of integers, not {pad_width!r}")
    try:
        widths = np.broadcast_to(widths, (rank, 2)).tolist()
    except ValueError:
        raise ValueError(
            f"pad: pad_width {pad_width!r} is no pair per axis (x: {tuple(x.shape)})"
        ) from None
    if any(n < 0 for pair in widths for n in pair):
        raise ValueError(f"pad: pad_width {pad_width!r} is negative; index x to make it smaller")
    return [tuple(pair) for pair in widths]


def _with_constants(x, widths, values):
    pairs = list(zip(widths, x.shape, strict=True))
    key = tuple([(before, before + n, 1) for (before, _), n in pairs])
    shape = tuple([before + n + behind for (before, behind), n in pairs])
    if values.__class__ in (int, float) and values == 0:
        return place(x, key=key, shape=shape)
    frame = np.zeros_like(bottom(x), shape=x.shape, dtype=x.dtype)
    return update(np.pad(frame, widths, constant_values=values), x, key=key)
