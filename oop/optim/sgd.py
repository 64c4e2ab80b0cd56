"""Stochastic gradient descent."""

from numpy import zeros_like

from ...shared import optim as rules
from ...shared.optim import number
from ..tensor import wrap
from .optimizer import Optimizer, change


class SGD(Optimizer):
    """g = gradient + λ p;  b = μ b + (1 - τ) g;  p = p - lr (g + μ b if nesterov else b).

    λ weight_decay, μ momentum, τ dampening; b is g in the first step. maximize: climb instead.
    """

    def __init__(
        self, params, lr=1e-3, momentum=0, dampening=0, weight_decay=0, nesterov=False, *,
        maximize=False,
    ):  # fmt: skip
        super().__init__(params, {
            "lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay,
            "nesterov": nesterov, "maximize": maximize,
        })  # fmt: skip

    def check_options(self, group):
        """Also: Nesterov's momentum is one without dampening."""
        super().check_options(group)
        if group["nesterov"] and (not group["momentum"] or group["dampening"]):
            raise ValueError(
                f"SGD: nesterov needs momentum and no dampening, but momentum is "
                f"{group['momentum']} and dampening {group['dampening']}"
            )

    def step_group(self, group, place):
        """See the class."""
        lr, momentum = number(group["lr"]), group["momentum"]
        decay = number(group["weight_decay"])
        maximize = group["maximize"]
        for p in group["params"]:
            if p.grad is None:
                continue
            g = p.grad.value
            if maximize:
                g = -g
            if momentum:
                self._with_momentum(p, g, group, place)
            else:
                change(p, rules.sgd(g, None, p.value, lr, 0.0, 0.0, decay)[0], place)

    def _with_momentum(self, p, g, group, place):
        state, dampening = self.state.get(p), group["dampening"]
        if state is None:
            state = self.state[p] = {"momentum_buffer": wrap(zeros_like(p.value))}
            dampening = 0.0
        buffer = state["momentum_buffer"]
        steps = rules.steps_for(buffer.value, g, p.value)
        if steps is rules.FRESH:
            steps = rules.IN_PLACE
        update, buffer.value = rules.sgd(
            g, buffer.value, p.value, number(group["lr"]), number(group["momentum"]),
            number(dampening), number(group["weight_decay"]), group["nesterov"], steps,
        )  # fmt: skip
        change(p, update, place)
