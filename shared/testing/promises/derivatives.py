"""Promises about derivatives, in double precision."""

import numpy as np

from ..differences import (
    Tolerance,
    check_adjoint,
    check_forward,
    cotangent_map,
    directions,
    tangent_map,
)
from .table import promise


def differentiable(call):
    """The function of the inexact operands and its arguments, or None where there is none."""
    if not call.inexact or not all(call.args[i].size for i in call.arrays):
        return None
    f, xs = call.of_inexact, call.inexact_args()
    return (f, xs, f(*xs)) if f(*xs) else None


@promise()
def jvp(call):
    """JVP == central difference, in two random directions."""
    found = differentiable(call)
    if found:
        f, xs, z = found
        rng, tolerance = np.random.default_rng(0), Tolerance([*xs, *z])
        for _ in range(2):
            name = f"{call.primitive.name}: jvp"
            check_forward(name, f, xs, rng, tolerance, "mend jvp=, or the kernel")


@promise()
def vjp(call):
    """<jvp(u), v> == <u, vjp(v)>, to rounding."""
    found = differentiable(call)
    if found:
        adjoint(f"{call.primitive.name}: vjp", found[0], found[1])


def adjoint(name, f, xs):
    """The pairing of both modes in two random directions."""
    rng = np.random.default_rng(1)
    for _ in range(2):
        us = directions(rng, xs)
        known = (us, *_tangents(f, xs, us))
        check_adjoint(name, f, xs, rng, known, "mend vjp=, or a transpose")


def _tangents(f, xs, us):
    both = tangent_map(f, len(xs))(*xs, *us)
    return f(*xs), both


@promise()
def second_order(call):
    """Both modes of both modes: against central differences, and against each other.

    Of J(x, u) = jvp(f, x; u) and G(x, v) = vjp(f, x)(v), as functions of both arguments: forward
    over each equals its central difference, and reverse over each pairs with forward over it.
    """
    found = differentiable(call)
    if not found:
        return
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
