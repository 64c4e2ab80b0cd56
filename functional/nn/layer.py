"""Layer(init, apply): a layer as two pure functions."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ...shared.backend import device_of
from ...shared.dispatch import bottom
from ...shared.primitives.device import transfer
from .fit import check_none


class Layer(NamedTuple):
    """params = init(key, x) draws parameters for inputs like x; apply(params, x) computes.

    x in init is an example: an array, or anything with .shape and .dtype. params is a dict (of
    dicts), with the names and layouts of the module of the same name. takes_key: apply also takes
    key=, which switches randomness on: without one, a layer such as Dropout is in evaluation mode.

    >>> double = Layer(init=lambda key, x: {}, apply=lambda params, x: 2 * x)
    >>> double.apply({}, np.ones(2))
    array([2., 2.])
    """

    init: Callable[..., Any]
    apply: Callable[..., Any]
    takes_key: bool = False


def Lambda(function, name="Lambda"):
    """A function of x as a layer without parameters. name: what errors call it.

    >>> Lambda(lambda x: x + 1).apply({}, np.zeros(2))
    array([1., 1.])
    """

    def apply(params, x):
        if params.__class__ is not dict or params:
            check_none(name, params)
        return function(x)

    return Layer(init=lambda key, x: {}, apply=apply)


def placed(params, x):
    """params, drawn for inputs like x, on the device of x; where they are if x is on the host."""
    device = device_of(bottom(x))
    return params if device == "cpu" else {name: sent(p, device) for name, p in params.items()}


def sent(p, device):
    """An array or traced value on a device."""
    source = device_of(bottom(p))
    return p if source == device else transfer(p, device=device, source=source)


def parameter_dtype(x):
    """The dtype of parameters for inputs like x: that of x, or float32 where x is no float."""
    dtype = np.dtype(x.dtype)
    return dtype if dtype.kind in "fc" else np.dtype(np.float32)
