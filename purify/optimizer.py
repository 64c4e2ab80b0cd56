"""An optimiser with state as a pair of pure functions, its state by parameter name."""

import numpy as np

from ..oop.grad_mode import no_grad
from ..oop.optim.optimizer import Optimizer
from ..oop.tensor import Tensor, wrap
from ..shared.dispatch import Value, depth
from ..shared.primitives.arithmetic import add
from ..shared.schedule.conditions import conditions, holds_while

new = object.__new__


def purify_optimizer(optimizer, model=None):
    """init, update = purify_optimizer(optimizer): its step as pure functions.

    They are used as those of functional.optim. init(params): {name: state}, copies of what the
    optimiser holds; a parameter that has made no step yet has none. update(gradients, state,
    params) -> (updates, state). Names are those of `model`, or those that the optimiser was given
    with its parameters. The optimiser's options are read at each call, which never changes it; the
    result also has write_back(state), which does.

    >>> import numpy as np
    >>> from wonderland.oop import nn, optim
    >>> model = nn.Linear(2, 1, bias=False)
    >>> init, update = purify_optimizer(optim.SGD(model.parameters(), lr=0.5), model)
    >>> params = {"weight": np.ones((1, 2), np.float32)}
    >>> update({"weight": np.ones((1, 2), np.float32)}, init(params), params)[0]
    {'weight': array([[-0.5, -0.5]], dtype=float32)}
    """
    if not isinstance(optimizer, Optimizer):
        raise TypeError(
            f"purify_optimizer: an oop.optim.Optimizer is needed, not {type(optimizer).__name__}"
        )
    return PureOptimizer(optimizer, names_of(optimizer, model))


def names_of(optimizer, model):
    """{id of parameter: name}; ValueError where one of the optimiser's has none."""
    names = {} if model is None else {id(p): name for name, p in model.named_parameters()}
    for group in optimizer.param_groups:
        if model is None:
            given = group.get("param_names", ())
            names |= {id(p): name for p, name in zip(group["params"], given, strict=False)}
        for p in group["params"]:
            if id(p) not in names:
                remedy = (
                    "pass the model too, or make the optimizer from model.named_parameters()"
                    if model is None
                    else "it is none of the model's"
                )
                raise ValueError(
                    f"purify_optimizer: a parameter of shape {tuple(p.shape)} has no name; {remedy}"
                )
    return names


class PureOptimizer:
    """See `purify_optimizer`; unpacks into (init, update)."""

    def __init__(self, optimizer, names):
        self.optimizer, self.names = optimizer, names

    def __iter__(self):
        yield self.init
        yield self.update

    def parameters(self):
        """{name: the optimiser's own parameter}."""
        groups = self.optimizer.param_groups
        return {self.names[id(p)]: p for group in groups for p in group["params"]}

    def options(self):
        """The options of each group, by the names of its parameters."""
        groups = self.optimizer.param_groups
        return [
            {**group, "params": [self.names[id(p)] for p in group["params"]]} for group in groups
        ]

    def init(self, params):
        """The optimiser's state by name, in copies; for names that params has."""
        state = self.optimizer.state
        own = {name: p for name, p in self.parameters().items() if params.get(name) is not None}
        return {name: copied(state[p]) for name, p in own.items() if p in state}

    def update(self, updates, state, params=None):
        """(what to add to the parameters, the new state) of one step.

        A parameter without a gradient (no entry, or None) makes no step, nor does one that the
        optimiser does not have.
        """
        if params is None:
            raise ValueError("purify_optimizer: no params; call update(gradients, state, params)")
        self.check_names(updates, self.names.values())
        if conditions.get() is not None:  # jit must notice another learning rate
            options = self.options()
            holds_while(lambda: self.options() == options)
        known = self.parameters()
        self.check_names(state, known)
        level = depth.get() + 0.5
        given = {n: g for n, g in updates.items() if g is not None and n in known}
        tensors = {n: wrap(Moving(params[n], level - 0.25), None, level) for n in given}
        for name, t in tensors.items():
            t.grad = wrap(given[name])
        new_state = {n: s for n, s in state.items() if n not in tensors}
        own = {tensors[n]: held(s) for n, s in state.items() if n in tensors}
        if tensors:
            step = self.clone({id(known[n]): t for n, t in tensors.items()}, own)
            with no_grad():
                step.step()
            new_state |= {n: released(step.state[t]) for n, t in tensors.items() if t in step.state}
        return {n: self.moved(n, g, params, tensors) for n, g in updates.items()}, new_state

    def clone(self, tensors, state):
        """The optimiser with other parameters, {id of its own: Tensor}, and another state."""
        copy = new(type(self.optimizer))
        copy.__dict__.update(self.optimizer.__dict__)
        copy.state, copy.param_groups = state, []
        for group in self.optimizer.param_groups:
            own = [tensors[id(p)] for p in group["params"] if id(p) in tensors]
            copy.param_groups.append({**group, "params": own})
        return copy

    @staticmethod
    def moved(name, gradient, params, tensors):
        """What to add to a parameter."""
        if name not in tensors:
            return None if gradient is None else np.zeros_like(params[name])
        value = tensors[name].value
        if value.__class__ is not Moving:  # an optimiser that did something else than to add
            return value - params[name]
        return np.zeros_like(params[name]) if value.update is None else value.update

    @staticmethod
    def check_names(given, known):
        """ValueError for names that are none of the optimiser's."""
        known = list(known)
        unknown = [name for name in given if name not in known]
        if unknown:
            raise ValueError(
                f"purify_optimizer: {', '.join(map(repr, unknown))} is none of the parameters "
                f"{', '.join(map(repr, known))}"
            )

    def write_back(self, state):
        """Put copies of a state into the optimiser; parameters without an entry lose theirs."""
        known = self.parameters()
        self.check_names(state, known)
        self.optimizer.state = {known[n]: held(copied(s)) for n, s in state.items()}


class Moving(Value):
    """A parameter during a functional step: it keeps what is added to it.

    So an update is the very array that the stateful step adds, and both reach the same bits.
    """

    __slots__ = ("level", "update", "value")

    def __init__(self, value, level, update=None):
        self.value, self.level, self.update = value, level, update

    def interpret(self, primitive, args, static):
        """Apply one level down; a sum with this parameter is this parameter, moved."""
        values = [a.value if a.__class__ is Moving else a for a in args]
        z = primitive(*values, **static)
        if primitive is not add or args[0].__class__ is not Moving:
            return z
        before = args[0].update
        return Moving(z, self.level, values[1] if before is None else before + values[1])


def copied(state):
    """One parameter's state, its Tensors as arrays of their own."""
    arrays = released(state)
    return {key: x.copy() if hasattr(x, "copy") else x for key, x in arrays.items()}


def released(state):
    """One parameter's state, its Tensors as arrays."""
    return {key: x.value if isinstance(x, Tensor) else x for key, x in state.items()}


def held(state):
    """One parameter's state, its arrays as Tensors."""
    return {key: wrap(x) if getattr(x, "shape", ()) else x for key, x in state.items()}
