"""Adam and AdamW."""

from functools import partial

from numpy import zeros_like

from ...shared import optim as rules
from ...shared.optim import number
from ...shared.optim.adam import bias_scales, differs
from ..tensor import wrap
from .optimizer import Optimizer, change, changed

KEPT = ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")


class Adam(Optimizer):
    """m = β₁ m + (1-β₁) g;  v = β₂ v + (1-β₂) g²;  p = p - lr m̂ / (√v̂ + eps).

    m̂ = m / (1 - β₁ᵗ), v̂ = v / (1 - β₂ᵗ), g = gradient + weight_decay p. amsgrad: with the
    greatest v so far in place of v. maximize: climb instead.
    """

    decoupled = False  # whether the decay stays out of m and v

    def __init__(
        self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False, *,
        maximize=False,
    ):  # fmt: skip
        super().__init__(params, {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
            "amsgrad": amsgrad, "maximize": maximize,
        })  # fmt: skip

    def check_options(self, group):
        """Also: both betas lie in [0, 1)."""
        super().check_options(group)
        if not all(0 <= beta < 1 for beta in group["betas"]):
            raise ValueError(
                f"{type(self).__name__}: betas must lie in [0, 1) but are {group['betas']}"
            )

    def step_group(self, group, place):
        """See the class."""
        lr, eps = number(group["lr"]), number(group["eps"])
        betas, decay = tuple(map(number, group["betas"])), number(group["weight_decay"])
        scales = last = None
        for p in group["params"]:
            if p.grad is None:
                continue
            state = self.state.get(p)
            if state is None:
                state = self.state[p] = fresh_state(p, group["amsgrad"])
            t = state["step"] = state["step"] + 1
            if differs(t, last):  # nearly always one t for all parameters
                scales, last = bias_scales(t, lr, betas, eps, p.dtype), t
            rule = partial(self._update, scales, betas, lr, decay, group["maximize"])
            self._take(p, state, rule, place)

    def _take(self, p, state, rule, place):
        """The step of one parameter: rule(gradient, *state, parameter) -> (update, *state)."""
        kept = [state[k] for k in KEPT if k in state]
        arrays = [p.grad.value, *[t.value for t in kept], p.value]
        pieces = rules.blocks(arrays)
        if pieces is None:
            update, *found = rule(*arrays)
            for t, x in zip(kept, found, strict=True):
                t.value = x
            return change(p, update, place)
        for piece in pieces:
            update, *found = rule(*piece)
            for old, new in zip(piece[1:], found, strict=False):
                if old is not new:
                    old[...] = new
            piece[-1][...] += update
        return changed(p, place)

    def _update(self, scales, betas, lr, decay, climb, g, m, v, *others):
        """(update, m, v, largest v if it is kept): the rule, which may write into m and v."""
        *largest, value = others
        steps = rules.steps_for(g, value, m)
        if steps is rules.FRESH:
            steps = rules.IN_PLACE
        g = -g if climb else g
        if self.decoupled:
            return rules.adamw(g, m, v, value, scales, betas, lr * decay, steps, *largest)
        return rules.adam(g, m, v, value, scales, betas, decay, steps, *largest)


class AdamW(Adam):
    """Adam whose decay stays out of the averages: each step also takes lr weight_decay p off p."""

    decoupled = True

    def __init__(
        self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2, amsgrad=False, *,
        maximize=False,
    ):  # fmt: skip
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize)


def fresh_state(p, amsgrad):
    """The state of a parameter before its first step."""
    state = {"step": 0, "exp_avg": wrap(zeros_like(p.value))}
    state["exp_avg_sq"] = wrap(zeros_like(p.value))
    if amsgrad:
        state["max_exp_avg_sq"] = wrap(zeros_like(p.value))
    return state
