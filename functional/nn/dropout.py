"""Dropout."""

from ...shared.nn import dropout as formulas
from .fit import check_none
from .layer import Layer


def Dropout(rate=0.5):
    """With a key x / (1 - rate) with probability 1 - rate, else 0; without one x.

    >>> import numpy as np
    >>> from wonderland.shared import random
    >>> sorted(set(Dropout(0.5).apply({}, np.ones(50), key=random.key(7)).tolist()))
    [0.0, 2.0]
    """
    formulas.check_rate(rate)

    def apply(params, x, key=None):
        if params.__class__ is not dict or params:
            check_none("Dropout", params)
        return x if key is None else formulas.dropout(x, key, rate)

    return Layer(lambda key, x: {}, apply, takes_key=True)
