"""Promises about vmap: it is the loop, over values, over derivatives, and within itself."""

from itertools import combinations

import numpy as np

from ...batching import vmap
from ...forward import jvp
from ...tape import vjp
from ..closeness import VALUE, eps_of, largest, require_close, require_dtype
from ..differences import cotangent_map, directions, filled, tangent_map
from ..sample import is_array

# Sizes that no axis of a small sample has, nor each other: a batch axis taken for another shows.
SIZE, INNER = 4, 5
FIX = "mend batch="


def another(a):
    """A second element for a batch of `a`: its entries in another order, so still in the domain.

    Matrices stay positive definite, and each of several index arrays stays one for its axis.
    """
    if np.dtype(a.dtype).kind not in "fc":
        return a[..., ::-1] if a.ndim else a
    turned = np.flip(a)
    return (a * 0.875).astype(a.dtype) if np.array_equal(turned, a) else turned


def batch_of(a, size=SIZE):
    """`a` and another in turn, stacked along a new leading axis."""
    return np.stack([a, another(a)] * size)[:size]


def loop(f, given, mapped):
    """f applied to one element of the batch after another, the results stacked."""
    rows = [f(*[a[b] if m else a for a, m in zip(given, mapped, strict=True)]) for b in range(SIZE)]
    return [np.stack([np.asarray(z) for z in column]) for column in zip(*rows, strict=True)]


def require_loop(name, f, args, chosen):
    """vmap of f over the chosen arguments == the loop."""
    mapped = [i in chosen for i in range(len(args))]
    given = [batch_of(a) if m else a for a, m in zip(args, mapped, strict=True)]
    found = widened(*vmap(f, given, mapped, SIZE))
    require_same(f"{name} over operands {list(chosen)}", found, loop(f, given, mapped))


def widened(out, made):
    """Results that do not depend on the batch, repeated along it."""
    return [
        z if m else np.broadcast_to(z, (SIZE, *np.shape(z))) for z, m in zip(out, made, strict=True)
    ]


def require_same(name, found, wanted):
    """Equal to a few roundings, with equal dtypes."""
    for z, e in zip(found, wanted, strict=True):
        unit = VALUE * eps_of(z) if np.dtype(z.dtype).kind in "fc" else 0.0
        require_close(name, z, e, unit, unit * largest(e), ("vmap", "the loop", FIX))
        require_dtype(name, "the dtype under vmap", z.dtype, e.dtype, FIX)


def require_empty_batch(call):
    """vmap over no elements at all gives no results, each in its shape."""
    mapped = [is_array(a) for a in call.args]
    given = [a[None][:0] if m else a for a, m in zip(call.args, mapped, strict=True)]
    found = vmap(call, given, mapped, 0)[0] if any(mapped) else []
    for z, one in zip(found, call() if found else [], strict=True):
        if tuple(z.shape) != (0, *one.shape):
            raise AssertionError(
                f"{call.primitive.name}: batches: vmap over no elements has shape "
                f"{tuple(z.shape)} but {(0, *one.shape)} is wanted; {FIX}"
            )


def subsets(places):
    """Every choice of operands, up to three of them; of more: each alone, all, all but one."""
    if len(places) <= 3:
        sizes = range(1, len(places) + 1)
    else:
        sizes = sorted({1, len(places) - 1, len(places)})
    return [chosen for size in sizes for chosen in combinations(places, size)]


def batches(call):
    """vmap == loop, for each choice of the operands that carry a batch."""
    for chosen in subsets(call.arrays):
        require_loop(f"{call.primitive.name}: batches: vmap", call, call.args, chosen)
    require_empty_batch(call)
    return min(1, len(call.arrays))


def nested_batches(call):
    """vmap of vmap == loop of vmap, the two over the same operands or over different ones."""
    places = tuple(call.arrays)
    if not places:
        return 0
    first, last = places[:1], places[-1:]
    for outer, inner in sorted({(places, places), (first, last), (last, first)}):
        mapped = [i in inner for i in range(len(call.args))]
        args = [batch_of(a, INNER) if m else a for a, m in zip(call.args, mapped, strict=True)]
        name = f"{call.primitive.name}: nested_batches: vmap of vmap over {list(inner)}"
        require_loop(name, lambda *xs, mapped=mapped: vmap(call, xs, mapped, INNER)[0], args, outer)
    return 1


def batched_derivatives(call):
    """vmap of JVP and of VJP == loop; JVP and VJP of vmap == loop."""
    f, xs = call.of_inexact, call.inexact_args()
    z = f(*xs) if xs else []
    if not z:
        return 0
    rng = np.random.default_rng(7)
    for mode, g, extra in (
        ("jvp", tangent_map(f, len(xs)), directions(rng, xs)),
        ("vjp", cotangent_map(f, len(xs)), directions(rng, z)),
    ):
        args = [*xs, *extra]
        name = f"{call.primitive.name}: batched_derivatives: vmap of {mode}"
        everything, n = tuple(range(len(args))), len(xs)
        for chosen in {everything, everything[n:], *[(i,) for i in range(n)]}:
            require_loop(name, g, args, chosen)
        name = f"{call.primitive.name}: batched_derivatives: {mode} of vmap"
        of_batch(name, f, xs, (mode, g, args))
    return 1


def of_batch(name, f, xs, given):
    """The JVP or VJP of vmap(f) == the loop over JVPs or VJPs."""
    mode, g, args = given
    stacked = [batch_of(a) for a in args]
    batch, extra = stacked[: len(xs)], stacked[len(xs) :]

    def mapped(*batch):
        return widened(*vmap(f, batch, [True] * len(batch), SIZE))

    if mode == "jvp":
        z, dz = jvp(mapped, batch, extra)
        found = filled(dz, z)
    else:
        found = filled(vjp(mapped, batch)[1](extra), batch)
    require_same(name, found, loop(g, stacked, [is_array(a) for a in stacked]))
