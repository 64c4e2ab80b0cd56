"""checked=True: does a call use tensors of the model itself, past its clone?

The values of the call are wrapped in a level of their own, whose interpreter looks at everything
that they meet: the model's own tensors, views of them, and what was computed from those that
require a gradient. What it cannot see: a value that is read off a tensor outside of operations, as
by item() or numpy(), and what was computed from buffers alone.
"""

from ..oop.tensor import Tensor
from ..shared import tree
from ..shared.dispatch import Trace, Value
from .fit import is_leaf

REMEDY = (
    "a closure, a global or an object other than a module holds it: reach it through self instead"
)


class Watched(Value):
    """A value of a checked call."""

    __slots__ = ("level", "value", "watch")

    def __init__(self, value, watch):
        self.value, self.watch, self.level = value, watch, watch.level

    def interpret(self, primitive, args, static):
        """Look at the operands, then apply one level down."""
        watch = self.watch
        values = [watch.settled(a) for a in args]
        for a in values:
            watch.check(a, primitive.name)
        z = primitive(*values, **static)
        if primitive.outputs is None:
            return Watched(z, watch)
        return tuple([Watched(x, watch) for x in z])


class Watch(Trace):
    """One checked call of a model with this plan."""

    __slots__ = ("names",)

    def __init__(self, plan):
        super().__init__("purify")
        tables = (plan.parameters, plan.buffers)
        self.names = {
            id(t): (name, t, state_of(t)) for table in tables for name, t in table.items()
        }

    def wrapped(self, x):
        """A leaf of the call, to be watched."""
        return Watched(x, self) if is_leaf(x) else x

    def settled(self, x):
        """What a value of this call wraps; other things are themselves."""
        return x.value if x.__class__ is Watched and x.watch is self else x

    def check(self, x, operation):
        """ValueError where x is a tensor of the model, or was computed from one."""
        found = self.name_of(x) if isinstance(x, Tensor) else None
        if found is not None:
            raise ValueError(
                f"purify: the call uses {found!r} of the model itself, in {operation}; {REMEDY}"
            )

    def name_of(self, tensor):
        """The name of the model's own tensor that `tensor` is, or depends on; else None."""
        nodes, seen = [tensor.node], set()
        while tensor.base is not None and id(tensor) not in self.names:
            tensor = tensor.base.parent
        if id(tensor) in self.names:
            return self.names[id(tensor)][0]
        while nodes:
            node = nodes.pop()
            if node is None or node in seen:
                continue
            seen.add(node)
            leaf = getattr(node, "tensor", lambda: None)()
            if id(leaf) in self.names:
                return self.names[id(leaf)][0]
            nodes += node.parents
        return None

    def check_results(self, out):
        """`check`, for what the method returned."""
        for x in tree.leaves(out):
            self.check(x, "what it returns")

    def check_model(self):
        """ValueError where the call has changed a tensor of the model."""
        for name, tensor, before in self.names.values():
            if state_of(tensor) != before:
                raise ValueError(f"purify: the call changes {name!r} of the model itself; {REMEDY}")


def state_of(tensor):
    """What changes with a Tensor's value."""
    version = tensor.version
    return id(tensor.value), 0 if version is None else version.count


def watched(apply, plan, params, state, args, kwargs, *options):
    """`apply` of watched values; ValueError where it uses or changes the model's own."""
    with Watch(plan) as watch:
        given = tree.map(watch.wrapped, (params, state, args, kwargs))
        out = apply(*given, *options, check=watch.check_results)
        watch.check_model()
        return tree.map(watch.settled, out)
