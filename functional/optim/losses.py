"""Losses under optax's names: one value for each row or entry; the mean over them is the caller's.

The formulas are those of `functional.nn`, which has torch's names and takes the mean.
"""

from ...shared.nn.classification import binary_cross_entropy_with_logits
from ...shared.nn.regression import mse_loss
from ...shared.nn.softmax import log_softmax
from ...shared.ops.axes import array
from ...shared.ops.promotion import inexact
from ...shared.ops.reductions import sum as reduce_sum
from ...shared.ops.shape import moveaxis
from ...shared.primitives import loss

NAME = "softmax_cross_entropy"


def squared_error(predictions, targets=None):
    """(predictions - targets)², entry by entry; without targets predictions²."""
    if targets is None:
        return predictions * predictions
    return mse_loss(array(predictions, "l2_loss"), array(targets, "l2_loss"), reduction="none")


def l2_loss(predictions, targets=None):
    """Half of squared_error.

    >>> import numpy as np
    >>> l2_loss(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    array([0., 2.])
    """
    return 0.5 * squared_error(predictions, targets)


def softmax_cross_entropy(logits, labels, axis=-1):
    """-sum(labels log softmax(logits)) over the axis of the classes; labels are probabilities.

    >>> import numpy as np
    >>> softmax_cross_entropy(np.zeros((1, 2)), np.array([[0.5, 0.5]]))
    array([0.69314718])
    """
    return -reduce_sum(labels * log_softmax(inexact(array(logits, NAME)), axis), axis=axis)


def softmax_cross_entropy_with_integer_labels(logits, labels, axis=-1):
    """-log softmax(logits) at the label; ValueError names a label that is no class.

    >>> import numpy as np
    >>> softmax_cross_entropy_with_integer_labels(np.zeros((1, 2)), np.array([1]))
    array([0.69314718])
    """
    logits = moveaxis(inexact(array(logits, NAME)), axis, -1)
    return loss.cross_entropy(logits, array(labels, NAME), ignore_index=None, kept=None)


def sigmoid_binary_cross_entropy(logits, labels):
    """-(labels log sigmoid(logits) + (1 - labels) log sigmoid(-logits)), entry by entry.

    >>> import numpy as np
    >>> sigmoid_binary_cross_entropy(np.zeros(1), np.ones(1))
    array([0.69314718])
    """
    logits, labels = [array(x, "sigmoid_binary_cross_entropy") for x in (logits, labels)]
    return binary_cross_entropy_with_logits(logits, labels, reduction="none")
