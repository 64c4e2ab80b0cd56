"""The part of jax.lax's vocabulary that there is so far.

Control flow: scan, map, while_loop, fori_loop, cond, switch, associative_scan. Where nothing is
traced the functions themselves run; under a transform a loop or branch is one operation, with
derivatives, and under jit it stays one equation of the graph.
"""

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
from .associative import associative_scan
from .branches import cond, switch
from .loops import fori_loop, while_loop
from .scan import map, scan
from .structure import concatenate, rsqrt, select
from .windows import conv_general_dilated, reduce_window
