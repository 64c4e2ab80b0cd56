"""purify: a stateful model as a pure function of its parameters and its state."""

import numpy as np

from ..oop.random import drawing_from
from ..oop.tensor import Tensor, wrap
from ..shared import tree
from ..shared.backend import is_array
from ..shared.dispatch import Value, depth
from ..shared.random import fold_in
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

    def init(self, key=None):
        """(params, state) as {name: array}: copies of the model's values, or with a key fresh ones.

        Fresh values are drawn by each module's reset_parameters() under fold_in(key, path), so they do
        not depend on the order in which modules were made. The model keeps its own values.
        """
        plan = self.plan
        values = [{n: copied(t) for n, t in t.items()} for t in (plan.parameters, plan.buffers)]
        if key is None:
            return tuple(values)
        params, state = values
        bound = {
            id(plan.parameters[n]): parameter(x, plan.parameters[n]) for n, x in params.items()
        }
        bound |= {id(plan.buffers[n]): wrap(x) for n, x in state.items()}
        for name, x in params.items():  # our own copies, which the draws may overwrite
            bound[id(plan.parameters[name])].value = x
        copy = clone(self.model, bound)
        for path, module in copy.named_modules():
            if hasattr(module, "reset_parameters"):
                with drawing_from(fold_in(key, *path.split(".")) if path else key):
                    module.reset_parameters()
        return params, buffers_of(copy, plan, state)

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
        bound = {
            id(plan.parameters[n]): parameter(x, plan.parameters[n]) for n, x in params.items()
        }
        bound |= {id(plan.buffers[n]): buffer(x) for n, x in state.items()}
        copy = clone(self.model, bound, self.train if train is None else train)
        given, named = tree.map(tensor, (args, kwargs))
        with drawing_from(no_key if key is None else key):
            out = getattr(copy, "__call__" if self.method == "forward" else self.method)(
                *given, **named
            )
        unassigned(copy, plan, bound)
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
        return {tree.path_string(path): x for path, x in tree.leaves_with_path(nested)}


def overwrite(t, x):
    """Copy x into the memory of the tensor t."""
    t.value[...] = x
    if t.version is not None:
        t.version.bump()


def structure_of(model):
    """What changes when parameters, buffers or submodules of any module are replaced or added."""
    return type(model).structure_version()


def copied(t):
    """A tensor's payload in memory of its own."""
    return t.fresh().value.copy()


def parameter(x, original):
    """A Parameter of the clone that holds x; the very Tensor where one was given."""
    if isinstance(x, Tensor):
        return x
    p = object.__new__(type(original))
    p.value, p.node, p.base, p.version = borrowed(x), None, None, None
    p.level = depth.get() + 0.5
    return p


def buffer(x):
    """A buffer of the clone that holds x."""
    return x if isinstance(x, Tensor) else wrap(borrowed(x))


def borrowed(x):
    """The caller's memory, read-only, so that a write goes to a copy."""
    if x.__class__ is np.ndarray:
        x = x.view()
        x.flags.writeable = False
    return x


def tensor(x):
    """An argument as the model expects it: arrays and traced values as Tensors, others as they are."""
    if isinstance(x, Tensor):
        return x
    return wrap(x) if isinstance(x, (Value, np.ndarray)) or is_array(x) else x


def payload(x):
    """A result as the functional world expects it."""
    return x.fresh().value if isinstance(x, Tensor) else x


def no_key(module):
    """What a random layer meets in a call without a key."""
    layer = type(module).__name__ if module is not None else "a random operation"
    raise ValueError(
        f"purify: {layer} draws random numbers, and this call has no key; "
        "pass key=wf.random.key(0), or train=False"
    )


def owner_of(copy, name):
    """(table owner, last part) of a leaf's path."""
    path, _, last = name.rpartition(".")
    return (copy.get_submodule(path) if path else copy), last


def unassigned(copy, plan, bound):
    """ValueError naming a parameter that the call has assigned: there is nowhere to return it to."""
    for name, original in plan.parameters.items():
        p = bound[id(original)]
        if p.version is not None and p.version.count:
            problem = "changes it in place"
        else:
            owner, last = owner_of(copy, name)
            if owner._parameters.get(last) is p:
                continue
            problem = "assigns it"
        raise ValueError(
            f"purify: {name!r} is a parameter, but the call {problem}; parameters change outside, in "
            "the optimiser; register it as a buffer to have it returned in the state"
        )


def buffers_of(copy, plan, state):
    """{name: value} of the buffers that the call left on the clone; the caller's own where unwritten."""
    found = {}
    for name in plan.buffers:
        owner, last = owner_of(copy, name)
        x = payload(owner._buffers[last])
        given = state[name]
        found[name] = given if getattr(x, "base", None) is given else x
    return found


def unchanged(before, after):
    """ValueError naming the buffers that a call with mutable=False has written."""
    changed = [name for name, x in after.items() if x is not before[name]]
    if changed:
        raise ValueError(
            f"purify: the call writes to {', '.join(map(repr, changed))}, but mutable=False; "
            "pass train=False, or keep the state that apply returns"
        )
