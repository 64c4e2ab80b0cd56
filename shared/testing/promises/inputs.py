"""Promises about operands: left alone, in any memory layout, and seen by primitives only."""

import numpy as np

from ...batching import vmap
from ...forward import jvp
from ...tape import vjp
from ..closeness import VALUE, eps_of, largest, require_close
from ..differences import directions, filled
from ..sample import is_array
from ..spy import BareNumPyError, Spy, spied


def everything(call, us, vs):
    """The results, tangents and gradients of a call, as one list of arrays."""
    z = call()
    f, xs = call.of_inexact, call.inexact_args()
    if not xs or not vs:
        return z
    dz = filled(jvp(f, xs, us)[1], vs)
    gx = filled(vjp(f, xs)[1](vs), xs)
    return [*z, *dz, *gx]


def drawn(call, seed):
    """Random tangents and cotangents for a call."""
    rng = np.random.default_rng(seed)
    xs = call.inexact_args()
    return directions(rng, xs), directions(rng, call.of_inexact(*xs))


def untouched(call):
    """Kernel, JVP, VJP and batch rule leave operands, tangents and cotangents as they were."""
    us, vs = drawn(call.copies(), 4)
    call = call.copies()
    guarded = [*[call.args[i] for i in call.arrays], *us, *vs]
    before = [a.tobytes() for a in guarded]
    for a in guarded:
        a.flags.writeable = False
    name = f"{call.primitive.name}: untouched"
    try:
        everything(call, us, vs)
        batched(call)
    except ValueError as error:
        if "read-only" not in str(error):
            raise
        raise AssertionError(
            f"{name}: it writes into an operand ({error}); write a copy"
        ) from error
    for a, old in zip(guarded, before, strict=True):
        if a.tobytes() != old:
            raise AssertionError(
                f"{name}: an operand was {np.frombuffer(old, a.dtype).tolist()} and is now "
                f"{a.ravel().tolist()}; write a copy"
            )


def batched(call, wrap=list):
    """The batch rule, with a batch of one of each operand."""
    mapped = [is_array(a) for a in call.args]
    given = [a[None] if m else a for a, m in zip(call.args, mapped, strict=True)]
    return vmap(call, wrap(given), mapped, 1)[0]


LAYOUTS = {
    "strided": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
    "reversed": lambda a: np.flip(np.flip(a).copy()),
    "Fortran": lambda a: a.T.copy().T,
    "rotated": lambda a: np.moveaxis(np.moveaxis(a, 0, -1).copy(), -1, 0),
}


def layouts(call):
    """Strided, reversed, Fortran-ordered and rotated operands give what contiguous ones do."""
    if not all(call.args[i].ndim for i in call.arrays):
        return 0
    call = call.copies()
    us, vs = drawn(call, 5)
    wanted = everything(call, us, vs)
    for name, layout in LAYOUTS.items():
        twisted = call.replaced([layout(a) if is_array(a) else a for a in call.args])
        found = everything(
            twisted, [layout(u) for u in us], [layout(v) if v.ndim else v for v in vs]
        )
        for a, b in zip(found, wanted, strict=True):
            unit = VALUE * eps_of(a)
            words = (
                f"with {name} operands the result",
                "with contiguous ones it",
                "mend the kernel",
            )
            title = f"{call.primitive.name}: layouts"
            require_close(title, a, b, unit, unit * largest(b), words)
    return 1


def primitives_only(call):
    """The rules call primitives and operators, never a NumPy function, on their values."""
    us, vs = drawn(call, 6)
    watched = call.replaced(spied(call.args))
    f, xs = call_with(watched, call), [Spy(x) for x in call.inexact_args()]
    name = f"{call.primitive.name}: primitives_only"
    for rule in ("jvp", "vjp", "batch"):
        try:
            if rule == "batch":
                batched(call, spied)
            elif xs and vs:
                jvp(f, xs, spied(us)) if rule == "jvp" else vjp(f, xs)[1](spied(vs))
        except BareNumPyError as error:
            raise AssertionError(f"{name}: {rule}: {error}") from None


def call_with(watched, call):
    """`of_inexact` for a call whose other operands are spies."""
    places = call.inexact

    def f(*xs):
        args = list(watched.args)
        for i, x in zip(places, xs, strict=True):
            args[i] = x
        return [z for z in watched(*args) if np.dtype(z.dtype).kind in "fc"]

    return f
