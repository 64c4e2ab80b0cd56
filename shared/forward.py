"""Forward mode: a dual number carries a value and its tangent side by side."""

from .dispatch import Trace, Value
from .primitives.reduction import broadcast_to
from .primitives.rules import zeros_like


class Dual(Value):
    """A value and its tangent under one `jvp`."""

    __slots__ = ("level", "tangent", "trace", "value")

    def __init__(self, value, tangent, trace):
        self.value = value
        self.tangent = tangent
        self.trace = trace
        self.level = trace.level

    def interpret(self, primitive, args, static):
        """Apply one level down, to the values and, by the JVP rule, to the tangents."""
        trace = self.trace
        if not trace.alive:
            raise trace.leak(self, primitive)
        values, tangents, mask, bit, active = [], [], 0, 1, primitive.active
        for a in args:
            if a.__class__ is Dual and a.level == trace.level:
                if a.trace is not trace:
                    raise a.trace.leak(a, primitive)
                values.append(a.value)
                if active & bit:
                    mask |= bit
                    tangents.append(a.tangent)
            else:
                values.append(a)
            bit <<= 1
        if mask and primitive.dual is not None:
            z, dz = primitive.dual(mask, tangents, values, static)
        else:
            z = primitive(*values, **static)
            if not mask:
                return z
            dz = primitive.push(mask, tangents, values, z, static)
        if primitive.outputs is None:
            return dual(z, dz, trace)
        return tuple([dual(x, dx, trace) for x, dx in zip(z, dz, strict=True)])


def dual(z, dz, trace):
    """z with tangent dz, widened to the shape of z; z alone where dz is a symbolic zero (None)."""
    if dz is None:
        return z
    if dz.shape != z.shape:
        dz = broadcast_to(dz, shape=z.shape)
    return Dual(z, dz, trace)


def jvp(f, args, tangents):
    """(out, dout): f(*args) and its directional derivative.

    A tangent may be None, which is zero; so may an entry of dout, where it does not depend on args.
    out is what f returned, a list of arrays or Values.
    """
    with Trace("jvp") as trace:
        given = zip(args, tangents, strict=True)
        out = f(*[a if da is None else Dual(a, da, trace) for a, da in given])
        out = [trace.settle(x) for x in out]
    made = [x.__class__ is Dual and x.trace is trace for x in out]
    values = [x.value if m else x for x, m in zip(out, made, strict=True)]
    return values, [x.tangent if m else None for x, m in zip(out, made, strict=True)]


def instantiate(dz, z):
    """dz, or zeros in the shape of z where it is a symbolic zero."""
    return zeros_like(z) if dz is None else dz
