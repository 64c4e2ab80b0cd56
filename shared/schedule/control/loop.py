"""A loop until a condition fails, as one primitive.

Operands: constants of the test | constants of the body | carries. Forward mode and vmap are loops
of the transformed body. Reverse mode needs to know how much there is to keep: with `most` steps
given it is a scan of that many, in which a step after the end is skipped.
"""

import numpy as np

from ... import batching, forward
from ...custom import batch_size, spread
from ...errors import NotDifferentiableError
from ...primitives.cast import convert
from ...primitives.comparison import logical_and
from ...primitives.reduction import any as reduce_any
from ...primitives.rules import active_operands, zeros_like
from .body import on_one_device
from .branch import Switch
from .dependence import reached, settled
from .rows import chosen_rows, rows_that
from .scan import Scan, batched_program
from .structured import Structured


class While(Structured):
    """carries = body(carries) while test(carries), `most` times at most."""

    def __init__(self, test, body, tested, constants, most=None, name="while_loop"):
        super().__init__(name, [test, body])
        self.tested, self.constants, self.most = tested, constants, most

    test = property(lambda self: self.programs[0])
    body = property(lambda self: self.programs[1])
    first = property(lambda self: self.tested + self.constants)

    @property
    def static(self):
        """Test and body, and the bound."""
        return {
            "test": self.test.graph, "body": self.body.graph, "tested": self.tested,
            "constants": self.constants, "most": self.most,
        }  # fmt: skip

    def abstract(self, *args, **static):
        """Carries as the body gives them."""
        return [(tuple(z.shape), z.dtype) for z in self.body.graph.outputs]

    def kernel(self, *args):
        """The loop, in Python."""
        test, body = self.test.run, self.body.run
        tested, constants, carry = self.split(list(args))
        steps = 0
        while steps != self.most and test([*tested, *carry])[0]:
            carry = body([*constants, *carry])
            steps += 1
        return tuple(carry)

    def split(self, leaves):
        """(constants of the test, constants of the body, carries)"""
        return leaves[: self.tested], leaves[self.tested : self.first], leaves[self.first :]

    def settled(self, places, differentiable=False):
        """(flags of the test's constants, of the body's, of the carries after any steps)"""
        flags = [i in places for i in range(self.first + len(self.body.graph.outputs))]
        tested, constants, carry = self.split(flags)
        graph = self.body.graph
        flags = settled(graph, [*constants, *carry], self.constants, len(carry), differentiable)
        return tested, flags[: self.constants], flags[self.constants :]

    def trace(self, args, level=None):
        """The derivative of a scan of `most` steps, each of which may be skipped."""
        if self.most is None:
            return self(*args), self._unbounded
        scan = self.body.derived(("while scan", self.tested, self.most), self._scan)
        return scan.at(self.places).trace(args, level)

    def _unbounded(self, gz):
        raise NotDifferentiableError(
            f"{self.name}: reverse mode must keep what every step computed, but nothing bounds the "
            "number of steps; give while_loop(..., max_steps=N), or use fori_loop with bounds that "
            "are Python integers, or scan; forward mode (jvp, jacfwd) takes any loop"
        )

    def _scan(self):
        test, body = self.test, self.body
        skip = body.like(
            lambda *leaves: leaves[self.constants :], body.graph.inputs
        )  # first of two: where the test fails

        def step(*leaves):
            tested, constants, carry = self.split(leaves)
            going = convert(test.graph(*tested, *carry)[0], dtype=np.dtype(np.int64))
            return list(Switch([skip, body], self.name)(going, *constants, *carry))

        like = [*test.graph.inputs[: self.tested], *body.graph.inputs]
        return Scan(
            body.like(step, like), self.first, len(body.graph.outputs), self.most, name=self.name
        )

    def dual(self, mask, tangents, args, static):
        """A loop that carries tangents beside the carries; the test does not see them."""
        given = dict(zip(active_operands(self, mask), tangents, strict=True))
        _, constants, carries = self.settled(given, differentiable=True)
        test, body = self.body.derived(
            ("while jvp", tuple(constants), tuple(carries)),
            lambda: self._tangent(constants, carries),
        )
        places = range(len(args))
        tested, moving, carried = self.split(list(args))

        def tangents_of(places, flags):
            chosen = [i for i, flag in zip(places, flags, strict=True) if flag]
            return [given[i] if i in given else zeros_like(args[i]) for i in chosen]

        moving += tangents_of(self.split(places)[1], constants)
        carry = [*carried, *tangents_of(self.split(places)[2], carries)]
        found = self.loop(test, body, self.tested, len(moving))(*tested, *moving, *carry)
        rest = iter(found[len(carried) :])
        return found[: len(carried)], [next(rest) if flag else None for flag in carries]

    def loop(self, test, body, tested, constants):
        """Another loop under the same bound."""
        return While(test, body, tested, constants, self.most, self.name)

    def _tangent(self, constants, carries):
        """(test, body) for carries with their tangents behind."""
        graph, count = self.body.graph, len(carries)
        fixed, carried = graph.inputs[: self.constants], graph.inputs[self.constants :]

        def both(*leaves):
            rest, primals, tangents = iter(leaves), [], []
            for group, flags in ((fixed, constants), (carried, carries)):
                primals += [next(rest) for _ in group]
                tangents += [next(rest) if flag else None for flag in flags]
            outs, douts = forward.jvp(graph, primals, tangents)
            pairs = zip(outs, douts, carries, strict=True)
            return [*outs, *[zeros_like(z) if d is None else d for z, d, flag in pairs if flag]]

        def test(*leaves):
            return self.test.graph(*leaves[: self.tested + count])

        of_constants = [v for v, flag in zip(fixed, constants, strict=True) if flag]
        of_carries = [v for v, flag in zip(carried, carries, strict=True) if flag]
        body = self.body.like(both, [*fixed, *of_constants, *carried, *of_carries])
        return self.test.like(test, [*self.test.graph.inputs, *of_carries]), body

    def batch_rule(self, args, batched):
        """One loop for the whole batch; where elements end at different times, until all have."""
        args, size = on_one_device(args), batch_size(args, batched)
        flags = self.settled([i for i, flag in enumerate(batched) if flag])
        tested, constants, carries = flags
        if reached(self.test.graph, [*tested, *carries])[0]:
            return self._until_all(args, batched, size)
        test, body = self.body.derived(
            ("while vmap", tuple(tested), tuple(constants), tuple(carries), size),
            lambda: self._batched(flags, size),
        )
        fixed, carry = args[: self.first], args[self.first :]
        given = zip(carry, batched[self.first :], carries, strict=True)
        carry = [spread(x, had, size) if flag else x for x, had, flag in given]
        found = self.loop(test, body, self.tested, self.constants)(*fixed, *carry)
        return [spread(z, flag, size) for z, flag in zip(found, carries, strict=True)]

    def _batched(self, flags, size):
        tested, constants, carries = flags

        def many(*leaves):
            outs, made = batching.vmap(self.body.graph, leaves, [*constants, *carries], size)
            given = zip(outs, made, carries, strict=True)
            return [spread(z, had, size) if flag else z for z, had, flag in given]

        def test(*leaves):
            return batching.vmap(self.test.graph, leaves, [*tested, *carries], size)[0]

        return (
            batched_program(self.test, test, [*tested, *carries], size),
            batched_program(self.body, many, [*constants, *carries], size),
        )

    def _until_all(self, args, batched, size):
        """The loop of a batch whose elements end at different times: these wait, unchanged."""
        fixed, carry = list(args[: self.first]), args[self.first :]
        carry = [spread(x, had, size) for x, had in zip(carry, batched[self.first :], strict=True)]
        flags = batched[: self.first]
        first, test, body = self.body.derived(
            ("while vmap until all", tuple(flags), size), lambda: self._waiting(flags, size)
        )
        going = first(*fixed[: self.tested], *carry)
        loop = self.loop(test, body, 0, self.first)
        return loop(*fixed, *carry, *going)[: len(carry)]

    def _waiting(self, flags, size):
        """(which elements begin, whether any goes on, one step of those that do)"""
        count = len(self.body.graph.outputs)
        tested, constants = flags[: self.tested], flags[self.tested :]
        all_carries = [True] * count

        def test(*leaves):
            outs, made = batching.vmap(self.test.graph, leaves, [*tested, *all_carries], size)
            return [spread(outs[0], made[0], size)]

        def body(*leaves):
            *leaves, going = leaves
            fixed, carry = leaves[: self.first], leaves[self.first :]
            inside = chosen_rows(going, leaves[self.tested :], [*constants, *all_carries], size)
            outs, made = batching.vmap(self.body.graph, inside, [*constants, *all_carries], size)
            outs = [spread(z, had, size) for z, had in zip(outs, made, strict=True)]
            new = [rows_that(going, z, x) for z, x in zip(outs, carry, strict=True)]
            still = test(*fixed[: self.tested], *new)[0]
            return [*new, logical_and(going, still)]

        def some(*leaves):
            return [reduce_any(leaves[-1], axis=(0,), keepdims=False)]

        first = batched_program(self.test, test, [*tested, *all_carries], size)
        carried = list(first.graph.inputs[self.tested :])
        going = first.graph.outputs[0]
        fixed = list(first.graph.inputs[: self.tested])
        wide = batched_program(
            self.body, lambda *leaves: list(leaves), [*constants, *all_carries], size
        )
        fixed += wide.graph.inputs[: self.constants]
        return (
            first,
            self.test.like(some, [*carried, going]),
            self.body.like(body, [*fixed, *carried, going]),
        )
