"""purify: a stateful model as a pure function of its parameters and its state."""

from ..oop.nn import Module
from ..oop.random import drawing_from
from ..shared import tree
from ..shared.schedule.conditions import conditions, holds_while
from . import fit, initial
from .call import Call
from .clone import Stale
from .keys import drawn_from, no_key
from .plan import Plan
from .straight import reader
from .survey import Survey
from .watch import watched
from .write import write_back


def purify(model, method="forward", *, train=None, checked=False):
    """`model` as a pure function: out, state = pure.apply(params, state, x).

    params, state = pure.init() are the values it starts from. method: which method apply calls.
    train: the mode of all modules in every call; None keeps each module's own. checked: calls raise
    where they use tensors of the model itself, which a closure or a global may hold; slower. The
    model is never changed by a call. Gradients, vmap and the other transforms of
    `wonderland.functional` apply to `pure.apply` as to any function.

    Raises TypeError unless `model` is an nn.Module with that method.

    >>> from wonderland.oop import nn
    >>> pure = purify(nn.Linear(3, 2))
    >>> params, state = pure.init()
    >>> {name: x.shape for name, x in params.items()}
    {'weight': (2, 3), 'bias': (2,)}
    """
    if not isinstance(model, Module):
        given = f"the class {model.__name__}" if isinstance(model, type) else type(model).__name__
        remedy = (
            "make an instance of it" if isinstance(model, type) else "functions are pure already"
        )
        raise TypeError(f"purify: an nn.Module is needed, but this is {given}; {remedy}")
    if not callable(getattr(model, method, None)):
        raise TypeError(f"purify: {type(model).__name__} has no method {method!r}")
    return Pure(model, method, train, checked)


class Pure:
    """A purified model; see `purify`."""

    def __init__(self, model, method="forward", train=None, checked=False):
        self.model, self.method, self.train, self.checked = model, method, train, checked
        self.late = frozenset()  # names of buffers that calls have registered
        self._plan = None, None

    @property
    def plan(self):
        """The model's leaves, found anew when the structure of a model has changed."""
        version, plan = self._plan
        if version != self.model.structure_version():
            version = self.model.structure_version()
            plan = Plan(self.model)
            self._plan = version, plan
        return plan

    @property
    def names(self):
        """The names of the parameters, equal to those of model.named_parameters()."""
        return list(self.plan.parameters)

    @property
    def aliases(self):
        """{further name: first name} of tied parameters and buffers."""
        return dict(self.plan.aliases)

    @property
    def trainable(self):
        """The names of the parameters that require a gradient; see `partition`."""
        return [name for name, p in self.plan.parameters.items() if p.requires_grad]

    def init(self, key=None):
        """(params, state) as {name: array}: copies of the model's values, or with a key fresh ones.

        Fresh values are drawn by each module's reset_parameters() under fold_in(key, path), so
        they do not depend on the order in which modules were made. The model keeps its own.
        """
        return (
            initial.values(self.plan) if key is None else initial.fresh(self.model, self.plan, key)
        )

    def __call__(self, params, *args, **kwargs):
        """The model's output with these parameters; for models without state and randomness."""
        return self.apply(params, {}, *args, **kwargs)[0]

    def apply(self, params, state, *args, key=None, train=None, mutable=True, **kwargs):
        """(out, new state) of the model's method with these values in place of its own.

        params, state: {name: array or traced value}, or nested dicts of them; they and the
        arguments are never changed. The new state is flat. key: for random layers; under vmap each
        element has masks of its own, unless the key is mapped too. train: the mode for this call.
        mutable: False raises where the call writes to a buffer. Arrays among the arguments become
        Tensors inside, and Tensors in the result arrays again, unless Tensors were given.

        ValueError lists the leaves that do not fit, or names a parameter that the call changes.
        """
        train = self.train if train is None else train
        if self.checked:
            return watched(self._apply, self.plan, params, state, args, kwargs, key, train, mutable)
        return self._apply(params, state, args, kwargs, key, train, mutable)

    def _apply(self, params, state, args, kwargs, key, train, mutable, check=None):
        if conditions.get() is not None:  # jit must notice eval() and other changes of the model
            holds_while(reader(Survey([self.model])))
        try:
            call = Call(self.model, self.plan, params, state, train, self.late)
        except Stale:
            self._plan = None, None
            call = Call(self.model, self.plan, params, state, train, self.late)
        if key is not None:
            leaves = (call.params, call.state, args, kwargs)
            draw = drawn_from(key, lambda: tree.leaves(leaves))
        with drawing_from(no_key if key is None else draw):
            out = call.run(self.method, args, kwargs, check)
        new_state = call.new_state()
        if not mutable:
            unchanged(call.state, new_state)
        if len(new_state) > len(call.plan.buffers):
            self.late |= new_state.keys() - call.plan.buffers.keys()
        return out, new_state

    def write_back(self, params, state=None):
        """Copy values into the model's own tensors: identities, and so optimisers, survive.

        Everything is validated first; on error nothing has changed. state: None leaves the buffers.
        """
        write_back(self, params, state)

    @staticmethod
    def unflatten(params):
        """{'a.b': x} as nested dicts {'a': {'b': x}}, the form of functional layers."""
        nested: dict = {}
        for name, x in params.items():
            *path, last = name.split(".")
            place = nested
            for part in path:
                place = place.setdefault(part, {})
            place[last] = x
        return nested

    @staticmethod
    def flatten(nested):
        """A pytree, such as the nested dicts of functional layers, as {'a.b': x}."""
        return fit.flatten(nested)

    def __repr__(self):
        method = "" if self.method == "forward" else f", {self.method!r}"
        return f"purify({self.model!r}{method})"

    def __getstate__(self):
        return {**self.__dict__, "_plan": (None, None)}  # a plan goes by identity


def unchanged(before, after):
    """ValueError naming the buffers that a call with mutable=False has written."""
    changed = [name for name in before | after if before.get(name) is not after.get(name)]
    if changed:
        raise ValueError(
            f"purify: the call writes to {', '.join(map(repr, changed))}, but mutable=False; "
            "pass train=False, or keep the state that apply returns"
        )
