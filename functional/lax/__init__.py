"""The part of jax.lax's vocabulary that there is so far; control flow comes with staging."""

from ...shared.ops import absolute as abs
from ...shared.ops import (
    add,
    cos,
    cumprod,
    cumsum,
    dot_general,
    exp,
    expand_dims,
    expm1,
    floor,
    log,
    log1p,
    sin,
    sqrt,
    square,
    tanh,
)
from ...shared.ops import divide as div
from ...shared.ops import maximum as max
from ...shared.ops import minimum as min
from ...shared.ops import multiply as mul
from ...shared.ops import negative as neg
from ...shared.ops import power as pow
from ...shared.ops import subtract as sub
from ..reverse import stop_gradient
from .structure import concatenate, map, rsqrt, select
