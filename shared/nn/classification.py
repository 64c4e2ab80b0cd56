"""Losses over classes. Names and defaults are torch's; the class axis is the second of several.

# N samples, C classes
"""

from ..errors import describe
from ..ops.elementwise import exp, log
from ..ops.promotion import astype, inexact
from ..ops.selection import clip, where
from ..primitives import activation, labels, loss
from ..primitives.reduction import broadcast_to
from ..primitives.reduction import sum as reduce_sum
from ..primitives.shape import moved, reshape, transpose
from .reduction import check_reduction, paired, reduced
from .softmax import log_softmax

IGNORE = -100  # torch's ignore_index


def cross_entropy(
    input, target, weight=None, ignore_index=IGNORE, reduction="mean", label_smoothing=0.0
):
    """-log softmax(input) at the label, averaged over the labels.

    input: logits (C,), (N, C) or (N, C, ...). target: labels, integers of the shape without C; or
    probabilities, of the shape of input. weight: (C,), how much each class counts; "mean" divides
    by the total weight. Labels equal to ignore_index count for nothing. label_smoothing: the part
    of the target that is spread evenly over all classes.

    ValueError names a label out of range.

    >>> import numpy as np
    >>> float(cross_entropy(np.array([[0.0, 0.0]]), np.array([1])))
    0.6931471805599453
    """
    check_reduction(reduction)
    logits = classes_last(inexact(input))
    if target.dtype.kind not in "iu":
        return _soft_cross_entropy(logits, target, weight, reduction, label_smoothing)
    check_labels("cross_entropy", logits, target)
    if weight is None and not label_smoothing:
        kept = 0 if reduction == "mean" else None
        rows = loss.cross_entropy(logits, target, ignore_index=ignore_index, kept=kept)
        return rows if kept == 0 else reduced(rows, reduction)
    rows = loss.cross_entropy(logits, target, ignore_index=ignore_index, kept=None)
    weights = _label_weights(logits, target, weight, ignore_index)
    rows = rows * weights
    if label_smoothing:
        even = _over_classes(-log_softmax(logits), weight) / logits.shape[-1]
        even = even * _mask(logits, target, ignore_index)
        rows = (1 - label_smoothing) * rows + label_smoothing * even
    return averaged(rows, weights, reduction)


def _soft_cross_entropy(logits, target, weight, reduction, label_smoothing):
    """Cross entropy with probabilities for a target; the mean is over the samples."""
    if len(target.shape) == len(logits.shape) - 1:
        raise TypeError(
            f"cross_entropy: the target {describe(target)} has no class axis beside the logits "
            f"{describe(logits)} (classes last), so it holds labels, which are integers: convert "
            "it with astype(int), or tensor.long()"
        )
    target = classes_last(target)
    logits, target = paired("cross_entropy", logits, target)
    if label_smoothing:
        target = (1 - label_smoothing) * target + label_smoothing / logits.shape[-1]
    return reduced(_over_classes(-(target * log_softmax(logits)), weight), reduction)


def nll_loss(input, target, weight=None, ignore_index=IGNORE, reduction="mean"):
    """-input at the label, averaged over the labels: cross_entropy after log_softmax.

    Shapes, weight and ignore_index as for cross_entropy.

    >>> import numpy as np
    >>> float(nll_loss(np.array([[-1.0, -2.0]]), np.array([1])))
    2.0
    """
    check_reduction(reduction)
    log_probs = classes_last(inexact(input))
    check_labels("nll_loss", log_probs, target)
    rows = -labels.pick_label(log_probs, target, ignore_index=ignore_index)
    if weight is None:
        return averaged(rows, _mask(rows, target, ignore_index), reduction)
    weights = _label_weights(log_probs, target, weight, ignore_index)
    return averaged(rows * weights, weights, reduction)


def classes_last(x):
    """x with its class axis, the second of (N, C, ...), moved to the end."""
    rank = len(x.shape)
    return x if rank < 3 else transpose(x, axes=moved(rank, 1, rank - 1))


def check_labels(operation, logits, target):
    """The error for labels that are no integers, or not one for each row of logits."""
    if target.dtype.kind not in "iu":
        raise TypeError(f"{operation}: labels are integers, but the target is {target.dtype}")
    if not logits.shape or tuple(target.shape) != tuple(logits.shape[:-1]):
        raise ValueError(
            f"{operation}: one label is needed for each row of {logits.shape[-1:]} logits "
            f"(logits with classes last: {tuple(logits.shape)}, target: {tuple(target.shape)})"
        )


def averaged(rows, weights, reduction):
    """The sum of the rows over that of their weights; or the sum; or the rows."""
    if reduction != "mean":
        return reduced(rows, reduction)
    return reduced(rows, "sum") / reduced(weights, "sum")


def _mask(x, target, ignore_index):
    """1 for each label that counts, 0 for one that is ignored, in the dtype of x."""
    return labels.label_mask(target, ignore_index=ignore_index, dtype=x.dtype)


def _label_weights(logits, target, weight, ignore_index):
    """The weight of each label's class, 0 for one that is ignored."""
    if weight is None:
        return _mask(logits, target, ignore_index)
    return labels.pick_label(_as_rows(weight, logits), target, ignore_index=ignore_index)


def _as_rows(weight, logits):
    """The weights (C,) for every row of logits."""
    if tuple(weight.shape) != tuple(logits.shape[-1:]):
        raise ValueError(
            f"cross_entropy: one weight is needed per class (weight: {tuple(weight.shape)}, "
            f"classes: {logits.shape[-1]})"
        )
    weight = astype(weight, logits.dtype)
    lead = (1,) * (len(logits.shape) - 1)
    return broadcast_to(reshape(weight, shape=(*lead, *weight.shape)), shape=tuple(logits.shape))


def _over_classes(x, weight):
    """The sum over the classes, weighted."""
    if weight is not None:
        x = x * _as_rows(weight, x)
    return reduce_sum(x, axis=(len(x.shape) - 1,), keepdims=False)


def binary_cross_entropy(input, target, weight=None, reduction="mean"):
    """-(y log p + (1 - y) log(1 - p)), averaged; logarithms are cut off at -100, as in torch.

    p, the input, must lie in [0, 1]. binary_cross_entropy_with_logits needs no cutting: prefer it.

    >>> import numpy as np
    >>> float(binary_cross_entropy(np.array([0.5]), np.array([1.0])))
    0.6931471805599453
    """
    p, y = paired("binary_cross_entropy", input, target)
    rows = -(y * _log_cut(p) + (1 - y) * _log_cut(1 - p))
    return reduced(rows if weight is None else rows * weight, reduction)


def _log_cut(p):
    """max(log p, -100), with derivative 0 where it is cut."""
    tiny = p <= 0
    return where(tiny, -100.0, clip(log(where(tiny, 1.0, p)), -100.0, None))


def binary_cross_entropy_with_logits(input, target, weight=None, reduction="mean", pos_weight=None):
    """-(y log σ(x) + (1 - y) log σ(-x)), averaged: finite for every input x.

    pos_weight: how much more the positive targets count.

    >>> import numpy as np
    >>> float(binary_cross_entropy_with_logits(np.array([0.0]), np.array([1.0])))
    0.6931471805599453
    """
    x, y = paired("binary_cross_entropy_with_logits", inexact(input), target)
    # log σ(x) = -softplus(-x) and log σ(-x) = -x - softplus(-x)
    surprise = activation.softplus(-x)
    if pos_weight is not None:
        surprise = surprise * (1 + (pos_weight - 1) * y)
    rows = (1 - y) * x + surprise
    return reduced(rows if weight is None else rows * weight, reduction)


def kl_div(input, target, reduction="mean", log_target=False):
    """y (log y - x) for an input of log-probabilities x and a target y, averaged over all entries.

    "batchmean" divides the sum by the size of the first axis, which is the divergence of the
    distributions; "mean" divides by the number of entries, as in torch. 0 log 0 is 0.
    """
    x, y = paired("kl_div", input, target)
    if log_target:
        rows = exp(y) * (y - x)
    else:
        positive = y > 0
        rows = where(positive, y * log(where(positive, y, 1.0)), 0.0) - y * x
    if reduction == "batchmean":
        return reduced(rows, "sum") / max(x.shape[0] if x.shape else 1, 1)
    return reduced(rows, reduction)
