"""The tape that outlives the call: nodes of Tensors, their guards, and the walk back to `.grad`.

The nodes and the walk are those of `shared.tape`. What a stateful API adds is here: kept values that
somebody may change in place before they are used, leaves that collect gradients, and backward passes
that are themselves recorded.
"""

import sys
import weakref

import numpy as np

from ..shared.errors import is_library
from ..shared.dispatch import Value, bottom
from ..shared.tape import Node
from ..shared.tape import backward as walk
from .grad_mode import recording


class TensorNode(Node):
    """A node that remembers the versions of what it keeps, and the line that made it.

    guards: (version cell, count when kept) of each kept operand and output.
    """

    __slots__ = ("guards", "line")


class LeafNode(Node):
    """The end of the tape at a Tensor that the user made; gradients arrive at `tensor()`."""

    __slots__ = ("tensor",)

    def __init__(self, tensor):
        super().__init__(None, (), None, tensor.value.shape, tensor.value.dtype)
        self.tensor = weakref.ref(tensor)


class Version:
    """How often the memory of a Tensor (and of its views) was changed in place, and where last."""

    __slots__ = ("count", "line")

    def __init__(self):
        self.count, self.line = 0, None


def here():
    """(code, instruction) of the innermost line outside the library; cheap, decoded only if needed."""
    frame = sys._getframe(2)
    while is_library(frame.f_code.co_filename):
        if frame.f_back is None:
            break
        frame = frame.f_back
    return frame.f_code, frame.f_lasti


def line_of(place):
    """'file.py:12' of a place noted by here()."""
    if place is None:
        return "<unknown>"
    code, instruction = place
    positions = list(code.co_positions())
    return f"{code.co_filename}:{positions[instruction // 2][0]}"


def check_versions(node):
    """Raise if a value kept at `node` was changed in place since."""
    if node.__class__ is not TensorNode:
        return
    for version, count in node.guards:
        if version.count != count:
            raise RuntimeError(
                f"backward: {node.plan.primitive.name} (recorded at {line_of(node.line)}) needs a value "
                f"that was changed in place {version.count - count} time(s) since, last at "
                f"{line_of(version.line)}; change a copy (x.clone()), or change it after backward()"
            )


def lifted(like):
    """lift(node) for a recorded backward pass: kept values as Tensors that know their nodes.

    like(value, node) makes a Tensor.
    """

    def lift(node):
        plan = node.plan
        if not getattr(plan, "operands_kept", None) and getattr(plan, "output_kept", None) is None:
            return node.kept
        kept = list(node.kept)
        for place, operand in plan.operands_kept:
            if operand in plan.active:
                kept[place] = like(kept[place], node.parents[plan.active.index(operand)])
        if plan.output_kept is not None:
            kept[plan.output_kept] = like(kept[plan.output_kept], node)
        return tuple(kept)

    return lift


def gradients(outputs, cotangents, *, free, create_graph=False, watch=()):
    """Walk back from Tensors: {node: gradient} for the leaves and the watched nodes.

    The gradients are payloads, or Tensors with create_graph.
    """
    roots = [t.node for t in outputs]
    like, lift = outputs[0].like, None
    if create_graph:
        lift = lifted(like)
        cotangents = [g if is_tensor(g) else like(g) for g in cotangents]
    else:
        cotangents = [g.value if is_tensor(g) else g for g in cotangents]
    token = recording.set(create_graph)
    try:
        return walk(roots, cotangents, free=free, check=check_versions, lift=lift, watch=watch)
    finally:
        recording.reset(token)


def is_tensor(x):
    """True for a Tensor, which is not known by name here: it is what has a version."""
    return hasattr(x, "version")


def backward(tensor, gradient, retain_graph, create_graph):
    """Add the gradients of `tensor` to its leaves; see Tensor.backward."""
    if not tensor.requires_grad:
        raise RuntimeError(
            "backward: this Tensor needs no gradient: nothing it was made from requires one; "
            "set requires_grad=True on a leaf, and check for no_grad() and detach()"
        )
    gradient = seed(tensor, gradient)
    free = not (create_graph if retain_graph is None else retain_graph)
    found = gradients([tensor], [gradient], free=free, create_graph=create_graph)
    for node in list(found):
        g = found.pop(node)
        leaf = node.tensor() if node.__class__ is LeafNode else None
        if leaf is not None:
            accumulate(leaf, g)


def seed(tensor, gradient):
    """The cotangent to start from: ones for a single entry, else what the caller gave."""
    shape = tuple(tensor.shape)
    if gradient is None:
        if any(n != 1 for n in shape):
            raise RuntimeError(
                f"backward: a gradient is needed, as this Tensor has shape {shape} and no single "
                "entry; reduce it to one, x.sum().backward(), or pass gradient="
            )
        return np.ones_like(bottom(tensor.value), shape=shape)
    value = gradient.value if is_tensor(gradient) else gradient
    if tuple(value.shape) != shape:
        raise ValueError(
            f"backward: the gradient has shape {tuple(value.shape)} but the Tensor {shape}"
        )
    return conjugate(gradient)


def conjugate(g):
    """torch's convention from ours and back: `.grad` is the direction of steepest ascent."""
    return g.conj() if g.dtype.kind == "c" else g


def accumulate(leaf, g):
    """Add a gradient to leaf.grad, through the leaf's hooks."""
    g = conjugate(g)
    for hook in list(leaf.hooks.values()) if leaf.hooks else ():
        changed = hook(g if is_tensor(g) else leaf.like(g))
        g = g if changed is None else changed
    old = leaf.grad
    if is_tensor(g) or isinstance(g, Value):
        g = g if is_tensor(g) else leaf.like(g)
        leaf.grad = g if old is None else old + g
    elif old is None:
        leaf.grad = leaf.like(own(g))
    elif isinstance(old.value, np.ndarray) and old.node is None:
        np.add(old.value, g, out=old.value)
    else:
        leaf.grad = leaf.like(old.value + g)


class HookedPlan:
    """A node's plan that first shows the arriving cotangent to a hook, which may replace it."""

    def __init__(self, plan, hook):
        self.plan, self.hook = plan, hook

    def __getattr__(self, name):
        return getattr(self.plan, name)

    def pull(self, gz, kept):
        """The plan's own pull, on what the hook made of gz."""
        return self.plan.pull(self.hook(gz), kept)


class HookHandle:
    """What register_hook returns: remove() takes the hook away."""

    def __init__(self, remove):
        self.remove = remove


def register_hook(tensor, hook):
    """Show the gradient of `tensor` to `hook` during backward; see Tensor.register_hook."""
    if not tensor.requires_grad:
        raise RuntimeError("register_hook: this Tensor needs no gradient, so the hook would not run")
    if tensor.is_leaf:
        if tensor.hooks is None:
            tensor.hooks = {}
        key = object()
        tensor.hooks[key] = hook
        return HookHandle(lambda: tensor.hooks.pop(key, None))
    like = tensor.like

    def show(gz):
        given = conjugate(gz)
        changed = hook(given if is_tensor(given) else like(given))
        if changed is None:
            return gz
        return conjugate(changed if is_tensor(gz) else changed.value)

    node = tensor.node
    hooked = node.plan = HookedPlan(node.plan, show)

    def remove():
        hooked.hook = lambda gz: gz

    return HookHandle(remove)


def retain_grad(tensor):
    """Keep the gradient of an intermediate Tensor; see Tensor.retain_grad."""
    if tensor.is_leaf or tensor.retains_grad:
        return
    tensor.retains_grad = True
    target = weakref.ref(tensor)

    def keep(g):
        owner = target()
        if owner is not None:
            owner.grad = g if owner.grad is None else owner.grad + g

    register_hook(tensor, keep)


def own(g):
    """g in memory of its own: itself where nobody else holds it, else a copy.

    A cotangent may be the very array that another leaf receives too; `.grad` must not be, because it
    is changed in place. Nobody else: the caller's variable, this parameter and getrefcount's own.
    """
    if isinstance(g, np.ndarray) and g.base is None and sys.getrefcount(g) <= 3:
        return g
    return g.copy() if hasattr(g, "copy") else g
