"""Stateless programs: transforms of functions, layers and optimisers as pairs of functions."""

from .batching import vmap
from .derivatives import hessian, hvp, jacfwd, jacobian, jacrev
from .forward import jvp, linearize
from .reverse import grad, linear_transpose, stop_gradient, value_and_grad, vjp
