"""What all optimisers have: groups of parameters, a state for each, and their dictionaries."""

from numpy import ndarray

from ...shared.dispatch import Value
from ...shared.errors import describe
from ..grad_mode import enable_grad
from ..graph import Version, here
from ..tensor import Tensor, wrap


class Optimizer:
    """Parameters in groups with options of their own; a subclass says how a group takes its step.

    params: Tensors, or (name, Tensor) pairs; or a list of dicts, each with "params" and options in
    place of the defaults. param_groups and state are as in torch: dicts that users may edit.
    Raises TypeError for what is no leaf Tensor, ValueError for no parameters, for one given twice
    and for options out of range.
    """

    def __init__(self, params, defaults):
        self.defaults, self.state, self.param_groups = defaults, {}, []
        groups = self._listed(params)
        if not groups:
            raise ValueError(
                f"{self._name}: there are no parameters; pass model.parameters(), and anew each "
                "time, as it is an iterator that ends"
            )
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    @property
    def _name(self):
        return type(self).__name__

    def _listed(self, params):
        """The parameters of a group as a list."""
        if isinstance(params, Tensor):
            raise TypeError(f"{self._name}: params is one Tensor, not several; pass [tensor]")
        try:
            return list(params)
        except TypeError:
            raise TypeError(
                f"{self._name}: params is a {type(params).__name__} but must be a list of Tensors "
                "or of dicts with 'params'"
            ) from None

    def add_param_group(self, param_group):
        """Optimise further parameters: {"params": [...], "lr": ...}; others are defaults."""
        if not isinstance(param_group, dict) or "params" not in param_group:
            raise TypeError(f"{self._name}: a group is a dict with 'params', not {param_group!r}")
        params = param_group["params"]
        params = [params] if isinstance(params, Tensor) else self._listed(params)
        group = {**self.defaults, **param_group, "params": params}
        if params and all(isinstance(p, tuple) and len(p) == 2 for p in params):
            group["param_names"] = [name for name, _ in params]
            group["params"] = params = [p for _, p in params]
        seen = {id(p) for other in self.param_groups for p in other["params"]}
        for i, p in enumerate(params):
            self._check_parameter(p, i, seen)
            seen.add(id(p))
        self.check_options(group)
        self.param_groups.append(group)

    def _check_parameter(self, p, i, seen):
        place = f"parameter {i} of group {len(self.param_groups)}"
        if not isinstance(p, Tensor):
            raise TypeError(f"{self._name}: {place} is no Tensor but {describe(p)}")
        if not p.is_leaf:
            raise ValueError(
                f"{self._name}: {place} is no leaf but the result of "
                f"{p.node.plan.primitive.name}; optimise the Tensor that it was made from, or "
                "x.detach().requires_grad_()"
            )
        if id(p) in seen:
            raise ValueError(
                f"{self._name}: {place} ({describe(p)}) is there already, and one step would "
                "change it twice; give each parameter once"
            )

    def check_options(self, group):
        """ValueError for options of a group that are out of range."""
        for name in ("lr", "eps", "momentum", "weight_decay"):
            value = group.get(name, 0.0)
            if isinstance(value, (int, float)) and not value >= 0:
                raise ValueError(f"{self._name}: {name} is {value} but must not be negative")

    def zero_grad(self, set_to_none=True):
        """Forget the gradients; with set_to_none=False, fill them with zeros instead."""
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none or p.grad is None:
                    p.grad = None
                else:
                    p.grad = p.grad.like(p.grad.value * 0)

    def step(self, closure=None):
        """Change every parameter that has a gradient, in its own memory.

        closure: computes the loss and its gradients anew; step() calls it and returns the loss.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        place = here()
        for group in self.param_groups:
            self.step_group(group, place)
        return loss

    def step_group(self, group, place):
        """One step of the parameters of a group; `place` is the user's line, see `change`."""
        raise NotImplementedError

    def state_dict(self):
        """{"state": {number: state}, "param_groups": [...]}, parameters by number, as in torch."""
        numbers, groups = {}, []
        for group in self.param_groups:
            own = [numbers.setdefault(id(p), len(numbers)) for p in group["params"]]
            groups.append({**group, "params": own})
        state = {numbers[id(p)]: dict(s) for p, s in self.state.items() if id(p) in numbers}
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict):
        """Take over the options and a copy of the state; parameters go by their order.

        ValueError, before anything is changed, where the groups do not fit.
        """
        saved, params = state_dict["param_groups"], []
        sizes = [len(g["params"]) for g in saved], [len(g["params"]) for g in self.param_groups]
        if sizes[0] != sizes[1]:
            raise ValueError(
                f"{self._name}: load_state_dict: the groups have {sizes[0]} parameters but this "
                f"optimizer's have {sizes[1]}"
            )
        for group in self.param_groups:
            params += group["params"]
        numbers = [n for group in saved for n in group["params"]]
        given = state_dict["state"]
        state = {}
        for n, p in zip(numbers, params, strict=True):
            if n in given:
                state[p] = {key: self._restored(key, x, p, n) for key, x in given[n].items()}
        for group, other in zip(self.param_groups, saved, strict=True):
            group.update({k: v for k, v in other.items() if k != "params"})
        self.state = state

    def _restored(self, key, x, p, number):
        """A copy of one entry of a parameter's state, in the parameter's dtype."""
        if isinstance(x, Tensor):
            x = x.value
        if not hasattr(x, "shape"):
            return x
        if x.shape != p.shape:
            raise ValueError(
                f"{self._name}: load_state_dict: {key!r} of parameter {number} has shape "
                f"{tuple(x.shape)} but the parameter {tuple(p.shape)}"
            )
        return wrap(x.astype(p.dtype))

    def __repr__(self):
        lines = []
        for i, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {i}")
            lines += [f"    {k}: {group[k]}" for k in sorted(group) if not k.startswith("param")]
        return f"{self._name} (\n" + "\n".join(lines) + "\n)"


def change(p, update, place):
    """p += update in p's own memory; the tape notices, and names `place` if it still needs p."""
    value = p.value
    if value.__class__ is ndarray:
        value += update
    elif isinstance(value, Value):
        p.value = value + update
    else:
        value += update
    changed(p, place)


def changed(p, place):
    """Note that p has other entries, since the user's line `place`."""
    if p.version is None:
        p.version = Version()
    p.version.bump(place)
