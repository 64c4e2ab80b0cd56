"""Forward mode on pytrees: jvp and linearize."""

from ..shared import forward, tree
from ..shared.backend import same_device
from ..shared.errors import describe
from .arguments import array_leaf, is_number, leaves_like, number_like, returned_leaves
from .reverse import pair, vjp


def jvp(fun, primals, tangents, has_aux=False):
    """(out, dout): fun(*primals) and its derivative in the direction `tangents`.

    primals and tangents are tuples of equal structure, shapes and dtypes. With has_aux, fun returns
    (out, aux) and jvp (out, dout, aux).

    >>> out, dout = jvp(lambda x: x * x, (3.0,), (1.0,))
    >>> float(out), float(dout)
    (9.0, 6.0)
    """
    if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise TypeError(
            f"jvp: primals and tangents are tuples with one entry per argument, but they are "
            f"{describe(primals)} and {describe(tangents)}; write jvp(f, (x,), (dx,))"
        )
    leaves, structure = tree.flatten(tuple(primals))
    leaves = [array_leaf("jvp", x) for x in leaves]
    directions = tangent_leaves(primals, tangents, leaves)
    count, shapes = [], []

    def flat(*traced):
        out, aux = fun(*tree.unflatten(structure, traced)), None
        if has_aux:
            out, aux = pair("jvp", out)
        outs, auxs = tree.flatten(out), tree.flatten(aux)
        count[:], shapes[:] = [len(outs[0])], [outs[1], auxs[1]]
        return returned_leaves("jvp", *outs) + auxs[0]

    values, douts = forward.jvp(flat, leaves, directions)
    n = count[0]
    douts = [forward.instantiate(d, x) for d, x in zip(douts[:n], values[:n], strict=True)]
    result = tree.unflatten(shapes[0], values[:n]), tree.unflatten(shapes[0], douts)
    return (*result, tree.unflatten(shapes[1], values[n:])) if has_aux else result


def tangent_leaves(primals, tangents, leaves):
    """The leaves of `tangents`, checked against the primals; None (a zero) for integer primals."""
    structure = tree.structure(tuple(primals))
    given = leaves_like("jvp: the tangents", tuple(tangents), structure)
    directions = [
        number_like(d, x) if is_number(d) else array_leaf("jvp", d)
        for d, x in zip(given, leaves, strict=True)
    ]
    for i, (x, dx) in enumerate(zip(leaves, directions, strict=True)):
        same_device("jvp", x, dx, names=(f"leaf {i}", "its tangent"))
        if x.dtype.kind not in "fc":
            directions[i] = None
        elif x.shape != dx.shape or x.dtype != dx.dtype:
            raise TypeError(
                f"jvp: a tangent has the shape and dtype of its primal, but leaf {i} is "
                f"{describe(x)} and its tangent {describe(dx)}"
            )
    return directions


def linearize(fun, *primals):
    """(out, push): fun(*primals), and its derivative there as a linear function of tangents.

    fun runs once; push replays the recorded derivative. push is the transpose of the transpose:
    the backward pass is linear in the cotangent, so recording it once gives a tape that maps
    tangents forward.

    >>> out, push = linearize(lambda x: x**2, 3.0)
    >>> float(push(1.0))
    6.0
    """
    out, pull = vjp(fun, *primals)
    zeros = tree.map(forward.zeros_like, tree.map(lambda x: array_leaf("linearize", x), out))
    _, pull_twice = vjp(pull, zeros)

    def push(*tangents):
        tangents = tree.map(lambda t: array_leaf("linearize", t), tangents)
        return pull_twice(tangents)[0]

    return out, push
