"""Derivatives of arrays by arrays: jacobians, hessians, and their products with vectors."""

from functools import wraps

import numpy as np

from ..shared import tree
from ..shared.backend import array_module
from ..shared.dispatch import bottom
from ..shared.primitives.shape import reshape
from .arguments import array_leaf, check_callable, chosen, replaced
from .batching import vmap
from .forward import jvp
from .reverse import check_differentiable, grad, vjp


def jacfwd(fun, argnums=0, has_aux=False):
    """The Jacobian by forward mode, one column per entry of x: cheap where x is small.

    The result has, for output shape s and argument shape t, shape s + t; for pytrees, the output's
    structure with the argument's inside each leaf. With has_aux, (jacobian, aux).

    >>> jacfwd(lambda x: x * x)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    return _by_columns("jacfwd", fun, argnums, has_aux)


def _by_columns(name, fun, argnums, has_aux):
    """The Jacobian by forward mode, for the transform `name`."""

    @wraps(fun)
    def wrapped(*args, **kwargs):
        picked, partial = _of_chosen(name, fun, args, kwargs, argnums)

        def push(direction):
            return jvp(partial, (picked,), (direction,), has_aux=has_aux)[1:]

        result = vmap(push, out_axes=(-1, None) if has_aux else (-1,))(basis(picked))
        jacobian = tree.map(lambda columns: _split(columns, picked, front=False), result[0])
        return (jacobian, result[1]) if has_aux else jacobian

    return wrapped


def jacrev(fun, argnums=0, has_aux=False):
    """The Jacobian by reverse mode, one row per entry of the output: cheap where that is small.

    Shapes and has_aux as for jacfwd.

    >>> jacrev(lambda x: x * x)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """

    @wraps(fun)
    def wrapped(*args, **kwargs):
        picked, partial = _of_chosen("jacrev", fun, args, kwargs, argnums)
        out, pull, *aux = vjp(partial, picked, has_aux=has_aux)
        (rows,) = vmap(pull)(basis(out))
        # rows: the argument's structure, each leaf (outputs, *t); wanted: the output's outside
        leaves, inner = tree.flatten(rows)
        outer = tree.structure(out)
        split = [tree.leaves(_split(x, out, front=True)) for x in leaves]
        columns = zip(*split, strict=True)
        jacobian = tree.unflatten(outer, [tree.unflatten(inner, list(c)) for c in columns])
        return (jacobian, *aux) if has_aux else jacobian

    return wrapped


jacobian = jacrev


def _of_chosen(name, fun, args, kwargs, argnums):
    """The chosen argument(s) with leaves as arrays, and fun as a function of them alone."""
    check_callable(name, fun)
    picked = tree.map(lambda x: array_leaf(name, x), chosen(name, args, argnums))
    check_differentiable(name, tree.leaves(picked), picked, argnums)
    return picked, lambda x: fun(*replaced(args, argnums, x), **kwargs)


def basis(x):
    """The unit vectors of a pytree, stacked: leaves of shape (total size, *shape)."""
    leaves, structure = tree.flatten(x)
    sizes = [int(np.prod(a.shape)) for a in leaves]
    total, start, made = sum(sizes), 0, []
    for a, size in zip(leaves, sizes, strict=True):
        xp = array_module(bottom(a))
        unit = xp.eye(total, size, k=-start, dtype=a.dtype)
        made.append(unit.reshape((total, *a.shape)))
        start += size
    return tree.unflatten(structure, made)


def _split(x, like, front):
    """Cut the basis axis of x (leading, or last) into the leaves of `like`, in their shapes."""
    leaves, structure = tree.flatten(like)
    start, parts = 0, []
    for a in leaves:
        size = int(np.prod(a.shape))
        cut = slice(start, start + size)
        part = x[cut] if front else x[..., cut]
        rest = part.shape[1:] if front else part.shape[:-1]
        parts.append(reshape(part, shape=(*a.shape, *rest) if front else (*rest, *a.shape)))
        start += size
    return tree.unflatten(structure, parts)


def hessian(fun, argnums=0, has_aux=False):
    """The matrix of second derivatives of a function that returns one number: forward over reverse.

    >>> hessian(lambda x: (x**3).sum())(np.array([1.0, 2.0]))
    array([[ 6.,  0.],
           [ 0., 12.]])
    """
    return _by_columns("hessian", grad(fun, argnums, has_aux=has_aux), argnums, has_aux)


def hvp(fun, primals, tangents):
    """H v, the Hessian of fun at `primals` times `tangents`, without forming H.

    fun returns one number. primals and tangents: tuples as for jvp, and so is the result; or, for a
    function of one argument, that argument and its direction, and the result is one such too.

    >>> hvp(lambda x: (x**3).sum(), np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([6., 0.])
    """
    if not isinstance(primals, tuple):
        return hvp(fun, (primals,), (tangents,))[0]
    gradient = grad(fun, argnums=tuple(range(len(primals))))
    return jvp(gradient, primals, tangents)[1]
