"""Promises about derivatives, in double precision."""

import numpy as np

from ...forward import jvp as forward_mode
from ...tape import vjp as reverse_mode
from ..closeness import VALUE, eps_of, largest, require_close
from ..differences import (
    Tolerance,
    check_adjoint,
    check_forward,
    cotangent_map,
    directions,
    tangent_map,
)


def differentiable(call):
    """The function of the inexact operands and its arguments, or None where there is none."""
    if not call.inexact or not all(call.args[i].size for i in call.arrays):
        return None
    f, xs = call.of_inexact, call.inexact_args()
    z = f(*xs)
    return (f, xs, z) if z else None


def jvp(call):
    """JVP == central difference, in two random directions."""
    found = differentiable(call)
    if not found:
        return 0
    f, xs, z = found
    rng, tolerance = np.random.default_rng(0), Tolerance([*xs, *z])
    name = f"{call.primitive.name}: jvp"
    for _ in range(2):
        check_forward(name, f, xs, rng, tolerance, "mend jvp=, or the kernel")
    return 1


def vjp(call):
    """<jvp(u), v> == <u, vjp(v)>, to rounding, in two random pairs of directions."""
    found = differentiable(call)
    if not found:
        return 0
    f, xs, z = found
    rng = np.random.default_rng(1)
    for _ in range(2):
        us = directions(rng, xs)
        known = (us, z, tangent_map(f, len(xs))(*xs, *us))
        check_adjoint(f"{call.primitive.name}: vjp", f, xs, rng, known, "mend vjp= or transpose=")
    return 1


def separately(call):
    """Derivatives of one operand or one result alone add up to those of all together."""
    found = differentiable(call)
    if not found or len(found[1]) * len(found[2]) < 2:
        return 0
    f, xs, z = found
    rng = np.random.default_rng(10)
    us, vs = directions(rng, xs), directions(rng, z)
    name = f"{call.primitive.name}: separately"
    parts = [forward_mode(f, xs, alone(us, i))[1] for i in range(len(xs))]
    require_sum(f"{name}: jvp by operand", parts, forward_mode(f, xs, us)[1], z)
    together = reverse_mode(f, xs)[1](vs)
    parts = [reverse_mode(f, xs)[1](alone(vs, i)) for i in range(len(z))]
    require_sum(f"{name}: vjp by result", parts, together, xs)
    parts = [reverse_mode(only(f, xs, i), [xs[i]])[1](vs)[0] for i in range(len(xs))]
    require_sum(f"{name}: vjp by operand", [parts], together, xs)
    return 1


def alone(directions, i):
    """One direction, the others symbolic zeros."""
    return [d if i == j else None for j, d in enumerate(directions)]


def only(f, xs, i):
    """f as a function of its argument i."""
    return lambda x: f(*xs[:i], x, *xs[i + 1 :])


def require_sum(name, parts, wanted, likes):
    """The parts, added, are what is wanted."""
    for column, whole, like in zip(zip(*parts, strict=True), wanted, likes, strict=True):
        given = [np.zeros(like.shape, like.dtype) if d is None else d for d in (*column, whole)]
        unit = VALUE * eps_of(like)
        absolute = unit * max(largest(d) for d in given)
        words = ("the sum of the parts", "the whole", "mend the rule for all operands at once")
        require_close(name, sum(given[:-1]), given[-1], unit, absolute, words)


def second_order(call):
    """Both modes of both modes: against central differences, and against each other.

    Of J(x, u) = jvp(f, x; u) and G(x, v) = vjp(f, x)(v), as functions of both arguments: forward
    over each equals its central difference, and reverse over each pairs with forward over it.
    """
    found = differentiable(call)
    if not found:
        return 0
    f, xs, z = found
    rng = np.random.default_rng(2)
    name = f"{call.primitive.name}: second_order"
    tolerance = Tolerance([*xs, *z])
    for mode, g, args in (
        ("jvp", tangent_map(f, len(xs)), [*xs, *directions(rng, xs)]),
        ("vjp", cotangent_map(f, len(xs)), [*xs, *directions(rng, z)]),
    ):
        fix = f"is the rule of its {mode} written in primitives?"
        known = check_forward(f"{name}: jvp of {mode}", g, args, rng, tolerance, fix)
        check_adjoint(f"{name}: vjp of {mode}", g, args, rng, known, fix)
    return 1
