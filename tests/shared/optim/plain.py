"""The optimisers once more, in plain Python floats, step by step as torch documents them."""

import math


def sgd(p, gradients, lr, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False):
    """p after one step per gradient."""
    b = None
    for g in gradients:
        g = g + weight_decay * p
        if momentum:
            b = g if b is None else momentum * b + (1 - dampening) * g
            g = g + momentum * b if nesterov else b
        p = p - lr * g
    return p


def adam(
    p, gradients, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, decoupled=False, amsgrad=False
):
    """p after one step per gradient."""
    m = v = greatest = 0.0
    for t, g in enumerate(gradients, 1):
        if decoupled:
            p = p * (1 - lr * weight_decay)
        else:
            g = g + weight_decay * p
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g * g
        greatest = max(greatest, v)
        m_hat = m / (1 - betas[0] ** t)
        v_hat = (greatest if amsgrad else v) / (1 - betas[1] ** t)
        p = p - lr * m_hat / (math.sqrt(v_hat) + eps)
    return p


def each(rule, p, gradients, *args, **kwargs):
    """The rule for every entry of an array, as nested lists flattened."""
    columns = zip(*[g.ravel().tolist() for g in gradients], strict=True)
    return [
        rule(x, list(c), *args, **kwargs) for x, c in zip(p.ravel().tolist(), columns, strict=True)
    ]
