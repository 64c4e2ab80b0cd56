"""Reverse mode, shared by both paradigms: record() writes a node, backward() walks them.

A node holds the values that its primitive's rules name and nothing else; the values that flow
through the program are free to die. Nodes are numbered as they are made, so that the highest number
among those reached is always ready: backward is a heap, never a recursion.
"""

from heapq import heappop, heappush

import numpy as np

from .cotangents import LAZY, SPARSE, Slots, Terms, added, dense
from .dispatch import PLAIN, Trace, Value
from .node import Node, new
from .primitives.cast import cast
from .primitives.reduction import sum as reduce_sum
from .primitives.reduction import widened

FREED = object()


def leaf(x):
    """A node without parents for the array or value x."""
    return Node(None, (), None, x.shape, x.dtype)


def record(primitive, values, parents, mask, static, plain=False, kind=Node):
    """Apply `primitive` one level down and record it as a node of class `kind`: (z, node).

    values: the operands one level down; mask: which of them are on the tape; parents: their nodes;
    plain: every value is known to be a NumPy array, so nobody else needs to be asked.
    """
    plan = primitive.plans.get(mask) or primitive.reverse(mask)
    if not plain:
        return plan.record(primitive, kind, values, parents, static)
    try:
        return plan.record(primitive.kernel, kind, values, parents, static)
    except Exception as error:
        raise primitive.explain(error, values, static) from None


class Select:
    """The plan of a node that stands for one output of a primitive with several."""

    __slots__ = ("index", "primitive")

    def __init__(self, primitive, index):
        self.primitive, self.index = primitive, index

    def pull(self, gz, kept):
        """Put the cotangent in its place among those of all outputs."""
        return (Slots({self.index: gz}, kept),)

    pull_terms = pull


def outputs_of(z, node):
    """One node per output of a primitive with several; their cotangents meet in `node`."""
    like = [(x.shape, x.dtype) for x in z]
    primitive = node.plan.primitive
    kept = [None] * len(like) if primitive.zeros_are_none else like
    return [Node(Select(primitive, i), (node,), kept, *like[i]) for i in range(len(like))]


class Arrived:
    """What has arrived at a node: the sum of its cotangents so far.

    owned: the sum is an array of our own, which further contributions are added to in place. The
    first contribution may be anybody's array and is only held; the second makes one of our own.
    """

    __slots__ = ("node", "owned", "total")

    def __init__(self, node, total):
        self.node, self.total, self.owned = node, total, False

    def add(self, g):
        """Add a further contribution."""
        total = self.total
        if g.__class__ is Terms or total.__class__ is Terms:
            if g.__class__ not in SPARSE and total.__class__ not in SPARSE:
                self.total = added(total, g)
                return
            g, total = [a.dense() if a.__class__ is Terms else a for a in (g, total)]
        if g.__class__ in LAZY:
            total = g.plus(total, self.owned)
        elif self.owned and not isinstance(g, Value):  # forward over reverse: g may be a dual
            np.add(total, g, out=total)
            return
        elif total.__class__ in LAZY:
            total = total.plus(g, False)
        else:
            total = total + g
        self.total = total
        self.owned = not isinstance(total, (Value, np.generic, Slots))


def fit(g, node):
    """Undo broadcasting and casting: the cotangent in its node's shape and dtype."""
    if g.shape != node.shape:
        wide = g.shape
        lead = len(wide) - len(node.shape)
        axis = tuple(range(lead)) + tuple(i + lead for i in widened(node.shape, wide[lead:]))
        g = reduce_sum(g, axis=axis, keepdims=not lead)
    if g.dtype != node.dtype:
        g = cast(g, dtype=node.dtype)
    return g


def backward(roots, cotangents, *, free=True, check=None, since=0, lift=None, watch=()):
    """Pull cotangents back from `roots` to every leaf: {leaf: cotangent}.

    free: drop each node's kept values as soon as they are used (the graph can be walked once).
    check(node): called before the kept values of a node that is older than number `since` are used.
    lift(node): the kept values to hand to the rules instead (so that the backward pass is itself
    recorded). watch: nodes that are no leaves and whose cotangents are wanted too. Cost is linear
    in the nodes reached; memory is what the cotangents in flight take.
    """
    heap, pending, watched = [], {}, {}
    targets, incoming, like = roots, cotangents, None
    while True:
        for node, g in zip(targets, incoming):  # noqa: B905  the hot loop; equal by construction
            if g is None:
                continue
            if g.__class__ is Terms:
                if like.shape != node.shape or like.dtype is not node.dtype:
                    g = fit(g.dense(), node)
            elif g.shape != node.shape or g.dtype is not node.dtype:
                g = fit(g, node)
            order = node.order
            arrived = pending.get(order)
            if arrived is not None:
                arrived.add(g)
                continue
            pending[order] = Arrived(node, g)
            if node.plan is not None:
                heappush(heap, order)
        if not heap:
            found = {a.node: dense(a.total) for a in pending.values()}
            return found | watched if watched else found
        order = heappop(heap)
        arrived = pending.pop(order)
        node, g = arrived.node, arrived.total
        if g.__class__ in LAZY:
            g = g.dense()
        if watch and node in watch:
            watched[node] = g
        if check is not None and order > since:
            check(node)
        targets, like = node.parents, node
        incoming = pull(node, g, lift)
        if free:
            node.kept, node.parents, node.guards = FREED, (), ()


def pull(node, g, lift):
    """The cotangents of a node's parents."""
    plan, kept = node.plan, node.kept
    if kept is FREED:
        raise RuntimeError(
            f"backward: the values kept for {plan.primitive.name} were freed by an earlier "
            "backward pass; pass retain_graph=True to the earlier one"
        )
    if lift is not None:
        kept = lift(node)
    try:
        if g.__class__ in PLAIN or not isinstance(g, Value) or g.direct:
            return plan.pull(g, kept)
        return plan.pull_terms(g, kept)
    except Exception as error:
        error.add_note(f"in the backward pass of {plan.primitive.name}")
        raise


class Taped(Value):
    """A value on the tape of one `vjp`; shape and dtype are slots, as nested tapes ask for them."""

    __slots__ = ("dtype", "level", "node", "shape", "trace", "value")

    def interpret(self, primitive, args, static):
        """Apply one level down; record it where a differentiable operand is on the tape."""
        trace = self.trace
        if not trace.alive:
            raise trace.leak(self, primitive)
        count = len(args)
        if count == 2:  # one and two operands are unrolled: the hot path
            x, y = args
            mask, parents = 0, ()
            if x.__class__ is Taped:
                if x.trace is trace:
                    if primitive.active & 1:
                        mask, parents = 1, (x.node,)
                    x = x.value
                elif x.level == trace.level:
                    raise x.trace.leak(x, primitive)
            if y.__class__ is Taped:
                if y.trace is trace:
                    if primitive.active & 2:
                        mask, parents = mask | 2, (*parents, y.node)
                    y = y.value
                elif y.level == trace.level:
                    raise y.trace.leak(y, primitive)
            values, plain = (x, y), x.__class__ in PLAIN and y.__class__ in PLAIN
        elif count == 1:
            values, plain = (self.value,), self.value.__class__ in PLAIN
            mask, parents = primitive.active & 1, (self.node,)
        else:
            values, parents, mask, plain = self._unwrapped(primitive, args)
        if not mask:
            return primitive(*values, **static)
        try:
            plan = primitive.plans[mask]
        except KeyError:
            plan = primitive.reverse(mask)
        try:
            run = primitive.kernel if plain else primitive
            z, node = plan.record(run, Node, values, parents, static)
        except Exception as error:
            raise (primitive.explain(error, values, static) if plain else error) from None
        if primitive.outputs is None:
            x = new(Taped)  # filled here, without __init__: the hot path
            x.value, x.node, x.trace, x.level = z, node, trace, trace.level
            x.shape, x.dtype = node.shape, node.dtype
            return x
        return tuple([taped(x, n, trace) for x, n in zip(z, outputs_of(z, node), strict=True)])

    def _unwrapped(self, primitive, args):
        """(operands one level down, nodes of those on the tape, their mask, all plain arrays?)."""
        trace, values, parents, mask, plain = self.trace, [], [], 0, True
        for i, a in enumerate(args):
            if a.__class__ is Taped and a.level == trace.level:
                if a.trace is not trace:
                    raise a.trace.leak(a, primitive)
                if primitive.active >> i & 1:
                    mask |= 1 << i
                    parents.append(a.node)
                a = a.value
            values.append(a)
            if a.__class__ not in PLAIN:
                plain = False
        return values, parents, mask, plain


def taped(value, node, trace):
    """A value on the tape. Filled here, without __init__, as this is the hot path."""
    x = new(Taped)
    x.value, x.node, x.trace, x.level = value, node, trace, trace.level
    x.shape, x.dtype = node.shape, node.dtype
    return x


def vjp(f, args, name="vjp"):
    """(out, pull): f(*args) and the map from cotangents to a list with one cotangent per argument.

    args: arrays (or Values). out is what f returned, a list of arrays or Values; pull takes one
    cotangent (or None) per entry of out, may be called again, and is itself differentiable.
    """
    with Trace(name) as trace:
        leaves = [leaf(a) for a in args]
        out = f(*[taped(a, node, trace) for a, node in zip(args, leaves, strict=True)])
        out = [trace.settle(x) for x in out]
    nodes = [x.node if on(trace, x) else None for x in out]
    values = [x.value if on(trace, x) else x for x in out]

    def pull_back(cotangents, free=False):
        pairs = [(n, g) for n, g in zip(nodes, cotangents, strict=True) if n is not None]
        found = backward([n for n, _ in pairs], [g for _, g in pairs], free=free) if pairs else {}
        return [found.get(node) for node in leaves]

    return values, pull_back


def on(trace, x):
    """True for a value that the run `trace` made."""
    return x.__class__ is Taped and x.trace is trace
