"""Reverse mode, shared by both paradigms: record() writes a node, backward() walks them.

A node holds the values that its primitive's rules name and nothing else; the values that flow
through the program are free to die. Nodes are numbered as they are made, so that the highest number
among those reached is always ready: backward is a heap, never a recursion.
"""

from heapq import heappop, heappush
from itertools import count

import numpy as np
from numpy import ndarray

from .dispatch import Trace, Value, bottom
from .primitives.cast import cast
from .primitives.reduction import sum as reduce_sum
from .primitives.reduction import widened

next_order = count(-1, -1).__next__  # negative, so that heapq's smallest is the newest node
new = object.__new__
FREED = object()


class Node:
    """One recorded application: how to pull a cotangent back, and to which nodes.

    order    creation number, negative, unique over all threads
    plan     the primitive's keep and pull for the operands that are on the tape; None for a leaf
    parents  the nodes of those operands
    kept     the values the rules asked for; FREED once a backward pass has used them
    """

    __slots__ = ("dtype", "kept", "order", "parents", "plan", "shape")

    def __init__(self, plan, parents, kept, shape, dtype):
        self.order = next_order()
        self.plan = plan
        self.parents = parents
        self.kept = kept
        self.shape = shape
        self.dtype = dtype

    def __repr__(self):
        name = self.plan.primitive.name if self.plan else "leaf"
        return f"Node({name}, {self.dtype}{list(self.shape or ())})"


def leaf(x):
    """A node without parents for the array or value x."""
    return Node(None, (), None, x.shape, x.dtype)


def record(primitive, values, parents, mask, static, plain=False, kind=Node):
    """Apply `primitive` one level down and record it as a node of class `kind`: (z, node).

    values: the operands one level down; mask: which of them are on the tape; parents: their nodes;
    plain: every value is known to be a NumPy array, so nobody else needs to be asked.
    """
    plan = primitive.plans.get(mask) or primitive.reverse(mask)
    if primitive.forward is not None:
        z, kept = primitive.forward(values, static)
    else:
        if plain:
            try:
                z = primitive.kernel(*values, **static)
            except Exception as error:
                raise primitive.explain(error, values, static) from None
        else:
            z = primitive(*values, **static)
        kept = plan.keep(values, z, static)
    node = new(kind)  # filled here, without __init__, as this is the hot path
    node.order, node.plan, node.parents, node.kept = next_order(), plan, parents, kept
    if primitive.outputs is None:
        node.shape, node.dtype = z.shape, z.dtype
    else:
        node.shape = node.dtype = None
    return z, node


class Select:
    """The plan of a node that stands for one output of a primitive with several."""

    __slots__ = ("index", "primitive")

    def __init__(self, primitive, index):
        self.primitive, self.index = primitive, index

    def pull(self, gz, kept):
        """Put the cotangent in its place among those of all outputs."""
        return (Slots({self.index: gz}, kept),)


def outputs_of(z, node):
    """One node per output of a primitive with several; their cotangents meet in `node`."""
    like = [(x.shape, x.dtype) for x in z]
    primitive = node.plan.primitive
    return [Node(Select(primitive, i), (node,), like, *like[i]) for i in range(len(like))]


class Slots:
    """Cotangents of some outputs of a primitive with several; the others are zero."""

    __slots__ = ("filled", "like")
    shape = dtype = None  # as the node they go to has it

    def __init__(self, filled, like):
        self.filled, self.like = filled, like

    def plus(self, total, owned):
        """`total` with these slots filled too: no output arrives twice."""
        total.filled.update(self.filled)
        return total

    def dense(self):
        """All cotangents, zeros made where none arrived."""
        some = bottom(next(iter(self.filled.values())))
        return tuple(
            self.filled[i] if i in self.filled else np.zeros_like(some, shape=shape, dtype=dtype)
            for i, (shape, dtype) in enumerate(self.like)
        )


class Indexed:
    """A sparse cotangent: `values` somewhere in an array that is zero elsewhere.

    Indexing gives one, so that a loop over x[i] costs the entries it touches, not n arrays of n.
    add_to(total, values) scatters in place.
    """

    __slots__ = ("add_to", "dtype", "shape", "values")

    def __init__(self, values, shape, add_to):
        self.values, self.shape, self.add_to = values, shape, add_to
        self.dtype = values.dtype

    def plus(self, total, owned):
        """`total` with the values scattered into it, in place where it is owned."""
        if total.__class__ is Indexed:
            total = total.dense()
        elif not owned:
            total = total.copy()
        self.add_to(total, self.values)
        return total

    def dense(self):
        """The full array."""
        total = np.zeros_like(self.values, shape=self.shape)
        self.add_to(total, self.values)
        return total


LAZY = frozenset((Slots, Indexed))


def merge(total, g, order, owned):
    """The sum of the cotangents that arrived at a node and a further one.

    The first contribution may be anybody's array and is only held; the second makes an array of our
    own; from then on contributions are added in place.
    """
    if g.__class__ in LAZY:
        total = g.plus(total, order in owned)
    elif order in owned:
        return np.add(total, g, out=total)
    elif total.__class__ in LAZY:
        total = total.plus(g, False)
    else:
        total = total + g
    if not isinstance(total, (Value, np.generic, Slots)):
        owned.add(order)
    return total


def fit(g, node):
    """Undo broadcasting and casting: the cotangent in its node's shape and dtype."""
    if g.shape != node.shape:
        wide = g.shape
        lead = len(wide) - len(node.shape)
        axis = tuple(range(lead)) + tuple(
            i + lead for i in widened(node.shape, wide[lead:])
        )
        g = reduce_sum(g, axis=axis, keepdims=not lead)
    if g.dtype != node.dtype:
        g = cast(g, dtype=node.dtype)
    return g


def backward(roots, cotangents, *, free=True, check=None, lift=None, watch=()):
    """Pull cotangents back from `roots` to every leaf: {leaf: cotangent}.

    free: drop each node's kept values as soon as they are used (the graph can be walked once).
    check(node): called before a node's kept values are used. lift(node): the kept values to hand to
    the rules instead (so that the backward pass is itself recorded). watch: nodes that are no leaves
    and whose cotangents are wanted too. Cost is linear in the nodes reached; memory is what the
    cotangents in flight take.
    """
    heap, nodes, totals, owned, watched = [], {}, {}, set(), {}
    targets, incoming = roots, cotangents
    while True:
        for node, g in zip(targets, incoming):  # noqa: B905  the hot loop; equal by construction
            if g is None:
                continue
            if g.shape != node.shape or g.dtype is not node.dtype:
                g = fit(g, node)
            order = node.order
            if order in totals:
                totals[order] = merge(totals[order], g, order, owned)
            else:
                totals[order] = g
                nodes[order] = node
                if node.plan is not None:
                    heappush(heap, order)
        if not heap:
            found = {node: dense(totals[order]) for order, node in nodes.items()}
            return found | watched if watched else found
        order = heappop(heap)
        node, g = nodes.pop(order), totals.pop(order)
        if watch and node in watch:
            watched[node] = g = dense(g)
        targets = node.parents
        incoming = pull(node, g, free, check, lift)


def pull(node, g, free, check, lift):
    """The cotangents of a node's parents."""
    kept = node.kept
    if kept is FREED:
        raise RuntimeError(
            f"backward: the values kept for {node.plan.primitive.name} were freed by an earlier "
            "backward pass; pass retain_graph=True to the earlier one"
        )
    if check is not None:
        check(node)
    if lift is not None:
        kept = lift(node)
    if g.__class__ in LAZY:
        g = g.dense()
    try:
        gs = node.plan.pull(g, kept)
    except Exception as error:
        error.add_note(f"in the backward pass of {node.plan.primitive.name}")
        raise
    if free:
        node.kept, node.parents = FREED, ()
    return gs


def dense(g):
    """A cotangent as an array."""
    return g.dense() if g.__class__ in LAZY else g


class Taped(Value):
    """A value on the tape of one `vjp`."""

    __slots__ = ("level", "node", "trace", "value")

    def interpret(self, primitive, args, static):
        """Apply one level down; record it where a differentiable operand is on the tape."""
        trace = self.trace
        if not trace.alive:
            raise trace.leak(self, primitive)
        values, parents, mask, bit, plain = [], [], 0, 1, True
        active = primitive.active
        for a in args:
            if a.__class__ is Taped:
                if a.trace is trace:
                    if active & bit:
                        mask |= bit
                        parents.append(a.node)
                    a = a.value
                elif a.level == trace.level:
                    raise a.trace.leak(a, primitive)
            values.append(a)
            if a.__class__ is not ndarray:
                plain = False
            bit <<= 1
        if not mask:
            return primitive(*values, **static)
        z, node = record(primitive, values, parents, mask, static, plain)
        if primitive.outputs is None:
            return taped(z, node, trace)
        return tuple([taped(x, n, trace) for x, n in zip(z, outputs_of(z, node), strict=True)])


def taped(value, node, trace):
    """A value on the tape. Filled here, without __init__, as this is the hot path."""
    x = new(Taped)
    x.value, x.node, x.trace, x.level = value, node, trace, trace.level
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
