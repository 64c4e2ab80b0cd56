"""Loops of known length: scan and map, and what fori_loop shares with them."""

import numpy as np

from ...shared import ops, tree
from ...shared.abstract import ShapeDtype
from ...shared.dispatch import Value, bottom
from ...shared.errors import describe
from ...shared.schedule.control.body import captured, is_traced, program_of
from ...shared.schedule.control.scan import Scan
from ..arguments import array_leaf, at_leaf, check_callable
from ..batching import vmap
from .carry import Carry, strong


def scan(f, init, xs=None, length=None, reverse=False, unroll=1):
    """(carry, ys): carry, y = f(carry, x) for one slice x of xs after another; the ys are stacked.

    xs: a pytree of arrays with one leading size, or None with a length. f must return the carry in
    the types in which it got it; a Python number in init takes the dtype that f gives it. reverse:
    the last slice comes first, and ys are stacked in the order of xs. unroll: how many steps are
    written out as one; True, all of them.

    Where nothing is traced f itself runs, step by step. Under a transform it is captured once, and
    the loop is one operation whose derivatives are loops, too: reverse mode keeps for each step
    what differs from step to step, and nothing else. Traced values that f closes over get their
    derivatives. Tensors may be operands, and are Tensors in f; what f then draws from a stateful
    generator is drawn once, at the capture: give keys as xs.

    >>> scan(lambda total, x: (total + x, total), 0.0, np.arange(4.0))
    (np.float64(6.0), array([0., 0., 1., 3.]))
    """
    check_callable("scan", f)
    operands, structure = tree.flatten(xs)
    operands = [array_leaf("scan", x) for x in operands]
    length = steps_of("scan", operands, structure, length)

    def step(carry, slices):
        pair = f(carry, structure.unflatten(slices))
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise TypeError(f"scan: f returns a pair (carry, y), but it returned {kind_of(pair)}")
        return pair

    loop = Loop("scan", step, init, operands, length, reverse)
    unroll = length if unroll is True else max(1, int(unroll))
    return loop.run(unroll)


def kind_of(x):
    """What a function returned, for an error."""
    return f"a tuple of {len(x)}" if isinstance(x, tuple | list) else describe(x)


def steps_of(operation, operands, structure, length):
    """The number of steps, on which all operands and `length` agree."""
    for i, x in enumerate(operands):
        if not x.shape:
            raise ValueError(
                f"{operation}: xs is {describe(x)}{at_leaf(structure, i)}, which has no leading "
                "axis to loop over"
            )
        if x.shape[0] != operands[0].shape[0]:
            raise ValueError(
                f"{operation}: the leading sizes of xs differ: {describe(operands[0])}"
                f"{at_leaf(structure, 0)}, but {describe(x)}{at_leaf(structure, i)}"
            )
    if not operands and length is None:
        raise ValueError(
            f"{operation}: neither xs nor length tells the number of steps; give length="
        )
    if length is not None and operands and int(length) != operands[0].shape[0]:
        raise ValueError(
            f"{operation}: length is {length}, but the leading size of xs is "
            f"{operands[0].shape[0]} ({describe(operands[0])}{at_leaf(structure, 0)})"
        )
    return int(length) if length is not None else operands[0].shape[0]


class Loop:
    """A loop of `length` steps: step(carry, slices of the operands) -> (carry, y), over pytrees.

    like: what a step sees of the operands, by default one slice of each.
    """

    def __init__(self, operation, step, init, operands, length, reverse=False, like=None):
        self.operation, self.step = operation, step
        self.carry = Carry(operation, init)
        self.operands, self.length, self.reverse = operands, length, reverse
        self.like = like or [ShapeDtype(x.shape[1:], x.dtype) for x in operands]
        self.ys = tree.structure(None)

    def run(self, unroll=1):
        """(carry, ys): in Python where nothing is traced, else as one operation."""
        leaves = [*self.carry.leaves, *self.operands]
        if self.length and (unroll >= self.length or not is_traced(leaves)):
            return self.joined(self.in_python(range(self.length)))
        self.carry.settle(self._types)
        return self.joined(self.unrolled(unroll) if unroll > 1 else self.staged())

    def joined(self, leaves):
        """(carry, ys) from their leaves."""
        count = len(self.carry)
        return self.carry.structure.unflatten(leaves[:count]), self.ys.unflatten(leaves[count:])

    def outs(self, carry, slices):
        """(leaves of the carry, leaves of y) after one step."""
        out, y = self.step(self.carry.structure.unflatten(carry), slices)
        ys, self.ys = tree.flatten(y)
        places = [(self.ys, i) for i in range(len(ys))]
        ys = [strong(self.operation, y, returned=at) for y, at in zip(ys, places, strict=True)]
        return self.carry.returned(out), ys

    def _flat(self, leaves):
        count = len(self.carry)
        outs, ys = self.outs(leaves[:count], leaves[count:])
        return self.carry.checked(outs) + ys

    def _types(self, carry):
        """What stands for the carry after one step from these leaves."""

        def raw(*leaves):
            return self.outs(leaves[: len(carry)], leaves[len(carry) :])[0]

        like = [*carry, *self.like]
        return captured(raw, like, self.operation, [*carry, *self.operands])[0].outputs

    def slices(self, t):
        """What step t sees of the operands."""
        return [x[t] for x in self.operands]

    def in_python(self, places, carry=None):
        """The leaves of carry and ys, step by step."""
        places = list(places)[::-1] if self.reverse else list(places)
        self.carry.settle(lambda leaves: self.outs(leaves, self.slices(places[0]))[0])
        carry, stacks = self.carry.leaves if carry is None else carry, None
        for at, t in enumerate(places):
            outs, ys = self.outs(carry, self.slices(t))
            carry = self.carry.checked(outs)
            stacks = stacks or [Stack(y, len(places)) for y in ys]
            for stack, y in zip(stacks, ys, strict=True):
                stack.put(len(places) - 1 - at if self.reverse else at, y)
        return [*carry, *[stack.whole() for stack in stacks or []]]

    def staged(self):
        """The leaves of carry and ys, from one operation."""
        like = [*self.carry.leaves, *self.like]
        leaves = [*self.carry.leaves, *self.operands]
        graph, outer = captured(lambda *xs: self._flat(xs), like, self.operation, leaves)
        loop = Scan(
            program_of(graph), len(outer), len(self.carry), self.length, self.reverse,
            self.operation,
        )  # fmt: skip
        return list(loop(*outer, *leaves))

    def unrolled(self, steps):
        """The same with several steps written out as one; the last few, if any, one by one."""
        whole = self.length // steps * steps
        rest = range(whole, self.length)
        carry, count = None, len(self.carry)
        ends = self.in_python(rest) if rest and self.reverse else None
        if ends is not None:
            carry = ends[:count]
        found = self._chunks(steps, whole, carry)
        if rest and not self.reverse:
            ends = self.in_python(rest, carry=found[:count])
        if ends is None:
            return found
        final = found if self.reverse else ends
        pairs = zip(found[count:], ends[count:], strict=True)
        return [*final[:count], *[ops.concatenate(pair) for pair in pairs]]

    def chunks(self, steps, whole):
        """(the operands of the first `whole` steps with so many to a slice, what a step sees)"""
        shape = whole // steps, steps
        return [ops.reshape(x[:whole], (*shape, *x.shape[1:])) for x in self.operands], None

    def within(self, slices, j):
        """What step j of several sees of the slices of all of them."""
        return [x[j] for x in slices]

    def _chunks(self, steps, whole, carry):
        """The first `whole` steps, so many at a time."""

        def chunk(carry, slices):
            part = Loop(
                self.operation, lambda c, j: self.step(c, self.within(slices, j[0])), carry,
                [range(steps)], steps, self.reverse, like=[()],
            )  # fmt: skip
            found = part.in_python(range(steps))
            self.ys = part.ys
            return part.joined(found)

        operands, like = self.chunks(steps, whole)
        init = self.carry.structure.unflatten(self.carry.leaves if carry is None else carry)
        loop = Loop(self.operation, chunk, init, operands, whole // steps, self.reverse, like)
        found = loop.staged()
        ys = [ops.reshape(y, (whole, *y.shape[2:])) for y in found[len(self.carry) :]]
        return [*found[: len(self.carry)], *ys]


class Stack:
    """Values side by side: arrays are written into one array as they come, until a Value does."""

    def __init__(self, like, length):
        self.array, self.parts = np.empty_like(bottom(like), shape=(length, *like.shape)), None

    def put(self, i, value):
        """Write down entry i."""
        if self.parts is None and isinstance(value, Value):
            self.parts = list(self.array)
        if self.parts is None:
            self.array[i] = value
        else:
            self.parts[i] = value

    def whole(self):
        """All entries along a new leading axis."""
        return self.array if self.parts is None else ops.stack(self.parts)


def map(f, xs, *, batch_size=None):
    """f of one entry after another along the leading axis of every leaf; the results are stacked.

    As vmap(f)(xs), but one call at a time: for what vmap does not take, or to save memory.
    batch_size: so many entries at a time, by vmap.

    >>> map(lambda x: x + 1, np.arange(3))
    array([1, 2, 3])
    """
    check_callable("lax.map", f)
    leaves, structure = tree.flatten(xs)
    leaves = [array_leaf("lax.map", x) for x in leaves]
    length = steps_of("lax.map", leaves, structure, None)
    if batch_size is None:
        return Loop(
            "lax.map", lambda _, x: (None, f(structure.unflatten(x))), None, leaves, length
        ).run()[1]
    size = int(batch_size)
    whole = length // size * size
    chunks = structure.unflatten(
        [ops.reshape(x[:whole], (whole // size, size, *x.shape[1:])) for x in leaves]
    )
    found = tree.map(lambda y: ops.reshape(y, (whole, *y.shape[2:])), map(vmap(f), chunks))
    if whole == length:
        return found
    rest = vmap(f)(structure.unflatten([x[whole:] for x in leaves]))
    return tree.map(lambda *parts: ops.concatenate(parts), found, rest)
