"""One purified call: bind the values to a clone, run it, read off what it leaves behind."""

import numpy as np
from numpy import ndarray

from ..oop.graph import Lent
from ..oop.nn.structure import joined
from ..oop.tensor import Tensor, wrap
from ..shared import tree
from ..shared.backend import is_array
from ..shared.dispatch import depth
from .borrow import argument, borrowed, buffer, parameters
from .clone import Cloner
from .fit import fitted
from .plan import walk


class Call:
    """A clone of the model that holds `params` and `state`, for one call of one of its methods.

    training: the mode of all modules, None for each one's own. late: names of buffers that earlier
    calls have registered, which the state may hold. ValueError where the leaves do not fit.
    """

    __slots__ = (
        "aliases",
        "bound",
        "clone",
        "guards",
        "journal",
        "lent",
        "params",
        "plan",
        "state",
    )

    def __init__(self, model, plan, params, state, training=None, late=()):
        self.plan = plan
        self.params, self.state = fitted(plan, params, state, late)
        level, version = depth.get() + 0.5, Lent()
        memo, self.aliases = parameters(plan, self.params, level, version)
        # Parameters around arrays share one version; those around Tensors have theirs.
        self.guards = [(version, 0), *[(p.version, p.version.count) for p in self.aliases]]
        self.bound, memo[id(None)] = memo, None
        self.lent = []  # (name, buffer of the clone, its value)
        for name, key, cls, _, _ in plan.expected[1]:
            t = memo[key] = buffer(cls, self.state[name], level)
            self.lent.append((name, t, None if t is None else t.value))
        cloner = Cloner(memo, plan.modules, training)
        self.clone, self.journal = cloner.module(model), cloner.journal
        if len(self.state) > len(plan.buffers):
            self._add_late(level)

    def _add_late(self, level):
        """The buffers that the model itself does not have, or has as None."""
        for name, x in self.state.items():
            if name not in self.plan.buffers:
                path, _, key = name.rpartition(".")
                t = buffer(Tensor, x, level)
                self.clone.get_submodule(path)._buffers[key] = t
                self.lent.append((name, t, None if t is None else t.value))

    def run(self, method, args, kwargs, check=None):
        """What the method returns: arrays and traced values, or Tensors where any were given.

        check(out): looks at the result while it is still made of Tensors.
        """
        if len(args) == 1 and not kwargs and args[0].__class__ is ndarray:
            given, named, tensors = (wrap(borrowed(args[0])),), kwargs, False
        else:
            tensors = any(isinstance(x, Tensor) for x in tree.leaves((args, kwargs)))
            given, named = tree.map(argument, (args, kwargs))
        call = self.clone if method == "forward" else getattr(self.clone, method)
        out = call(*given, **named)
        if check is not None:
            check(out)
        if tensors or self.aliases:
            return out
        return payload(out) if out.__class__ is Tensor else tree.map(payload, out)

    def new_state(self):
        """{name: value} of the clone's buffers; the caller's own where the call wrote nothing.

        ValueError that names the parameters which the call has changed.
        """
        for version, count in self.guards:
            if version.count != count:
                raise ValueError(fault(self._written(), "changes it in place"))
        if self.journal:
            return self._anew()
        return {name: self._left(name, t, x, t) for name, t, x in self.lent}

    def _left(self, name, t, lent, now):
        """What to return for a buffer that was t around the value `lent`, and is `now`."""
        given = self.state[name]
        if now is t and (t is None or t.value is lent):
            return given
        return returned(now, isinstance(given, Tensor))

    def _anew(self):
        """`new_state` where buffers were rebound, added or removed."""
        plan, found = self.plan, {}
        own = {id(t) for _, t, _ in self.lent}
        self._check_parameters()
        for path, module in walk(self.clone):
            found |= {joined(path, key): t for key, t in module._buffers.items()}
        state = {name: self._left(name, t, x, found.pop(name, None)) for name, t, x in self.lent}
        for name, t in found.items():
            if t is not None and name not in plan.aliases and id(t) not in own:
                own.add(id(t))
                state[name] = returned(t)
        return state

    def _check_parameters(self):
        """ValueError where a parameter was assigned, added or deleted."""
        plan, seen = self.plan, set()
        for path, module in walk(self.clone):
            for key, p in module._parameters.items():
                name = joined(path, key)
                seen.add(name)
                original = plan.parameters.get(plan.aliases.get(name, name))
                if p is not (None if original is None else self.bound[id(original)]):
                    raise ValueError(fault(name, "assigns it"))
        for name in plan.parameters:
            if name not in seen:
                raise ValueError(fault(name, "deletes it"))

    def _written(self):
        """The name of a parameter that was changed in place."""
        for name, key, _, _, _ in self.plan.expected[0]:
            x, given = self.bound[key].value, self.params[name]
            given = given.value if isinstance(given, Tensor) else given
            kept = is_array(x) and is_array(given) and np.may_share_memory(x, given)
            if x is not given and not kept:
                return name
        return next(iter(self.params))  # without entries, hence without memory


def returned(t, tensor=False):
    """A buffer of the clone as part of the state: a Tensor, where it must be or has a history."""
    return t if t is None or tensor or t.fresh().node is not None else t.value


def payload(x):
    """A result as the functional world expects it."""
    return x.fresh().value if isinstance(x, Tensor) else x


def fault(name, what):
    """The text for a parameter that a call changes."""
    return (
        f"purify: {name!r} is a parameter, but the call {what}; parameters change outside, in the "
        "optimiser; register it as a buffer to have it returned in the state"
    )
