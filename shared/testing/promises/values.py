"""Promises about what the kernel returns."""

import numpy as np

from ...forward import jvp
from ...tape import vjp
from ..closeness import VALUE, eps_of, largest, require_close, require_dtype
from ..differences import directions, filled
from ..sample import expected, is_array, kind, precise, size


class Outline:
    """A shape and a dtype without data: all that a shape rule may look at."""

    __slots__ = ("dtype", "shape")

    def __init__(self, array):
        self.shape, self.dtype = array.shape, array.dtype


def reference(call):
    """kernel == an independent reference, in double precision on the same rounded operands."""
    if call.reference is None:
        return 0
    for z, e in zip(call(), expected(call), strict=True):
        unit = VALUE * eps_of(z, *call.args)
        exact = np.dtype(z.dtype).kind not in "fc"
        tiny = 0 if exact else float(np.finfo(z.dtype).smallest_subnormal)
        absolute = tiny if call.entrywise else unit * largest(e)
        words = ("the kernel", "the reference", "mend the kernel or the reference")
        name = f"{call.primitive.name}: reference"
        if exact:
            unit = absolute = 0
        require_close(name, z, e, unit, absolute, words)
    return 1


def abstract(call):
    """The shape and dtype rules, given shapes and dtypes alone, say what the kernel returns."""
    name = f"{call.primitive.name}: abstract"
    outlines = [Outline(a) if is_array(a) else a for a in call.args]
    said = call.primitive.abstract(*outlines, **call.static)
    said = [said] if call.primitive.outputs is None else said
    given = call()
    if len(said) != len(given):
        raise AssertionError(
            f"{name}: the shape rule says {len(said)} results but the kernel returns {len(given)}; "
            "mend shape="
        )
    for (shape, dtype), z in zip(said, given, strict=True):
        if tuple(shape) != tuple(z.shape):
            raise AssertionError(
                f"{name}: the shape rule says {tuple(shape)} but the kernel returns "
                f"{tuple(z.shape)}; mend shape="
            )
        require_dtype(name, "the kernel's dtype", z.dtype, dtype, "mend the kernel or dtype=")


def dtypes(call):
    """Tangents have the dtype of z and gradients that of x; their values are those of double."""
    if call.dtype is None or not call.inexact:
        return 0
    rng = np.random.default_rng(3)
    f, xs = call.of_inexact, call.inexact_args()
    us = directions(rng, xs)
    z, dz = jvp(f, xs, us)
    if not z:
        return 0
    vs = directions(rng, z)
    gx = vjp(f, xs)[1](vs)
    name = f"{call.primitive.name}: dtypes"
    for d, x in zip([*dz, *gx], [*z, *xs], strict=True):
        if d is not None:
            require_dtype(name, "a derivative's dtype", d.dtype, x.dtype, "mend the rule's casts")
    same_as_double(name, call, (us, vs), (filled(dz, z), filled(gx, xs)))
    return 1


def same_as_double(name, call, given, found):
    """Derivatives in a narrow dtype are those of double precision, rounded."""
    double = call.replaced([precise(a) for a in call.args])
    us, vs = [[precise(a) for a in group] for group in given]
    f, xs = double.of_inexact, double.inexact_args()
    z, dz = jvp(f, xs, us)
    vs = [v.astype(x.dtype) for v, x in zip(vs, z, strict=True)]
    gx = vjp(f, xs)[1](vs)
    wanted = [*filled(dz, z), *filled(gx, xs)]
    narrow = [*found[0], *found[1]]
    for d, e in zip(narrow, wanted, strict=True):
        unit = 4 * VALUE * eps_of(*narrow)
        words = (f"the derivative in {d.dtype}", f"in {e.dtype}", "mend the rule's rounding")
        require_close(name, d, e, unit, unit * largest(e), words)


def zero_dim(call):
    """An entrywise primitive takes 0-d operands and gives a 0-d result and 0-d derivatives."""
    if not call.entrywise or any(is_array(a) and a.size == 0 for a in call.args):
        return 0
    point = call.replaced([np.array(a.flat[0]) if is_array(a) else a for a in call.args])
    abstract(point)
    reference(point)
    shapes_of_derivatives(f"{call.primitive.name}: zero_dim", point)
    return 1


def shapes_of_derivatives(name, call):
    """Tangents have the shape of z, gradients that of x."""
    f, xs = call.of_inexact, call.inexact_args()
    if not xs:
        return
    z, dz = jvp(f, xs, [np.ones_like(x) for x in xs])
    gx = vjp(f, xs)[1]([np.ones_like(x) for x in z])
    for what, ds, values in (("tangent", dz, z), ("gradient", gx, xs)):
        for d, x in zip(ds, values, strict=True):
            if d is not None and tuple(d.shape) != tuple(x.shape):
                raise AssertionError(
                    f"{name}: a {what} has shape {tuple(d.shape)} but its value has "
                    f"{tuple(x.shape)}; mend the rule"
                )


def zero_size(call):
    """Operands without entries: where the shape rule accepts them, so do the kernel and rules."""
    count = 0
    for count, empty in enumerate(emptied(call), 1):  # noqa: B007
        abstract(empty)
        if any(size(z) for z in empty()):
            reference(empty)
        shapes_of_derivatives(f"{call.primitive.name}: zero_size", empty)
    return count


def emptied(call):
    """The calls with one shared axis cut to size 0, where the shape rule accepts it."""
    arrays = [call.args[i] for i in call.arrays]
    rank = min([a.ndim for a in arrays], default=0)
    for axis in range(rank):
        args = [a[(slice(None),) * axis + (slice(0),)] if is_array(a) else a for a in call.args]
        try:
            call.primitive.abstract(*args, **call.static)
        except (ValueError, TypeError, IndexError):
            continue
        yield call.replaced(args)


def view(call):
    """With view=True a result may share its first operand's memory; else it shares none."""
    call = call.copies()
    for z in call():
        for i in call.arrays:
            if np.shares_memory(z, call.args[i]) and not (call.primitive.view and i == 0):
                fix = "declare view=True" if i == 0 else "return a copy"
                raise AssertionError(
                    f"{call.primitive.name}: view: the result shares memory with operand {i} "
                    f"({kind(call.args[i])}) but view is {call.primitive.view}; {fix}"
                )
