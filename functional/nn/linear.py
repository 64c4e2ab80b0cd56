"""Linear layers."""

from ...shared.nn import linear as formulas
from ...shared.nn.initializers import fan_in_uniform
from ...shared.random import fold_in
from .fit import check_leaves
from .layer import Lambda, Layer, parameter_dtype, placed


def Linear(out_features, bias=True, weight_init=fan_in_uniform, bias_init=None):
    """y = x Wᵀ + b.  x: (..., in) -> (..., out); params: weight (out, in) and bias (out,).

    Both are drawn from U(-k, k), k = in^-½, unless initializers (key, shape, dtype) are given, and
    land on the device of the example x.

    >>> import numpy as np
    >>> from wonderland.shared import random
    >>> params = Linear(5).init(random.key(0), np.ones((4, 3), np.float32))
    >>> {name: p.shape for name, p in params.items()}
    {'weight': (5, 3), 'bias': (5,)}
    """

    def init(key, x):
        if not x.shape:
            raise ValueError("Linear: x has no axes, so there are no features to start from")
        fan_in, dtype = x.shape[-1], parameter_dtype(x)
        params = {"weight": weight_init(fold_in(key, 0), (out_features, fan_in), dtype)}
        if bias:
            key, shape = fold_in(key, 1), (out_features,)
            if bias_init is None:
                params["bias"] = fan_in_uniform(key, shape, dtype, fan_in=fan_in)
            else:
                params["bias"] = bias_init(key, shape, dtype)
        return placed(params, x)

    shapes = {"weight": (out_features, None)} | ({"bias": (out_features,)} if bias else {})
    count = len(shapes)

    def apply(params, x):
        try:
            weight, b = params["weight"], params["bias"] if bias else None
            fitting = weight.shape[0] == out_features and len(params) == count
        except (KeyError, TypeError, AttributeError, IndexError):
            fitting = False
        if not fitting:
            check_leaves("Linear", params, shapes)
        return formulas.linear(x, weight, b)

    return Layer(init, apply)


def Identity():
    """y = x."""
    return Lambda(lambda x: x, "Identity")
