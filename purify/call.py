"""One purified call: bind the values to a clone, run it, read off what it leaves behind."""

from numpy import ndarray

from ..oop.graph import Version
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

    __slots__ = ("bound", "clone", "journal", "params", "plan", "state", "tensors", "version")

    def __init__(self, model, plan, params, state, training=None, late=()):
        self.plan = plan
        self.params, self.state = fitted(plan, params, state, late)
        level, self.version = depth.get() + 0.5, Version()
        memo = self.bound = parameters(plan, self.params, level, self.version)
        for name, key, cls, _, _ in plan.expected[1]:
            memo[key] = buffer(cls, self.state[name], level)
        given = self.params.values()
        self.tensors = [(t, t.version.count) for t in given if isinstance(t, Tensor)]
        memo[id(None)] = None
        cloner = Cloner(memo, plan.modules, training)
        self.clone, self.journal = cloner.module(model), cloner.journal
        if len(self.state) > len(plan.buffers):
            self._add_late(level)

    def _add_late(self, level):
        """Buffers that the model itself does not have, or has as None."""
        for name, x in self.state.items():
            if name not in self.plan.buffers:
                path, _, key = name.rpartition(".")
                owner = self.clone.get_submodule(path)
                owner._buffers[key] = buffer(Tensor, x, level)

    def run(self, method, args, kwargs):
        """What the method returns: arrays and traced values, or Tensors where any were given."""
        if len(args) == 1 and not kwargs and args[0].__class__ is ndarray:
            given, named, tensors = (wrap(borrowed(args[0])),), kwargs, False
        else:
            tensors = any(isinstance(x, Tensor) for x in tree.leaves((args, kwargs)))
            given, named = tree.map(argument, (args, kwargs))
        call = self.clone if method == "forward" else getattr(self.clone, method)
        out = call(*given, **named)
        if tensors or self.tensors:
            return out
        return payload(out) if out.__class__ is Tensor else tree.map(payload, out)

    def new_state(self):
        """{name: value} of the clone's buffers; the caller's own where the call wrote nothing.

        ValueError that names the parameters which the call has changed.
        """
        if self.version.count or any(x.version.count != n for x, n in self.tensors):
            raise changed("changes {} in place", filter(self._was_written, self.params))
        if self.journal:
            return self._state_anew()
        state, bound = dict(self.state), self.bound
        for name, key, _, _, _ in self.plan.expected[1]:
            state[name] = self._left(name, bound[key])
        if len(state) > len(self.plan.buffers):
            state.update(self._late_buffers())
        return state
