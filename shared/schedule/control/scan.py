"""A loop over the leading axis of its operands, as one primitive.

Operands: constants | carries | xs. The body takes constants, carries and one slice of each x, and
gives carries and one slice of each y; results are the last carries and the ys, stacked. Every
transform of a scan is a scan of the transformed body.
"""

import numpy as np

from ... import batching, forward
from ...custom import batch_size, spread
from ...primitives.rules import active_operands, zeros_like
from ...primitives.shape import moved, transpose
from .adjoint import Adjoint
from .body import on_one_device
from .dependence import settled
from .structured import Structured


class Scan(Structured):
    """carries, ys = a loop of `length` steps of one body; from_end: the last slice comes first."""

    def __init__(self, body, constants, carries, length, from_end=False, name="scan"):
        super().__init__(name, [body])
        self.constants, self.carries = constants, carries
        self.length, self.from_end = length, from_end

    @property
    def body(self):
        """The program of one step."""
        return self.programs[0]

    @property
    def static(self):
        """The body and how it is repeated."""
        return {
            "body": self.body.graph, "constants": self.constants, "carries": self.carries,
            "length": self.length, "from_end": self.from_end,
        }  # fmt: skip

    def abstract(self, *args, **static):
        """Carries as the body gives them, ys with a leading axis."""
        outputs, count = self.body.graph.outputs, self.carries
        carried = [(tuple(z.shape), z.dtype) for z in outputs[:count]]
        return carried + [((self.length, *z.shape), z.dtype) for z in outputs[count:]]

    def kernel(self, *args):
        """The loop, in Python: one run of the body's program for each step."""
        run, length, first = self.body.run, self.length, self.constants + self.carries
        constants, carry = list(args[: self.constants]), list(args[self.constants : first])
        xs, stacks = args[first:], None
        repeat = getattr(run, "repeat", None)
        if repeat is not None and length:
            found = repeat(constants, carry, xs, length, self.from_end)
            if found is not None:
                return found
        for t in range(length - 1, -1, -1) if self.from_end else range(length):
            out = run([*constants, *carry, *[x[t] for x in xs]])
            carry, ys = out[: self.carries], out[self.carries :]
            if stacks is None:
                stacks = [np.empty_like(y, shape=(length, *y.shape)) for y in ys]
            for stack, y in zip(stacks, ys, strict=True):
                stack[t] = y
        return (*carry, *(self.empty(args) if stacks is None else stacks))

    def empty(self, args):
        """The ys of no steps, on the device of the operands."""
        like = args[0] if args else np.zeros(())
        return [np.zeros_like(like, shape=s, dtype=d) for s, d in self.abstract()[self.carries :]]

    def split(self, leaves):
        """(constants, carries, xs) of a list with one entry per operand."""
        first = self.constants + self.carries
        return leaves[: self.constants], leaves[self.constants : first], leaves[first:]

    def settled(self, places, differentiable=False):
        """One flag per operand: those at `places`, and the carries that they reach in the loop."""
        flags = [i in places for i in range(len(self.body.graph.inputs))]
        return settled(self.body.graph, flags, self.constants, self.carries, differentiable)

    def repeated(self, body, constants, carries, name=None, from_end=None):
        """Another loop of as many steps."""
        from_end = self.from_end if from_end is None else from_end
        return Scan(body, constants, carries, self.length, from_end, name or self.name)

    def trace(self, args, level=None):
        """The link is a scan from the other end, over residuals that this one stacks."""
        active = self.settled(self.places, differentiable=True)
        adjoint = self.body.derived(
            ("scan vjp", self.constants, self.carries, tuple(active)),
            lambda: Adjoint(self, active),
        )
        return adjoint.trace(self, args)

    def dual(self, mask, tangents, args, static):
        """A scan that carries tangents beside the carries."""
        given = dict(zip(active_operands(self, mask), tangents, strict=True))
        flags = self.settled(given, differentiable=True)
        step, moved_ys = self.body.derived(
            ("scan jvp", self.constants, self.carries, tuple(flags)), lambda: self._tangent(flags)
        )
        groups = []
        parts = zip(self.split(range(len(args))), self.split(args), strict=True)
        for places, values in parts:
            full = [given[i] if i in given else zeros_like(args[i]) for i in places if flags[i]]
            groups.append([*values, *full])
        loop = self.repeated(step, len(groups[0]), len(groups[1]))
        found = loop(*groups[0], *groups[1], *groups[2])
        active = self.split(flags)[1]
        carried, ys = found[: len(groups[1])], found[len(groups[1]) :]
        rest = iter(carried[self.carries :])
        dcarried = [next(rest) if flag else None for flag in active]
        rest = iter(ys[len(moved_ys) :])
        dys = [next(rest) if flag else None for flag in moved_ys]
        return [*carried[: self.carries], *ys[: len(moved_ys)]], [*dcarried, *dys]

    def _tangent(self, flags):
        """(one step of values and tangents, which ys have a tangent)"""
        graph, moved_ys = self.body.graph, []
        groups = self.split(graph.inputs)
        active = self.split(flags)

        def both(*leaves):
            rest, primals, tangents = iter(leaves), [], []
            for group, chosen in zip(groups, active, strict=True):
                primals += [next(rest) for _ in group]
                tangents += [next(rest) if flag else None for flag in chosen]
            outs, douts = forward.jvp(graph, primals, tangents)
            carry, ys = outs[: self.carries], outs[self.carries :]
            dcarry, dys = douts[: self.carries], douts[self.carries :]
            dcarry = [
                zeros_like(z) if d is None else d
                for z, d, flag in zip(carry, dcarry, active[1], strict=True)
                if flag
            ]
            moved_ys[:] = [d is not None for d in dys]
            return [*carry, *dcarry, *ys, *[d for d in dys if d is not None]]

        like = []
        for group, chosen in zip(groups, active, strict=True):
            like += [*group, *[v for v, flag in zip(group, chosen, strict=True) if flag]]
        return self.body.like(both, like), moved_ys

    def batch_rule(self, args, batched):
        """A scan of the batched body; the scanned axis stays in front of the batch."""
        args, size = on_one_device(args), batch_size(args, batched)
        flags = self.settled([i for i, flag in enumerate(batched) if flag])
        key = ("scan vmap", self.constants, self.carries, tuple(flags), size)
        body, made = self.body.derived(key, lambda: self._batched(flags, size))
        constants, carry, xs = self.split(args)
        had, wanted = self.split(batched)[1], self.split(flags)[1]
        carry = [
            spread(x, before, size) if flag else x
            for x, before, flag in zip(carry, had, wanted, strict=True)
        ]
        flagged = zip(xs, self.split(batched)[2], strict=True)
        xs = [swap_leading(x) if flag else x for x, flag in flagged]
        found = self.repeated(body, self.constants, self.carries)(*constants, *carry, *xs)
        carried = [spread(z, m, size) for z, m in zip(found, wanted, strict=False)]
        ys = [
            swap_leading(y) if m else spread(y, False, size)
            for y, m in zip(found[self.carries :], made, strict=True)
        ]
        return [*carried, *ys]

    def _batched(self, flags, size):
        """(one step over a batch, which ys depend on it)"""
        made_ys = []
        wanted = self.split(flags)[1]

        def many(*leaves):
            outs, made = batching.vmap(self.body.graph, leaves, flags, size)
            made_ys[:] = made[self.carries :]
            carried = zip(outs, made, wanted, strict=False)
            carry = [spread(z, m, size) if flag else z for z, m, flag in carried]
            return [*carry, *outs[self.carries :]]

        return batched_program(self.body, many, flags, size), made_ys


def batched_program(program, function, flags, size):
    """function as a program, for operands like the program's, a batch where a flag is set."""
    pairs = zip(program.graph.inputs, flags, strict=True)
    like = [type(v)((size, *v.shape), v.dtype) if flag else v for v, flag in pairs]
    return program.like(function, like)


def swap_leading(x):
    """x with its first two axes in the other order."""
    return transpose(x, axes=moved(len(x.shape), 0, 1))
