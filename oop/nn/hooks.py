"""Hooks of modules: functions called before and after forward, and when gradients pass.

A backward hook sees the gradients of all inputs together, and those of all outputs: both go through
one primitive, `passing`, whose place on the tape the hook watches.
"""

from itertools import count
from types import MappingProxyType
from weakref import ref

from ...shared.primitives.passing import passing
from ...shared.tape import Taped
from ..grad_mode import recording
from ..graph import conjugate
from ..tensor import Tensor

next_id = count().__next__


class RemovableHandle:
    """What registering a hook returns: remove() takes the hook away; `with` does so at the end."""

    def __init__(self, hooks):
        self.id = next_id()
        self.hooks = ref(hooks)

    def remove(self):
        """Take the hook away; doing so twice is no error."""
        hooks = self.hooks()
        if hooks is not None:
            hooks.pop(self.id, None)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.remove()


class Hooks(dict):
    """Hooks by number, in the order in which they run."""

    __slots__ = ("__weakref__",)

    def add(self, hook, prepend=False):
        """Register a hook; returns its handle."""
        handle = RemovableHandle(self)
        if prepend:
            rest = list(self.items())
            self.clear()
            self[handle.id] = hook
            self.update(rest)
        else:
            self[handle.id] = hook
        return handle


NONE: MappingProxyType = MappingProxyType({})


def table(module, name):
    """The hooks of one kind of a module, which has none until the first is registered."""
    return module.__dict__.setdefault(name, Hooks())


def call(module, args, kwargs):
    """module(*args, **kwargs) through its hooks."""
    for hook, with_kwargs in list(module._forward_pre_hooks.values()):
        args, kwargs = before(module, hook, with_kwargs, args, kwargs)
    watch = Watch(module) if module._backward_hooks else None
    if watch:
        args = watch.inputs(args)
    out = module.forward(*args, **kwargs)
    for hook, with_kwargs in list(module._forward_hooks.values()):
        changed = hook(module, args, kwargs, out) if with_kwargs else hook(module, args, out)
        out = out if changed is None else changed
    return watch.outputs(out) if watch else out


def before(module, hook, with_kwargs, args, kwargs):
    """Run one forward pre-hook: (args, kwargs) as it wants them."""
    if with_kwargs:
        changed = hook(module, args, kwargs)
        if changed is None:
            return args, kwargs
        if not isinstance(changed, tuple) or len(changed) != 2:
            raise TypeError(
                "forward pre-hook: with with_kwargs=True it returns None or (args, kwargs), but "
                f"this one returned {type(changed).__name__}"
            )
        return changed
    changed = hook(module, args)
    if changed is None:
        return args, kwargs
    return (changed if isinstance(changed, tuple) else (changed,)), kwargs


def node_of(x):
    """Where x is on a tape: that of the Tensors, or of the functional transform it was born in."""
    if not isinstance(x, Tensor):
        return None
    if x.requires_grad:
        return x.node
    return x.value.node if x.value.__class__ is Taped and x.value.trace.alive else None


class WatchedPlan:
    """A node's plan that first shows the arriving cotangents, all together, to a function."""

    def __init__(self, plan, show):
        self.plan, self.show = plan, show

    def __getattr__(self, name):
        return getattr(self.plan, name)

    def pull(self, gz, kept):
        """The plan's own pull, on what the function made of gz."""
        token = recording.set(isinstance(gz[0], Tensor))
        try:
            shown = self.show(tuple([conjugate(g) for g in gz]))
        finally:
            recording.reset(token)
        return self.plan.pull(tuple([conjugate(g) for g in shown]), kept)


class Watch:
    """The backward hooks of one call of a module."""

    def __init__(self, module):
        self.module, self.hooks = module, list(module._backward_hooks.values())
        self.places, self.arity, self.like = [], 0, None
        self.grad_output = None

    def inputs(self, args):
        """The arguments, watched where they require a gradient."""
        self.arity = len(args)
        return self._through(args, self.on_inputs, self.places)

    def outputs(self, out):
        """The result, a Tensor or a tuple of them, watched where it requires a gradient."""
        several = isinstance(out, tuple)
        outs = out if several else (out,)
        self.out_arity, self.out_places = len(outs), []
        outs = self._through(outs, self.on_outputs, self.out_places)
        return outs if several else outs[0]

    def _through(self, values, hook, places):
        values = list(values)
        places += [i for i, x in enumerate(values) if node_of(x) is not None]
        if not places:
            return tuple(values)
        passed = passing(*[values[i] for i in places])
        node = node_of(passed[0])
        if node is not None:  # None under no_grad
            node = node.parents[0]
            node.plan = WatchedPlan(node.plan, hook)
            self.like = passed[0].like
        for i, x in zip(places, passed, strict=True):
            values[i] = x
        return tuple(values)

    def on_outputs(self, gs):
        """The gradients of the outputs are known."""
        self.grad_output = self._spread(gs, self.out_places, self.out_arity)
        if not self.places:  # no input requires a gradient, so nothing else will call the hooks
            self._run((None,) * self.arity)
        return gs

    def on_inputs(self, gs):
        """The gradients of the inputs are known: run the hooks, which may replace them."""
        tensors = isinstance(gs[0], Tensor)
        found = self._run(self._spread(gs, self.places, self.arity))
        given = [found[i] for i in self.places]
        return tuple(given if tensors else [g.value for g in given])

    def _spread(self, gs, places, arity):
        """All gradients as Tensors, None for what requires none."""
        found = [None] * arity
        for i, g in zip(places, gs, strict=True):
            found[i] = g if isinstance(g, Tensor) else self.like(g)
        return tuple(found)

    def _run(self, grad_input):
        for hook in self.hooks:
            changed = hook(self.module, grad_input, self.grad_output)
            if changed is None:
                continue
            changed = changed if isinstance(changed, tuple) else (changed,)
            if len(changed) != len(grad_input):
                raise RuntimeError(
                    f"full backward hook: it returned {len(changed)} gradients for the "
                    f"{len(grad_input)} inputs of {type(self.module).__name__}"
                )
            grad_input = changed
        return grad_input
