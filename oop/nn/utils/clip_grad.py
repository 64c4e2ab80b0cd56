"""Gradients made smaller, in place, between backward() and step()."""

import numpy as np

from ....shared import ops
from ....shared.backend import host
from ....shared.dispatch import Value, bottom
from ....shared.optim.clipping import clip_factor, global_norm
from ...grad_mode import no_grad
from ...tensor import Tensor, wrap


@no_grad()
def clip_grad_norm_(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False):
    """Scale the gradients so that their common norm is at most max_norm; the norm before, a Tensor.

    The factor is torch's, min(1, max_norm / (norm + 1e-6)), as in functional's clip_by_global_norm.

    >>> from wonderland import oop
    >>> p = oop.zeros(2, requires_grad=True)
    >>> (p * oop.tensor([3.0, 4.0])).sum().backward()
    >>> clip_grad_norm_([p], 1.0).item(), p.grad
    (5.0, tensor([0.5999999 , 0.79999983]))
    """
    gradients = gradients_of(parameters)
    leaves = [g.value for g in gradients]
    norm = norm_of(leaves, norm_type)
    if error_if_nonfinite and not isinstance(norm, Value) and not np.isfinite(host(bottom(norm))):
        raise RuntimeError(
            f"clip_grad_norm_: the norm of the gradients is {float(norm)}, by which nothing can be "
            "scaled; look for the step that overflowed, or pass error_if_nonfinite=False"
        )
    factor = clip_factor(norm, max_norm)
    for g in gradients:
        g.mul_(wrap(factor))
    return wrap(norm)


@no_grad()
def clip_grad_value_(parameters, clip_value):
    """Clip every entry of the gradients to [-clip_value, clip_value]."""
    for g in gradients_of(parameters):
        g.clamp_(-float(clip_value), float(clip_value))


def gradients_of(parameters):
    """The gradients there are, of one Tensor or several."""
    parameters = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    return [p.grad for p in parameters if p.grad is not None]


def norm_of(leaves, norm_type):
    """The norm of all entries together; 0 where there are none."""
    if not leaves:
        return np.float32(0)
    if norm_type == 2:
        return global_norm(leaves)
    norms = [ops.vector_norm(x, ord=norm_type, operation="clip_grad_norm_") for x in leaves]
    return ops.vector_norm(ops.stack(norms), ord=norm_type, operation="clip_grad_norm_")
