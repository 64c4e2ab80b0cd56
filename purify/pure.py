"""purify: a stateful model as a pure function of its parameters and its state."""

import numpy as np

from ..oop.graph import here
from ..oop.nn import Parameter
from ..oop.tensor import Tensor, wrap
from ..shared import tree
from ..shared.backend import is_array
from ..shared.dispatch import Value
from .clone import clone
from .plan import Plan, checked


def purify(model, method="forward", *, train=None):
    """`model` as a pure function: params, state = pure.init(); out, state = pure.apply(params, state, x).

    method: which method apply calls. train: the mode of all modules in every call; None keeps each
    module's own. The model is never changed by a call. Gradients, vmap and the other transforms of
    `wonderland.functional` apply to `pure.apply` as to any function.

    Raises TypeError unless `model` is an nn.Module with that method.
    """
    if not hasattr(model, "_parameters"):
        raise TypeError(
            f"purify: an nn.Module is needed, but this is {type(model).__name__}; "
            "a plain function is pure already"
        )
    if not callable(getattr(model, method, None)):
        raise TypeError(f"purify: {type(model).__name__} has no method {method!r}")
    return Pure(model, method, train)


class Pure:
    """A purified model; see `purify`."""

    def __init__(self, model, method, train):
        self.model, self.method, self.train = model, method, train
        self._plan, self._structure = None, None

    @property
    def plan(self):
        """The model's leaves, found anew when its structure has changed."""
        structure = structure_of(self.model)
        if self._plan is None or structure != self._structure:
            self._plan, self._structure = Plan(self.model), structure
        return self._plan

    @property
    def names(self):
        """The names of the parameters, equal to those of model.named_parameters()."""
        return list(self.plan.parameters)

    @property
    def aliases(self):
        """{further name: first name} of tied parameters and buffers."""
        return dict(self.plan.aliases)

    def init(self):
        """(params, state): copies of the model's current values, as {name: array}."""
        plan = self.plan
        return (
            {name: copied(t) for name, t in plan.parameters.items()},
            {name: copied(t) for name, t in plan.buffers.items()},
        )

    def __call__(self, params, *args, **kwargs):
        """model(*args) with these parameters; for models without state and randomness."""
        return self.apply(params, {}, *args, **kwargs)[0]

    def apply(self, params, state, *args, key=None, train=None, mutable=True, **kwargs):
        """(out, new state) of the model's method with these values in place of its own.

        params, state: {name: array or traced value}; they and the arguments are never changed.
        key: for random layers. train: the mode for this call. mutable: False raises where the call
        writes to a buffer. Arrays among the arguments become Tensors inside, Tensors in the result
        arrays again (unless a Tensor was given).
        """
        plan = self.plan
        params, state = checked(plan, params, {} if state is None else state)
        bound = {}
        for name, x in params.items():
            bound[id(plan.parameters[name])] = parameter(x, plan.parameters[name])
        for name, x in state.items():
            bound[id(plan.buffers[name])] = borrowed(x)
        train = self.train if train is None else train
        copy = clone(self.model, bound, train)
        given, named = tree.map(tensor, (args, kwargs))
        out = call(copy, self.method, given, named, key)
        new_state = buffers_of(copy, plan, state)
        if not mutable:
            unchanged(state, new_state)
        if any(isinstance(x, Tensor) for x in tree.leaves((params, args, kwargs))):
            return out, new_state
        return tree.map(payload, out), new_state

    def write_back(self, params, state=None):
        """Copy values into the model's own tensors, in place: identities, and so optimisers, survive.

        Everything is validated first; on error nothing has changed.
        """
        plan = self.plan
        params, state = checked(plan, params, self.init()[1] if state is None else state)
        pairs = [(plan.parameters[n], x) for n, x in params.items()]
        pairs += [(plan.buffers[n], x) for n, x in state.items()]
        for name, x in (params | state).items():
            if not (is_array(x) or isinstance(x, (np.generic, Tensor))):
                raise TypeError(
                    f"write_back: {name!r} is {type(x).__name__}; only arrays are written back, so "
                    "call it outside of transforms"
                )
        for t, x in pairs:
            overwrite(t, x.value if isinstance(x, Tensor) else x)

    def unflatten(self, params):
        """{'a.b': x} as nested dicts {'a': {'b': x}}, the form of functional layers."""
        nested = {}
        for name, x in params.items():
            *path, last = name.split(".")
            place = nested
            for part in path:
                place = place.setdefault(part, {})
            place[last] = x
        return nested

    def flatten(self, nested):
        """Nested dicts as {'a.b': x}, the form that apply takes."""
        return {
            tree.path_string(path): x for path, x in tree.leaves_with_path(nested)
        }


def overwrite(t, x):
    """Copy x into the memory of the tensor t."""
    t.value[...] = x
    if t.version is not None:
        t.version.count += 1
        t.version.line = here()


def structure_of(model):
    """What changes when parameters, buffers or submodules of any module are replaced or added."""
    return type(model).structure_version()


def copied(t):
    """A tensor's payload in memory of its own."""
    return t.detach().value.copy()


def parameter(x, original):
    """A Parameter of the clone that holds x; the very Tensor where one was given."""
    if isinstance(x, Tensor):
        return x
    p = object.__new__(type(original) if isinstance(original, Parameter) else Parameter)
    t = wrap(x)
    p.value, p.node, p.base, p.version, p.level = x, None, None, None, t.level
    return p


def borrowed(x):
    """A buffer of the clone: the caller's memory, read-only, so that a write goes to a copy."""
    if isinstance(x, np.ndarray):
        x = x.view()
        x.flags.writeable = False
    return x if isinstance(x, Tensor) else wrap(x)


def tensor(x):
    """An argument as the model expects it: arrays and traced values as Tensors, others as they are."""
    if isinstance(x, Tensor):
        return x
    return wrap(x) if isinstance(x, (Value, np.ndarray)) or is_array(x) else x


def payload(x):
    """A result as the functional world expects it."""
    return x.detach().value if isinstance(x, Tensor) else x


def call(copy, method, args, kwargs, key):
    """Run the clone."""
    if method == "forward":
        return copy(*args, **kwargs)
    return getattr(copy, method)(*args, **kwargs)


def buffers_of(copy, plan, state):
    """{name: value} of the buffers that the call left on the clone; the caller's own where unwritten."""
    found = {}
    for name in plan.buffers:
        path, _, last = name.rpartition(".")
        owner = copy.get_submodule(path) if path else copy
        x = payload(owner._buffers[last])
        given = state[name]
        found[name] = given if getattr(x, "base", None) is given else x
    return found


def unchanged(before, after):
    """ValueError naming the buffers that a call with mutable=False has written."""
    changed = [
        name for name, x in after.items() if x is not before[name]
    ]
    if changed:
        raise ValueError(
            f"purify: the call writes to {', '.join(map(repr, changed))}, but mutable=False; "
            "pass train=False, or keep the state that apply returns"
        )
