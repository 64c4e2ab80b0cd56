"""Products summed over shared axes: matmul, dot_general, and affine, the block under every Linear.

n rows, k contracted, m columns
"""

import math

import numpy as np

from .arithmetic import add
from .primitive import Primitive, bilinear
from .reduction import broadcast_to
from .shape import inverse_permutation, moved, reshape, swap_last, transpose


def _matmul_shape(x, y):
    a, b = tuple(x.shape), tuple(y.shape)
    if len(a) != len(b) or len(a) < 2:
        raise ValueError(
            f"matmul: two matrices, or stacks of equal rank, are needed (x: {a}, y: {b})"
        )
    if a[-1] != b[-2]:
        raise ValueError(f"matmul: x has {a[-1]} columns but y has {b[-2]} rows (x: {a}, y: {b})")
    for axis, (n, m) in enumerate(zip(a[:-2], b[:-2], strict=True)):
        if n != m and 1 not in (n, m):
            raise ValueError(
                f"matmul: the stacks do not broadcast: axis {axis} has {n} and {m} (x: {a}, y: {b})"
            )
    lead = [m if n == 1 else n for n, m in zip(a[:-2], b[:-2], strict=True)]
    return (*lead, a[-2], b[-1])


def _matmul_batch(args, batched):
    x, y = args
    if not batched[1] and len(y.shape) == 2:  # the batch is more rows
        return _rows(lambda rows: matmul(rows, y), x)
    x, y = [a if f else reshape(a, shape=(1, *a.shape)) for a, f in zip(args, batched, strict=True)]
    return matmul(x, y)


def _rows(f, x):
    """f of the matrix of all rows of x: (b, n, k), as a stack again."""
    b, n, k = x.shape
    z = f(reshape(x, shape=(b * n, k)))
    return reshape(z, shape=(b, n, z.shape[1]))


# z[..., i, j] = sum_k x[..., i, k] y[..., k, j]
matmul = bilinear(
    "matmul",
    np.matmul,
    shape=_matmul_shape,
    x=lambda gz, y: gz @ swap_last(y),
    y=lambda gz, x: swap_last(x) @ gz,
    batch=_matmul_batch,
)


def _affine(x, w, b):
    z = x.dot(w.T)  # the same BLAS routine as np.matmul, at half the cost of the call
    z += b
    return z


def _affine_shape(x, w, b):
    shapes = tuple(x.shape), tuple(w.shape), tuple(b.shape)
    given = "(x: {}, w: {}, b: {})".format(*shapes)
    if [len(s) for s in shapes] != [2, 2, 1]:
        raise ValueError(f"affine: x and w are matrices and b is a vector {given}")
    (n, k), (m, j), (p,) = shapes
    if k != j:
        raise ValueError(f"affine: x has {k} columns but w has {j} {given}")
    if m != p:
        raise ValueError(f"affine: w has {m} rows but b has {p} entries {given}")
    return (n, m)


def _affine_batch(args, batched):
    if batched == [True, False, False]:  # the batch is more rows
        return _rows(lambda rows: affine(rows, *args[1:]), args[0])
    x, w, b = [
        a if f else reshape(a, shape=(1, *a.shape)) for a, f in zip(args, batched, strict=True)
    ]
    z = matmul(x, swap_last(w))
    b = reshape(b, shape=(b.shape[0], 1, b.shape[1]))
    return add(z, b)


def _row(db, z_shape):
    return broadcast_to(reshape(db, shape=(1, z_shape[1])), shape=z_shape)


# z = x wᵀ + b.  x: (n, k), w: (m, k), b: (m,) -> (n, m)
affine = Primitive(
    "affine",
    _affine,
    shape=_affine_shape,
    jvp={
        "x": lambda dx, w: matmul(dx, swap_last(w)),
        "w": lambda dw, x: matmul(x, swap_last(dw)),
        "b": _row,
    },
    vjp={
        "x": lambda gz, w: gz @ w,
        "w": lambda gz, x: swap_last(gz) @ x,
        "b": lambda gz: gz.sum(axis=0),
    },
    batch=_affine_batch,
)


def free_axes(rank, *taken):
    """The axes that are in none of `taken`.

    >>> free_axes(4, (1,), (3,))
    (0, 2)
    """
    return tuple(a for a in range(rank) if not any(a in t for t in taken))


def _sizes(x, axes):
    return tuple(x.shape[a] for a in axes)


def _dot_general(x, y, *, contract, batch):
    (cx, cy), (bx, by) = contract, batch
    fx, fy = free_axes(x.ndim, cx, bx), free_axes(y.ndim, cy, by)
    lead, k = _sizes(x, bx), math.prod(_sizes(x, cx))
    n, m = _sizes(x, fx), _sizes(y, fy)
    x = x.transpose(bx + fx + cx).reshape(*lead, math.prod(n), k)
    y = y.transpose(by + cy + fy).reshape(*lead, k, math.prod(m))
    return np.matmul(x, y).reshape(lead + n + m)


def _dot_general_shape(x, y, *, contract, batch):
    (cx, cy), (bx, by) = contract, batch
    for kind, xs, ys in (("contracted", cx, cy), ("batch", bx, by)):
        if len(xs) != len(ys) or _sizes(x, xs) != _sizes(y, ys):
            raise ValueError(
                f"dot_general: {kind} axes {xs} of x and {ys} of y have different sizes "
                f"(x: {tuple(x.shape)}, y: {tuple(y.shape)})"
            )
    free = _sizes(x, free_axes(len(x.shape), cx, bx)), _sizes(y, free_axes(len(y.shape), cy, by))
    return _sizes(x, bx) + free[0] + free[1]


def _dot_general_x(gz, y, x_ndim, contract, batch):
    """gz with y, over y's free axes: (batch, x's free, y's contracted), put back in x's order."""
    (cx, cy), (bx, by) = contract, batch
    fx, fy = free_axes(x_ndim, cx, bx), free_axes(len(y.shape), cy, by)
    lead = tuple(range(len(bx)))
    over = tuple(range(len(bx) + len(fx), len(gz.shape)))
    g = dot_general(gz, y, contract=(over, fy), batch=(lead, by))
    by_y = tuple(cx[cy.index(a)] for a in sorted(cy))
    return transpose(g, axes=inverse_permutation(bx + fx + by_y))


def _dot_general_y(gz, x, y_ndim, contract, batch):
    """As for x, with the two free groups of gz in the other order."""
    (cx, cy), (bx, by) = contract, batch
    fx, fy = free_axes(len(x.shape), cx, bx), free_axes(y_ndim, cy, by)
    lead = tuple(range(len(bx)))
    over = tuple(range(len(bx), len(bx) + len(fx)))
    g = dot_general(gz, x, contract=(over, fx), batch=(lead, bx))
    by_x = tuple(cy[cx.index(a)] for a in sorted(cx))
    return transpose(g, axes=inverse_permutation(by + fy + by_x))


def _dot_general_batch(args, batched, contract, batch):
    (x, y), shift = args, [tuple(a + 1 for a in axes) for axes in (*contract, *batch)]
    cx, cy = [s if f else c for s, c, f in zip(shift[:2], contract, batched, strict=True)]
    bx, by = [s if f else b for s, b, f in zip(shift[2:], batch, batched, strict=True)]
    if all(batched):
        return dot_general(x, y, contract=(cx, cy), batch=((0, *bx), (0, *by)))
    z = dot_general(x, y, contract=(cx, cy), batch=(bx, by))  # the batch is the first free axis
    place = len(bx) if batched[0] else len(bx) + len(free_axes(len(x.shape), cx, bx))
    return transpose(z, axes=moved(len(z.shape), place, 0))


# z = sum over the contracted axes of x y: (batch axes, x's free axes, y's free axes), as in XLA
dot_general = bilinear(
    "dot_general",
    _dot_general,
    shape=_dot_general_shape,
    x=_dot_general_x,
    y=_dot_general_y,
    batch=_dot_general_batch,
)
