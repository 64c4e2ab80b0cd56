"""Stochastic gradient descent, as torch.optim.SGD has it."""

from .steps import FRESH


def sgd(
    gradient, buffer, param, lr, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False,
    steps=FRESH,
):  # fmt: skip
    """(update, buffer) of one leaf; the next parameter is param + update.

        g = gradient + λ param
        b = μ b + (1 - τ) g
        update = -lr (g + μ b if nesterov else b)

    λ weight_decay, μ momentum, τ dampening: floats or traced values. b starts as zeros, and the
    caller passes τ = 0 the first time, so that b is then g, as in torch. Without momentum b is not
    used and may be None.
    """
    g = gradient
    if weight_decay.__class__ is not float or weight_decay:
        g = g + param * weight_decay
    if momentum.__class__ is not float or momentum:
        damped = dampening.__class__ is not float or dampening
        new = g * (1 - dampening) if damped else g
        buffer = steps.add(steps.scale(buffer, momentum), new)
        g = g + buffer * momentum if nesterov else buffer
    return g * -lr, buffer
