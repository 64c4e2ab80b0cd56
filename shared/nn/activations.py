"""Activation functions, entry by entry. Kinks are stated; every derivative is finite.

Names and defaults are torch's.
"""

from ..ops.elementwise import expm1
from ..ops.promotion import inexact
from ..ops.selection import where
from ..primitives import activation, trigonometric
from ..primitives.gaussian import gelu as exact_gelu
from ..primitives.gaussian import gelu_tanh

# Which make a self-normalising network, from Klambauer et al. 2017, equation 14
SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946

GELUS = {"none": exact_gelu, "tanh": gelu_tanh}


def relu(x):
    """max(x, 0); the derivative at 0 is 0.

    >>> import numpy as np
    >>> relu(np.array([-1.0, 2.0]))
    array([0., 2.])
    """
    return activation.relu(x)


def relu6(x):
    """min(max(x, 0), 6); the derivative at 0 and at 6 is 0."""
    return hardtanh(x, 0.0, 6.0)


def hardtanh(x, min_val=-1.0, max_val=1.0):
    """x within [min_val, max_val]; the derivative at both is 0."""
    return where(x <= min_val, min_val, where(x >= max_val, max_val, x))


def leaky_relu(x, negative_slope=0.01):
    """x where x > 0, else negative_slope x, whose derivative it has at 0."""
    return where(x > 0, x, x * negative_slope)


def elu(x, alpha=1.0):
    """x where x > 0, else alpha (exp(x) - 1), whose derivative it has at 0."""
    x = inexact(x)
    return where(x > 0, x, alpha * expm1(where(x > 0, 0.0, x)))


def celu(x, alpha=1.0):
    """x where x > 0, else alpha (exp(x / alpha) - 1): elu with a derivative of 1 at 0."""
    return where(x > 0, x, alpha * expm1(where(x > 0, 0.0, x / alpha)))


def selu(x):
    """elu, scaled so that activations keep mean 0 and variance 1 from layer to layer."""
    return SELU_SCALE * elu(x, SELU_ALPHA)


def sigmoid(x):
    """1 / (1 + exp(-x)).

    >>> import numpy as np
    >>> sigmoid(np.array([0.0, -1000.0]))
    array([0.5, 0. ])
    """
    return activation.sigmoid(inexact(x))


def tanh(x):
    """The hyperbolic tangent."""
    return trigonometric.tanh(x if x.dtype.kind == "f" else inexact(x))  # "f" first: the hot path


def log_sigmoid(x):
    """log(sigmoid(x)), finite for every finite x."""
    return -activation.softplus(-inexact(x))


def softplus(x, beta=1.0, threshold=20.0):
    """log(1 + exp(beta x)) / beta; x itself where beta x > threshold."""
    x = inexact(x)
    scaled = x if beta == 1 else x * beta
    z = activation.softplus(scaled)
    return where(scaled > threshold, x, z if beta == 1 else z / beta)


def softsign(x):
    """x / (1 + |x|)."""
    return x / (1 + abs(x))


def silu(x):
    """x sigmoid(x)."""
    return x * sigmoid(x)


def mish(x):
    """x tanh(softplus(x))."""
    return x * tanh(activation.softplus(inexact(x)))


def gelu(x, approximate="none"):
    """x Φ(x), with Φ the normal distribution function; approximate="tanh" for its approximation.

    Hendrycks and Gimpel 2016.
    """
    if approximate not in GELUS:
        raise ValueError(f"gelu: approximate is 'none' or 'tanh', not {approximate!r}")
    return GELUS[approximate](inexact(x))
