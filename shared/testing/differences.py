"""Central differences, random directions, and the two checks that both modes rest on.

`f` takes arrays and returns a list of arrays, as in shared/tape.py and shared/forward.py.
"""

import numpy as np

from ..forward import instantiate, jvp
from ..tape import vjp
from .closeness import DIFFERENCE, PAIRING, eps_of, largest, require_close, wide


def directions(rng, likes):
    """Random arrays in [-1, 1], complex where `likes` are, with their shapes and dtypes."""
    drawn = []
    for like in likes:
        d = rng.uniform(-1, 1, like.shape)
        if np.dtype(like.dtype).kind == "c":
            d = d + 1j * rng.uniform(-1, 1, like.shape)
        drawn.append(np.asarray(d).astype(like.dtype))
    return drawn


def step_for(eps):
    """The step where the errors of the fourth-order difference, h⁴ and eps / h, are equal."""
    return eps**0.2


def central_difference(f, args, tangents, step):
    """(difference, size) per result: the difference, and the largest |f| that entered it.

    (8 (f(x + h u) - f(x - h u)) - (f(x + 2h u) - f(x - 2h u))) / 12 h: its error is O(h⁴), and what
    rounding f costs, eps / h times the size.
    """
    at = {}
    for k in (-2, -1, 1, 2):
        moved = [(x + (k * step) * u).astype(x.dtype) for x, u in zip(args, tangents, strict=True)]
        at[k] = [wide(z) for z in f(*moved)]
    return [
        ((8 * (b - c) - (a - d)) / (12 * step), max(map(largest, (a, b, c, d))))
        for a, b, c, d in zip(at[2], at[1], at[-1], at[-2], strict=True)
    ]


def pairing(left, right):
    """(Re(sum(l r)), the sum of the terms' absolute values): the pairing has no conjugate."""
    terms = [np.ravel(wide(a) * wide(b)) for a, b in zip(left, right, strict=True) if b is not None]
    terms = np.concatenate([np.zeros(0), *terms])
    return float(np.sum(terms.real)), float(np.sum(np.abs(terms)))


def filled(derivatives, likes):
    """Symbolic zeros (None) as arrays of zeros."""
    return [instantiate(d, z) for d, z in zip(derivatives, likes, strict=True)]


class Tolerance:
    """The tolerances and the step of one comparison with central differences."""

    __slots__ = ("absolute", "relative", "step", "unit")

    def __init__(self, arrays, rtol=None, atol=None, eps=None):
        self.unit = eps_of(*arrays)
        self.step = step_for(self.unit) if eps is None else eps
        self.relative = DIFFERENCE * self.unit**0.5 if rtol is None else rtol
        self.absolute = atol

    def absolute_for(self, scale, size):
        """Relative to the scale of the derivative, plus what rounding f costs the difference."""
        if self.absolute is not None:
            return self.absolute
        return self.relative * scale + DIFFERENCE * self.unit * size / self.step


def check_forward(name, f, args, rng, tolerance, fix):
    """JVP == central difference in a random direction; returns (u, z, dz)."""
    tangents = directions(rng, args)
    z, dz = jvp(f, args, tangents)
    dz = filled(dz, z)
    expected = central_difference(f, args, tangents, tolerance.step)
    for dx, (e, size) in zip(dz, expected, strict=True):
        absolute = tolerance.absolute_for(largest(e), size)
        words = ("the JVP", "the central difference", fix)
        require_close(name, dx, e, tolerance.relative, absolute, words)
    return tangents, z, dz


def check_adjoint(name, f, args, rng, known, fix):
    """<jvp(u), v> == <u, vjp(v)> for a random v; `known` is (u, z, jvp(u))."""
    tangents, z, dz = known
    cotangents = directions(rng, z)
    gx = vjp(f, args)[1](cotangents)
    left, size = pairing(dz, cotangents)
    right, other = pairing(tangents, gx)
    absolute = PAIRING * eps_of(*args, *z) * (size + other)
    words = ("<jvp(u), v>", "<u, vjp(v)>", fix)
    require_close(name, np.float64(left), np.float64(right), 0.0, absolute, words)


def check_reverse(name, f, args, rng, tolerance, fix):
    """<u, vjp(v)> == <central difference along u, v>: for reverse mode alone."""
    tangents = directions(rng, args)
    z, pull = vjp(f, args)
    cotangents = directions(rng, z)
    expected = central_difference(f, args, tangents, tolerance.step)
    left, _ = pairing(tangents, pull(cotangents))
    right, scale = pairing([e for e, _ in expected], cotangents)
    size = sum(size * v.size for (_, size), v in zip(expected, cotangents, strict=True))
    absolute = tolerance.absolute_for(scale, size)
    words = ("<u, vjp(v)>", "<central difference, v>", fix)
    require_close(name, np.float64(left), np.float64(right), tolerance.relative, absolute, words)


def tangent_map(f, count):
    """J(x, u) = jvp(f, x; u), a function of 2 * count arrays."""

    def push(*xu):
        z, dz = jvp(f, list(xu[:count]), list(xu[count:]))
        return filled(dz, z)

    return push


def cotangent_map(f, count):
    """G(x, v) = vjp(f, x)(v), a function of count arrays and one per result."""

    def pull_back(*xv):
        xs, v = list(xv[:count]), list(xv[count:])
        return filled(vjp(f, xs)[1](v), xs)

    return pull_back
