"""Adam and AdamW, as torch.optim has them (Kingma and Ba 2015; Loshchilov and Hutter 2019).

Both divide the two bias corrections out of the update, so that a leaf pays for neither:

    (lr / c) m / (√v / √d + eps) = (lr √d / c) m / (√v + eps √d),   c = 1 - β₁ᵗ, d = 1 - β₂ᵗ
"""

import math
from operator import itemgetter

import numpy as np

from ..dispatch import Value
from ..schedule.deferred import Deferred, on_host
from .steps import FRESH


def adam(
    gradient, m, v, param, scales, betas=(0.9, 0.999), weight_decay=0.0, steps=FRESH, largest=None
):
    """(update, m, v) of one leaf; the next parameter is param + update.

        g = gradient + λ param
        m = β₁ m + (1 - β₁) g
        v = β₂ v + (1 - β₂) |g|²
        update = -(lr / (1 - β₁ᵗ)) m / (√v / √(1 - β₂ᵗ) + eps)

    scales: what the step t makes of lr and eps, see `bias_scales`. With `largest`, the greatest v
    so far, the update uses that (AMSGrad) and the result is (update, m, v, largest).
    """
    g = gradient
    if weight_decay.__class__ is not float or weight_decay:
        g = g + param * weight_decay
    beta1, beta2 = betas
    rate, eps = scales
    m = steps.add(steps.scale(m, beta1), g * (1 - beta1))
    v = steps.add(steps.scale(v, beta2), steps.rescale(square(g), 1 - beta2))
    if largest is not None:
        largest = np.maximum(largest, v)
    denominator = steps.add(np.sqrt(v if largest is None else largest), eps)
    update = steps.rescale(m / denominator, -rate)
    return (update, m, v) if largest is None else (update, m, v, largest)


def adamw(gradient, m, v, param, scales, betas, decay, steps=FRESH, largest=None):
    """As `adam`, but the decay stays out of the statistics: update - decay param.

    decay: lr λ.
    """
    update, *state = adam(gradient, m, v, param, scales, betas, 0.0, steps, largest)
    if decay.__class__ is not float or decay:
        update = steps.add(update, param * -decay)
    return update, *state


def square(g):
    """|g|² in the dtype of g."""
    return g * np.conj(g) if g.dtype.kind == "c" else g * g


def bias_scales(step, lr, betas, eps, dtype=None):
    """(lr √d / c, eps √d) at step t = 1, 2, ...: Python's own floats.

    A traced step gives traced values of `dtype`, computed in float64 and rounded once, as a Python
    float is by the array it meets.
    """
    beta1, beta2 = betas
    if all(a.__class__ is Deferred or not isinstance(a, Value) for a in (step, lr)):
        scales = host_scales(step, lr, beta1, beta2, eps)
        return scales if scales.__class__ is tuple else [first(scales), second(scales)]
    t = step.astype(np.float64) if isinstance(step, Value) else float(step)
    root = np.sqrt(1 - power(beta2, t))
    rate = lr * root / (1 - power(beta1, t))
    return [x.astype(dtype) if hasattr(x, "astype") else x for x in (rate, eps * root)]


def differs(step, last):
    """True unless two step counts are known to be equal; a traced one is never known."""
    if isinstance(step, Value) and step.__class__ is not Deferred:
        return True
    return step != last


@on_host
def host_scales(step, lr, beta1, beta2, eps):
    """`bias_scales` of Python numbers."""
    t = int(step)
    root = math.sqrt(1 - beta2**t)
    return lr * root / (1 - beta1**t), eps * root


first, second = on_host(itemgetter(0)), on_host(itemgetter(1))


def power(base, t):
    """base ** t for a number and t > 0, traced or not."""
    return np.exp(t * math.log(base)) if base else 0.0 * t
