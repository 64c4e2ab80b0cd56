"""The table of primitives: one file per family, each primitive one block."""

from .activation import gate, log_softmax, relu, sigmoid, softmax, softmax_slope, softplus
from .arithmetic import (
    absolute,
    add,
    cbrt,
    copysign,
    deg2rad,
    div,
    fmod,
    hypot,
    integer_power,
    ldexp,
    length,
    mul,
    neg,
    nextafter,
    power,
    rad2deg,
    reciprocal,
    remainder,
    sign,
    sqrt,
    square,
    sub,
)  # fmt: skip
from .attention import masked_softmax
from .barrier import stop_gradient
from .cast import cast, convert
from .comparison import (
    bitwise_and,
    bitwise_or,
    bitwise_xor,
    equal,
    gcd,
    greater,
    greater_equal,
    invert,
    isfinite,
    isinf,
    isnan,
    lcm,
    left_shift,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    not_equal,
    right_shift,
    signbit,
)  # fmt: skip
from .complex import conj, imag, join, real
from .contraction import affine, dot_general, matmul
from .convolution import conv2d, conv2d_affine, conv2d_transpose, conv2d_weight
from .copying import clone
from .device import transfer
from .error_function import erf
from .exponential import exp, exp2, expm1, gap, log, log1p, log2, log10, logaddexp, logaddexp2
from .gaussian import gelu, gelu_slope, gelu_tanh, gelu_tanh_slope
from .indexing import (
    gather,
    getitem,
    occurrence,
    place,
    scatter_add,
    scatter_set,
    update,
    winner,
)  # fmt: skip
from .joining import concatenate, split, stack, unstack
from .labels import label_mask, pick_label, place_label
from .loss import cross_entropy, mse, surplus
from .multiply_add import multiply_add
from .naming import checkpoint_name
from .normalization import layer_norm, normal_slope
from .passing import passing
from .pooling import max_pool2d, pick_max, place_max, spread2d, sum_pool2d
from .primitive import Primitive, bilinear, elementwise, linear, registry
from .product import cumprod, cumsum, prod
from .random import fold_in, random
from .recurrent import gru_gates, lstm_gates
from .reduction import all, any, argmax, argmin, broadcast_to, logsumexp, max, mean, min, share, sum
from .rounding import ceil, floor, floor_divide, rint, round, trunc
from .selection import clip, fmax, fmin, guard, maximum, minimum, nan_to_num, portion, where
from .shape import flip, reshape, transpose, tril, triu
from .sorting import add_along_axis, argsort, searchsorted, sort, take_along_axis
from .trigonometric import (
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    cos,
    cosh,
    sin,
    sinc,
    sinh,
    tan,
    tanh,
)  # fmt: skip
