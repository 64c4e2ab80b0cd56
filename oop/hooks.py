"""Hooks: functions that see a gradient during backward(), and may replace it."""

import weakref
from functools import partial

from .grad_mode import recording
from .graph import HookedPlan, conjugate, is_tensor


class Hooks:
    """The hooks of one Tensor, in the order of registration; like(value) makes a Tensor."""

    def __init__(self, like):
        self.functions, self.like = {}, like

    def show(self, g):
        """The gradient that is left when every hook has seen it: a payload, or a Tensor if g is."""
        traced = is_tensor(g)
        for hook in list(self.functions.values()):
            g = _shown(hook, g, self.like, traced)
        return g


class NodeHooks(Hooks):
    """The hooks of an intermediate Tensor, as its node calls them: with a cotangent."""

    def __call__(self, gz):
        """The cotangent that is left."""
        return conjugate(self.show(conjugate(gz)))


def _shown(hook, g, like, traced):
    token = recording.set(traced)
    try:
        changed = hook(g if traced else like(g))
    finally:
        recording.reset(token)
    if changed is None:
        return g
    if not is_tensor(changed) or tuple(changed.shape) != tuple(g.shape):
        raise TypeError(
            f"register_hook: the hook must return None or a Tensor of shape {tuple(g.shape)}, but "
            f"it returned {type(changed).__name__} {list(getattr(changed, 'shape', ()))}"
        )
    return changed if traced else changed.value


class HookHandle:
    """What register_hook returns: remove() takes the hook away, as does the end of a `with`."""

    def __init__(self, hooks, key):
        self.hooks, self.key = hooks, key

    def remove(self):
        """Do not call the hook any more."""
        self.hooks.functions.pop(self.key, None)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.remove()


def register_hook(tensor, hook, like):
    """Show the gradient of `tensor` to `hook` during backward; see Tensor.register_hook.

    like(value) makes a Tensor; it must not hold `tensor`, or the two would keep each other alive.
    """
    if not tensor.requires_grad:
        raise RuntimeError(
            "register_hook: this Tensor needs no gradient, so the hook would not run; set "
            "requires_grad=True first"
        )
    if tensor.is_leaf:
        hooks = tensor.hooks = tensor.hooks or Hooks(like)
    else:
        node = tensor.node
        hooks = getattr(node.plan, "hook", None)
        if hooks.__class__ is not NodeHooks:
            hooks = NodeHooks(like)
            node.plan = HookedPlan(node.plan, hooks)
    key = object()
    hooks.functions[key] = hook
    return HookHandle(hooks, key)


def retain_grad(tensor, like):
    """Keep the gradient of an intermediate Tensor; see Tensor.retain_grad."""
    if not tensor.requires_grad:
        raise RuntimeError(
            "retain_grad: this Tensor needs no gradient; set requires_grad=True first"
        )
    if not tensor.is_leaf and tensor.retains is None:
        tensor.retains = register_hook(tensor, partial(_keep, weakref.ref(tensor)), like)


def _keep(target, g):
    owner = target()
    if owner is not None:
        g = g.detach().clone() if g.node is None else g
        owner.grad = g if owner.grad is None else owner.grad + g


def retain_again(tensor, like):
    """After a change in place: the gradient to keep is that of the new value."""
    if tensor.retains is not None:
        tensor.retains.remove()
        tensor.retains = None
        if tensor.node is not None:
            retain_grad(tensor, like)
