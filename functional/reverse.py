"""Reverse mode on pytrees: vjp, grad, value_and_grad, linear_transpose."""

from functools import wraps

import numpy as np

from ..shared import tape, tree
from ..shared.backend import is_array, same_device
from ..shared.cotangents import unit
from ..shared.dispatch import Value, bottom
from ..shared.errors import NotDifferentiableError, describe
from ..shared.forward import instantiate
from ..shared.primitives.barrier import stop_gradient as barrier
from .arguments import (
    array_leaf,
    at_leaf,
    check_callable,
    chosen,
    is_number,
    leaves_like,
    number_like,
    replaced,
    returned_leaves,
)


def vjp(fun, *primals, has_aux=False):
    """(out, pull): fun(*primals), and the map from a cotangent of out to a tuple of cotangents.

    With has_aux, fun returns (out, aux) and vjp (out, pull, aux). pull may be called again and is
    itself differentiable. The pairing is Re(sum(cotangent * tangent)).

    >>> out, pull = vjp(lambda x, y: x * y, np.float32(3), np.float32(4))
    >>> [float(g) for g in pull(np.float32(1))]
    [4.0, 3.0]
    """
    leaves, structure = tree.flatten(primals)
    leaves = [array_leaf("vjp", x) for x in leaves]
    shapes = []

    def flat(*traced):
        out = fun(*tree.unflatten(structure, traced))
        aux = None
        if has_aux:
            out, aux = pair("vjp", out)
        outs, out_structure = tree.flatten(out)
        auxs, aux_structure = tree.flatten(aux)
        shapes[:] = [out_structure, len(outs), aux_structure]
        return returned_leaves("vjp", outs, out_structure) + auxs

    values, pull_back = tape.vjp(flat, leaves)
    out_structure, count, aux_structure = shapes
    outs = values[:count]

    def pull(cotangent):
        given = cotangents_like("vjp", cotangent, out_structure, outs)
        gs = pull_back(given + [None] * (len(values) - count))
        gs = [instantiate(g, x) for g, x in zip(gs, leaves, strict=True)]
        return tree.unflatten(structure, gs)

    out = tree.unflatten(out_structure, outs)
    return (out, pull, tree.unflatten(aux_structure, values[count:])) if has_aux else (out, pull)


def cotangents_like(name, cotangent, structure, outs):
    """The leaves of a cotangent, checked against the outputs they belong to."""
    leaves = leaves_like(f"{name}: the cotangent", cotangent, structure)
    for i, (g, x) in enumerate(zip(leaves, outs, strict=True)):
        shape = getattr(g, "shape", ())
        if shape != x.shape:
            raise ValueError(
                f"{name}: the cotangent{at_leaf(structure, i)} has shape {tuple(shape)} but the "
                f"output {tuple(x.shape)}"
            )
        same_device(name, x, g, names=("the output", "its cotangent"))
    return [number_like(g, x) if is_number(g) else g for g, x in zip(leaves, outs, strict=True)]


def pair(name, out):
    """(out, aux), as has_aux promises."""
    if not isinstance(out, tuple) or len(out) != 2:
        raise TypeError(
            f"{name}: with has_aux=True the function returns (out, aux), but it returned "
            f"{describe(out)}"
        )
    return out


def value_and_grad(fun, argnums=0, has_aux=False, holomorphic=False):
    """A function that returns (fun(x), d fun / d x); fun returns one real number.

    argnums: which positional argument(s); a pytree gives a pytree of its structure, several a
    tuple. has_aux: fun returns (value, aux), the result is ((value, aux), gradient). For a real
    function of complex z the gradient is the conjugate of the direction of steepest ascent, as in
    JAX.

    >>> value_and_grad(lambda x: x * x)(np.float64(3))
    (np.float64(9.0), np.float64(6.0))
    """
    check_callable("grad", fun)

    @wraps(fun)
    def wrapped(*args, **kwargs):
        picked = chosen("grad", args, argnums)
        leaves, structure = tree.flatten(picked)
        leaves = [array_leaf("grad", x) for x in leaves]
        check_differentiable("grad", leaves, picked, argnums)
        aux = []

        def flat(*traced):
            given = replaced(args, argnums, tree.unflatten(structure, traced))
            out = fun(*given, **kwargs)
            if not has_aux:
                return [scalar(out, holomorphic)]
            out, extra = pair("grad", out)
            extra, aux[:] = tree.flatten(extra)[0], [tree.structure(extra)]
            return [scalar(out, holomorphic), *extra]

        values, pull = tape.vjp(flat, leaves, "grad")
        one = unit(bottom(values[0]))
        gs = pull([one] + [None] * (len(values) - 1), free=True)
        gs = [instantiate(g, x) for g, x in zip(gs, leaves, strict=True)]
        out = (values[0], tree.unflatten(aux[0], values[1:])) if has_aux else values[0]
        return out, tree.unflatten(structure, gs)

    return wrapped


def scalar(out, holomorphic):
    """The output of a function under grad: one real number, or an error that says what it was."""
    if is_number(out):
        out = array_leaf("grad", out)
    if not hasattr(out, "shape"):
        given, fix = describe(out), "return (value, aux) with has_aux=True for more"
        if out is None:
            given, fix = "None", "end it with `return`"
        raise TypeError(
            f"grad: the function must return an array with one number, but it returned {given}; "
            f"{fix}"
        )
    if out.shape != ():
        raise TypeError(
            f"grad: the function must return one number, but it returned {describe(out)}; "
            "reduce it with sum or mean, or use jacrev or vjp"
        )
    if out.dtype.kind != "f" and not (holomorphic and out.dtype.kind == "c"):
        raise TypeError(
            f"grad: the function must return a real float, but it returned {describe(out)}; "
            "take the real part or abs, or pass holomorphic=True"
            if out.dtype.kind == "c"
            else f"grad: the function must return a float, but it returned {describe(out)}, "
            "whose derivative is zero everywhere"
        )
    return out


def check_differentiable(name, leaves, picked, argnums):
    """NotDifferentiableError, naming the leaf, unless all leaves are float or complex."""
    for i, x in enumerate(leaves):
        if x.dtype.kind not in "fc":
            path = tree.path_string(tree.leaves_with_path(picked)[i][0])
            where = f"argument {argnums}" + (f" at {path!r}" if path else "")
            raise NotDifferentiableError(
                f"{name}: {where} is {describe(x)}, and only float and complex arrays have "
                "gradients; convert it with astype(float32), or choose others with argnums"
            )


def grad(fun, argnums=0, has_aux=False, holomorphic=False):
    """The gradient of a function that returns one number; see value_and_grad.

    With has_aux the result is (gradient, aux).

    >>> float(grad(lambda x: x**3)(2.0))
    12.0
    """
    both = value_and_grad(fun, argnums, has_aux, holomorphic)

    @wraps(fun)
    def wrapped(*args, **kwargs):
        out, gradient = both(*args, **kwargs)
        return (gradient, out[1]) if has_aux else gradient

    return wrapped


def linear_transpose(fun, *primals):
    """The transpose of a linear function, as a function of a cotangent of its output.

    primals: arrays (or anything with a shape and a dtype) that say what fun takes. The result is a
    tuple with one entry per primal, as pull gives it.

    >>> transposed = linear_transpose(lambda x: 3 * x, np.zeros(2))
    >>> transposed(np.array([1.0, 2.0]))
    (array([3., 6.]),)
    """
    return vjp(fun, *tree.map(zeros_like, primals))[1]


def zeros_like(x):
    """Zeros in the shape and dtype of x, on its device."""
    if not hasattr(x, "shape") or not hasattr(x, "dtype"):
        x = array_leaf("linear_transpose", x)
    like = bottom(x)
    return np.zeros_like(like, shape=x.shape) if is_array(like) else np.zeros(x.shape, x.dtype)


def stop_gradient(x):
    """x as a constant: the same values, and no derivative in either mode.

    x: an array or a pytree of arrays.
    """
    return tree.map(lambda a: barrier(a) if isinstance(a, Value) else a, x)
