"""Layers without state, under torch.nn.functional's names; the formulas are in shared.nn."""

from ...shared.nn import activations
from ...shared.nn import attention as attentions
from ...shared.nn import dropout as dropouts
from ...shared.nn import softmax as softmaxes
from ...shared.nn.activations import (
    celu,
    elu,
    gelu,
    hardtanh,
    leaky_relu,
    log_sigmoid,
    mish,
    relu6,
    selu,
    sigmoid,
    silu,
    softplus,
    softsign,
    tanh,
)
from ...shared.nn.classification import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    kl_div,
    nll_loss,
)
from ...shared.nn.convolution import conv1d, conv2d, conv_transpose2d
from ...shared.nn.embedding import embedding, one_hot
from ...shared.nn.linear import linear
from ...shared.nn.normalization import layer_norm, normalize, rms_norm
from ...shared.nn.pooling import (
    adaptive_avg_pool2d,
    avg_pool1d,
    avg_pool2d,
    max_pool1d,
    max_pool2d,
)
from ...shared.nn.regression import huber_loss, l1_loss, mse_loss, smooth_l1_loss
from ..random import next_key

__all__ = [
    "adaptive_avg_pool2d",
    "avg_pool1d",
    "avg_pool2d",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "celu",
    "conv1d",
    "conv2d",
    "conv_transpose2d",
    "cross_entropy",
    "dropout",
    "elu",
    "embedding",
    "gelu",
    "hardtanh",
    "huber_loss",
    "kl_div",
    "l1_loss",
    "layer_norm",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "logsigmoid",
    "max_pool1d",
    "max_pool2d",
    "mish",
    "mse_loss",
    "nll_loss",
    "normalize",
    "one_hot",
    "relu",
    "relu6",
    "rms_norm",
    "scaled_dot_product_attention",
    "selu",
    "sigmoid",
    "silu",
    "smooth_l1_loss",
    "softmax",
    "softplus",
    "softsign",
    "tanh",
]

logsigmoid = log_sigmoid


def relu(input, inplace=False):
    """max(x, 0); the derivative at 0 is 0. The result is a new Tensor, inplace or not."""
    return activations.relu(input)


def softmax(input, dim=-1):
    """exp(x) / sum(exp(x)) along an axis."""
    return softmaxes.softmax(input, dim)


def log_softmax(input, dim=-1):
    """log(softmax(x)) along an axis."""
    return softmaxes.log_softmax(input, dim)


def dropout(input, p=0.5, training=True, inplace=False):
    """x / (1 - p) with probability 1 - p, else 0; x itself where training is False."""
    dropouts.check_rate(p)
    return dropouts.dropout(input, next_key(), p) if training else input


def scaled_dot_product_attention(
    query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None
):
    """softmax(scale query keyᵀ + mask) value.

    attn_mask: True where a query may attend, or numbers that are added. is_causal: a query attends
    to the keys up to its own place. scale: E^-½ unless given. Dropout is not switched off by itself
    in evaluation mode. A query that may attend to no key gets zeros.
    """
    dropout_key = next_key() if dropout_p else None
    return attentions.scaled_dot_product_attention(
        query, key, value, attn_mask, dropout_p, is_causal, scale, dropout_key
    )
