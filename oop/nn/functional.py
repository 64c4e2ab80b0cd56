"""Layers without state, under torch.nn.functional's names; the formulas are in shared.nn."""

from ...shared.nn import activations
from ...shared.nn import dropout as dropouts
from ...shared.nn import softmax as softmaxes
from ...shared.nn.activations import (
    log_sigmoid,
)
from ..random import next_key

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
