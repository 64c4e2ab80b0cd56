"""Stateless programs: transforms of functions, layers and optimisers as pairs of functions."""

from ..shared.abstract import ShapeDtype
from ..shared.backend import to_device
from ..shared.ops import at
from . import checkpoint_policies, lax, nn, numpy, optim, random, tree
from .batching import vmap
from .custom import custom_jvp, custom_vjp
from .derivatives import hessian, hvp, jacfwd, jacobian, jacrev
from .forward import jvp, linearize
from .numeric import numeric_primitive
from .recompute import checkpoint, checkpoint_name, remat
from .reverse import grad, linear_transpose, stop_gradient, value_and_grad, vjp
from .staging import jit, make_graph
from .tracing import eval_shape, is_traced
