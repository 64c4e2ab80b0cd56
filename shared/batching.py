"""vmap: a batched value carries the batch as its leading axis, and primitives their batch rules."""

from .dispatch import Trace, Value


class Batched(Value):
    """A value with a hidden leading axis under one `vmap`."""

    __slots__ = ("level", "trace", "value")

    def __init__(self, value, trace):
        self.value = value
        self.trace = trace
        self.level = trace.level

    @property
    def shape(self):
        """The shape of one element of the batch."""
        return self.value.shape[1:]

    def interpret(self, primitive, args, static):
        """Apply the batch rule one level down."""
        trace = self.trace
        if not trace.alive:
            raise trace.leak(self, primitive)
        values, batched = [], []
        for a in args:
            mine = a.__class__ is Batched and a.level == trace.level
            if mine and a.trace is not trace:
                raise a.trace.leak(a, primitive)
            values.append(a.value if mine else a)
            batched.append(mine)
        try:
            z = primitive.batch_rule(values, batched, **static)
        except Exception as error:  # in shapes of one element, if it is the shapes that do not fit
            raise primitive.explain(error, args, static) from None
        if primitive.outputs is None:
            return Batched(z, trace)
        return tuple([Batched(x, trace) for x in z])


def vmap(f, args, mapped, size):
    """(out, batched): f over the leading axis of the mapped args.

    out: what f returned, with the batch leading where the flag in `batched` is set.
    """
    with Trace("vmap", size) as trace:
        out = f(*[Batched(a, trace) if m else a for a, m in zip(args, mapped, strict=True)])
        out = [trace.settle(x) for x in out]
    made = [x.__class__ is Batched and x.trace is trace for x in out]
    return [x.value if m else x for x, m in zip(out, made, strict=True)], made
