"""A node of the tape: one recorded application of a primitive."""

from itertools import count

next_order = count(-1, -1).__next__  # negative, so that heapq's smallest is the newest node
new = object.__new__


class Node:
    """How to pull a cotangent back through one application, and to which nodes.

    order    creation number, negative, unique over all threads
    plan     the primitive's record and pull for the operands that are on the tape; None for a leaf
    parents  the nodes of those operands
    kept     the values the rules asked for; FREED once a backward pass has used them
    shape, dtype  of the output, which its cotangents must fit; None for several outputs
    guards   whatever the kept values may be checked by; nothing in the functional style
    """

    __slots__ = ("dtype", "guards", "kept", "order", "parents", "plan", "shape")

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
