"""Functions with derivatives of their own: a `Call` is a primitive made for one call.

Its operands and results are lists of leaves (the paradigms add pytrees). Each kind states one
linear map and has both modes from it: the VJP of a `ForwardRule` transposes its rule in the
tangents, the JVP of a `ReverseRule` transposes its backward function in the cotangent. The pairing
has no conjugate, so one transposition serves both. A batch rule is a new call, of the batched
functions.
"""

from . import batching, forward, tape
from .dispatch import Value, highest
from .errors import describe
from .primitives.barrier import stop_gradient
from .primitives.primitive import Primitive
from .primitives.reduction import broadcast_to
from .primitives.reduction import sum as reduce_sum
from .primitives.rules import active_operands, zeros_like
from .primitives.shape import reshape


class Call(Primitive):
    """run(*leaves) -> leaves, as one primitive with rules of its own.

    trace(args) gives (results, link): link is the linear map from the cotangents of all results to
    one cotangent (or None) per operand. A subclass states it, and `dual` and `batch_rule`.
    """

    outputs, view, variadic = "many", False, True
    operands, statics = ("xs",), ()
    plans: dict = {}  # noqa: RUF012  always empty: a plan is made for each call
    active = level = 0
    guarded = False

    def __init__(self, name, run):
        self.name, self.run = name, run

    def __call__(self, *args, **static):
        """Apply to leaves; the highest Value among them takes the call."""
        top = highest(args)
        if top is None:
            return self.kernel(*args)
        self.active = sum(1 << i for i, a in enumerate(args) if is_inexact(a))
        # What changes in place must be guarded, and reconnected where a backward pass is recorded.
        self.guarded = hasattr(top, "version")
        self.level = level = top.level
        return tuple([self._settled(z, level) for z in top.interpret(self, args, {})])

    def _settled(self, z, level):
        """A result, without a derivative where its dtype has none. Refuses foreign payloads."""
        if isinstance(z, Value) and z.level == level:
            self.refuse(level, z.value, getattr(z, "tangent", None))
        return z if is_inexact(z) or not isinstance(z, Value) else stop_gradient(z)

    def refuse(self, level, *values):
        """The error for a value that came in by the side: nobody would carry its derivative."""
        for x in values:
            if isinstance(x, Value) and x.level >= level:
                raise TypeError(
                    f"{self.name}: the function uses a traced {describe(x)} that is no argument, "
                    "so its derivative would be lost; pass it as an argument"
                )

    def kernel(self, *args):
        """The function itself."""
        return tuple(self.run(*args))

    def abstract(self, *args, **static):
        """(shape, dtype) of every result, as the function itself gives them for such operands."""
        return [(tuple(z.shape), z.dtype) for z in self.run(*args)]

    def explain(self, error, args, static):
        """The error as it is: the function is the user's."""
        return error

    def staged(self, recording, args):
        """Under a capture: one equation of this call, whose body is the function's own graph.

        So a derivative taken of the graph meets the rule of this call.
        """
        self.body = recording.body(self, args)
        return recording.write(self, args, [(z.shape, z.dtype) for z in self.body.outputs], {})

    def reverse(self, mask):
        """The plan of this call."""
        return CallPlan(self, mask)

    def push(self, mask, tangents, args, z, static):
        """The tangents of the results."""
        return self.dual(mask, tangents, args, static)[1]

    def full(self, mask, tangents, args):
        """One tangent per operand: zeros where none was given."""
        given = dict(zip(active_operands(self, mask), tangents, strict=True))
        return [given[i] if i in given else zeros_like(a) for i, a in enumerate(args)]


class CallPlan:
    """What `rules.Plan` is to other primitives: keeps the link, and the operands of Tensors."""

    def __init__(self, primitive, mask):
        self.primitive, self.output_kept = primitive, None
        self.active = active_operands(primitive, mask)
        self.operands_kept = [(0, 0)] if primitive.guarded else []  # all, as of any variadic
        self.guarded = None if primitive.guarded else ()
        self.guards_all = self.guarded is None

    def record(self, run, kind, args, parents, static):
        """Apply the call one level down and make its node."""
        level = self.primitive.level
        z, link = self.primitive.trace(args, level)
        operands = tuple(args) if self.operands_kept else ()
        return tuple(z), kind(self, parents, (operands, operands, link), None, None)

    def pull(self, gz, kept):
        """One cotangent per active operand.

        A recorded backward pass puts Tensors in place of the operands; the link is then made anew.
        """
        operands, original, link = kept
        if any(a is not b for a, b in zip(operands, original, strict=True)):
            link = self.primitive.trace(operands)[1]
        gs = link(gz)
        return tuple([gs[i] for i in self.active])


class ForwardRule(Call):
    """A function whose rule is rule(leaves, tangents) -> (results, tangents of the results).

    A tangent of a result may be None, which is zero.
    """

    def __init__(self, name, run, rule):
        super().__init__(name, run)
        self.rule = rule

    def trace(self, args, level=None):
        """See the class: the link is the transpose of the rule, which is linear in the tangents."""
        places = [i for i, a in enumerate(args) if is_inexact(a)]
        moved, count = [], [0]

        def tangent_map(*tangents):
            full = [zeros_like(a) for a in args]
            for i, t in zip(places, tangents, strict=True):
                full[i] = t
            outs, douts = self.rule(args, full)
            moved[:] = [i for i, d in enumerate(douts) if d is not None]
            count[0] = len(outs)
            return [*outs, *[douts[i] for i in moved]]

        values, pull = tape.vjp(tangent_map, [zeros_like(args[i]) for i in places], self.name)
        if level is not None:
            self.refuse(level, *values)

        def link(gz):
            found = pull([None] * count[0] + [gz[i] for i in moved])
            gs = [None] * len(args)
            for i, g in zip(places, found, strict=True):
                gs[i] = g
            return gs

        return values[: count[0]], link

    def dual(self, mask, tangents, args, static):
        """The rule itself."""
        return self.rule(args, self.full(mask, tangents, args))

    def batch_rule(self, args, batched):
        """A call of the batched functions."""
        size = batch_size(args, batched)
        run = leading(self.run, batched, size)
        moved = []

        def both(*leaves):
            outs, douts = self.rule(leaves[: len(args)], leaves[len(args) :])
            moved[:] = [d is not None for d in douts]
            return [*outs, *[d for d in douts if d is not None]]

        many = leading(both, [*batched, *batched], size)

        def rule(leaves, tangents):
            results = iter(many(*leaves, *tangents))
            outs = [next(results) for _ in moved]
            return outs, [next(results) if m else None for m in moved]

        return ForwardRule(self.name, run, rule)(*args)


class ReverseRule(Call):
    """A function whose rule is ahead(*leaves) -> (results, residuals, note) and back.

    back(note, residuals, cotangents) gives one cotangent (or None) per operand. residuals: a list
    of leaves; note: anything that back needs to know besides.
    """

    def __init__(self, name, run, ahead, back):
        super().__init__(name, run)
        self.ahead, self.back = ahead, back

    def trace(self, args, level=None):
        """See the class."""
        outs, residuals, note = self.ahead(*args)
        if level is not None:
            self.refuse(level, *outs, *residuals)
        return outs, lambda gz: self.back(note, residuals, gz)

    def dual(self, mask, tangents, args, static):
        """The link is linear in the cotangents; its transpose takes tangents to tangents."""
        outs, residuals, note = self.ahead(*args)
        places = [i for i, z in enumerate(outs) if is_inexact(z)]
        active, moved = active_operands(self, mask), []

        def link(*cotangents):
            full = [zeros_like(z) for z in outs]
            for i, g in zip(places, cotangents, strict=True):
                full[i] = g
            gs = self.back(note, residuals, full)
            moved[:] = [gs[i] is not None for i in active]
            return [gs[i] for i in active if gs[i] is not None]

        _, transposed = tape.vjp(link, [zeros_like(outs[i]) for i in places], self.name)
        found = transposed([t for t, m in zip(tangents, moved, strict=True) if m])
        douts = [None] * len(outs)
        for i, d in zip(places, found, strict=True):
            douts[i] = d
        return outs, douts

    def batch_rule(self, args, batched):
        """A call of the batched functions; what one operand shares, all elements add to."""
        size = batch_size(args, batched)

        def ahead(*leaves):
            return self._ahead_batched(leaves, batched, size)

        def back(note, residuals, cotangents):
            return self._back_batched(note, residuals, cotangents, batched, size)

        return ReverseRule(self.name, leading(self.run, batched, size), ahead, back)(*args)

    def _ahead_batched(self, leaves, batched, size):
        made = []

        def flat(*elements):
            outs, residuals, note = self.ahead(*elements)
            made[:] = [len(outs), note]
            return [*outs, *residuals]

        values, flags = batching.vmap(flat, leaves, batched, size)
        count, note = made
        outs = [spread(x, m, size) for x, m in zip(values[:count], flags[:count], strict=True)]
        return outs, values[count:], (note, flags[count:])

    def _back_batched(self, note, residuals, cotangents, batched, size):
        note, flags = note
        present = []

        def flat(*leaves):
            gs = self.back(note, leaves[: len(residuals)], leaves[len(residuals) :])
            present[:] = [g is not None for g in gs]
            return [g for g in gs if g is not None]

        flags = [*flags, *[True] * len(cotangents)]
        values, made = batching.vmap(flat, [*residuals, *cotangents], flags, size)
        found = iter([spread(x, m, size) for x, m in zip(values, made, strict=True)])
        gs = [next(found) if p else None for p in present]
        return [
            g if g is None or b else reduce_sum(g, axis=(0,), keepdims=False)
            for g, b in zip(gs, batched, strict=True)
        ]


class Recomputed(Call):
    """A function that the tape keeps no intermediate values of: the backward pass runs it again.

    So do the derivatives of that backward pass, and so on.
    """

    def like(self, run):
        """A call of another function, recomputed in the same way."""
        return Recomputed(self.name, run)

    def trace(self, args, level=None):
        """The link runs the function, and then backward through it."""
        outs = self(*args)
        places = [i for i, z in enumerate(outs) if is_inexact(z)]

        def link(gz):
            present = []

            def again(*leaves):
                _, pull = tape.vjp(self._inexact(places), leaves[: len(args)], self.name)
                gs = pull(leaves[len(args) :], free=True)
                present[:] = [g is not None for g in gs]
                return [g for g in gs if g is not None]

            found = iter(self.like(again)(*args, *[gz[i] for i in places]))
            return [next(found) if p else None for p in present]

        return outs, link

    def _inexact(self, places):
        """The function, of whose results only those at `places` are returned."""

        def run(*leaves):
            outs = self.run(*leaves)
            return [outs[i] for i in places]

        return run

    def dual(self, mask, tangents, args, static):
        """The JVP of the function, itself recomputed where somebody records it."""
        moved, active = [], active_operands(self, mask)

        def both(*leaves):
            full = [None] * len(args)
            for i, t in zip(active, leaves[len(args) :], strict=True):
                full[i] = t
            outs, douts = forward.jvp(self.run, leaves[: len(args)], full)
            moved[:] = [d is not None for d in douts]
            return [*outs, *[d for d in douts if d is not None]]

        results = iter(self.like(both)(*args, *tangents))
        outs = [next(results) for _ in moved]
        return outs, [next(results) if m else None for m in moved]

    def batch_rule(self, args, batched):
        """A call of the batched function."""
        return self.like(leading(self.run, batched, batch_size(args, batched)))(*args)


def is_inexact(x):
    """True for what has derivatives: float and complex arrays and Values, but no Python numbers."""
    dtype = getattr(x, "dtype", None)
    return dtype is not None and dtype.kind in "fc" and getattr(x, "weak", None) is None


def batch_size(args, batched):
    """The size of the batch that the flagged operands carry."""
    return next(a.shape[0] for a, flag in zip(args, batched, strict=True) if flag)


def spread(x, made, size):
    """x with a leading batch: as it is, or repeated where it does not depend on the batch."""
    if made:
        return x
    return broadcast_to(reshape(x, shape=(1, *x.shape)), shape=(size, *x.shape))


def leading(function, batched, size):
    """`function` over the batch that the flagged arguments carry; every result leads with it."""

    def many(*leaves):
        values, made = batching.vmap(function, leaves, batched, size)
        return [spread(x, m, size) for x, m in zip(values, made, strict=True)]

    return many
