"""Products along axes, and running sums and products: derivatives exact where entries are zero.

The derivative of a product by one factor is the product of the others, and no division finds that
where a factor is zero. It is built from multiplications alone, so that every order follows.
"""

import numpy as np

from .arithmetic import mul
from .joining import concatenate, split, unstack
from .primitive import Primitive, linear
from .reduction import count, expanded, reduced_shape, shifted, sum
from .shape import flip, inverse_permutation, ones, reshape, transpose, zeros


def _pairs(rows):
    n, width = rows.shape
    return reshape(rows, shape=(n, width // 2, 2))


def _others_in_row(rows):
    """For each entry of a row the product of the rest: a tree of pairs, walked up and down.

    Up: every node is the product of its two children. Down: what a node lacks is what its parent
    lacks times its sibling. Linear in the entries, with logarithmic depth.
    """
    n, width = rows.shape
    full = 1 << (width - 1).bit_length()
    if full > width:
        rows = concatenate(rows, ones(rows, (n, full - width)), axis=1)
    levels = [_pairs(rows)]
    while levels[-1].shape[1] > 1:
        levels.append(_pairs(mul(*unstack(levels[-1], axis=2))))
    lacking = flip(levels.pop(), axes=(2,))
    while levels:
        siblings = flip(levels.pop(), axes=(2,))
        lacking = mul(reshape(lacking, shape=(n, siblings.shape[1], 1)), siblings)
    lacking = reshape(lacking, shape=(n, full))
    return split(lacking, axis=1, sizes=(width, full - width))[0] if full > width else lacking


def others(x, axis):
    """For each entry of x the product over `axis` of all entries but this one."""
    width = count(x.shape, axis)
    if width < 2:
        return ones(x, x.shape)
    kept = tuple(a for a in range(len(x.shape)) if a not in axis)
    rows = transpose(x, axes=kept + axis)
    products = _others_in_row(reshape(rows, shape=(count(x.shape, kept), width)))
    return transpose(reshape(products, shape=rows.shape), axes=inverse_permutation(kept + axis))


# the product of the entries along `axis`
prod = Primitive(
    "prod",
    lambda x, *, axis, keepdims: np.multiply.reduce(x, axis=axis, keepdims=keepdims, dtype=x.dtype),
    shape=reduced_shape("prod"),
    jvp={
        "x": lambda dx, x, axis, keepdims: sum(dx * others(x, axis), axis=axis, keepdims=keepdims)
    },
    vjp={"x": lambda gz, x, axis: reshape(gz, shape=expanded(x.shape, axis)) * others(x, axis)},
    batch=lambda args, batched, axis, keepdims: prod(
        args[0], axis=shifted(axis), keepdims=keepdims
    ),
)


def _running_shape(name):
    rule = reduced_shape(name)

    def shape(x, *, axis, reverse=False):
        rule(x, axis=(axis,))
        return x.shape

    return shape


def _cumsum(x, *, axis, reverse):
    if reverse:
        return np.flip(np.cumsum(np.flip(x, axis), axis=axis, dtype=x.dtype), axis)
    return np.cumsum(x, axis=axis, dtype=x.dtype)


# z[k] = x[0] + ... + x[k] along `axis`; from the end with `reverse`
cumsum = linear(
    "cumsum",
    _cumsum,
    shape=_running_shape("cumsum"),
    transpose=lambda gz, axis, reverse: cumsum(gz, axis=axis, reverse=not reverse),
    batch=lambda args, batched, axis, reverse: cumsum(args[0], axis=axis + 1, reverse=reverse),
)


def later(x, steps, axis, fill):
    """x moved `steps` places on along `axis`; the array `fill` makes the first entries."""
    n = x.shape[axis]
    head = fill(x, (*x.shape[:axis], steps, *x.shape[axis + 1 :]))
    return concatenate(head, split(x, axis=axis, sizes=(n - steps, steps))[0], axis=axis)


def recurrence(a, b, axis):
    """s[k] = a[k] s[k-1] + b[k] along `axis`, in log n rounds of doubled strides (Hillis, Steele).

    Two steps (a, b) and (a', b') make one: (a' a, a' b + b').
    """
    steps, n = 1, a.shape[axis]
    while steps < n:
        b = b + mul(a, later(b, steps, axis, zeros))
        a = mul(a, later(a, steps, axis, ones))
        steps *= 2
    return b


def _cumprod_jvp(dx, x, z, axis):
    """dz[k] = x[k] dz[k-1] + z[k-1] dx[k]."""
    return recurrence(x, mul(later(z, 1, axis, ones), dx), axis) if x.shape[axis] else dx


def _cumprod_vjp(gz, x, z, axis):
    """gx[k] = z[k-1] s[k] with s[k] = gz[k] + x[k+1] s[k+1], a recurrence from the end."""
    if not x.shape[axis]:
        return gz
    from_end = recurrence(later(flip(x, axes=(axis,)), 1, axis, ones), flip(gz, axes=(axis,)), axis)
    return mul(later(z, 1, axis, ones), flip(from_end, axes=(axis,)))


# z[k] = x[0] ... x[k] along `axis`
cumprod = Primitive(
    "cumprod",
    lambda x, *, axis: np.cumprod(x, axis=axis, dtype=x.dtype),
    shape=_running_shape("cumprod"),
    jvp={"x": _cumprod_jvp},
    vjp={"x": _cumprod_vjp},
    batch=lambda args, batched, axis: cumprod(args[0], axis=axis + 1),
)
