"""Losses as modules; the formulas are in shared.nn.regression and shared.nn.classification."""

from ...shared.nn import classification, regression
from ...shared.nn.reduction import check_reduction
from .module import Module


class Loss(Module):
    """A number that says how far an input is from its target; `reduction` joins the entries."""

    def __init__(self, reduction="mean"):
        super().__init__()
        if reduction != "batchmean":
            check_reduction(reduction)
        self.reduction = reduction


class WeightedLoss(Loss):
    """A loss with a weight per class, or per entry: a buffer, so that it moves with the model."""

    def __init__(self, weight=None, reduction="mean"):
        super().__init__(reduction)
        self.register_buffer("weight", weight)


class MSELoss(Loss):
    """The mean of (input - target)².

    >>> from wonderland.oop.tensor import Tensor
    >>> MSELoss()(Tensor([1.0, 2.0]), Tensor([1.0, 4.0]))
    tensor(2.)
    """

    def forward(self, input, target):
        return regression.mse_loss(input, target, self.reduction)


class L1Loss(Loss):
    """The mean of |input - target|."""

    def forward(self, input, target):
        return regression.l1_loss(input, target, self.reduction)


class SmoothL1Loss(Loss):
    """The mean of d² / (2 beta) where d = |input - target| < beta, else of d - beta / 2."""

    def __init__(self, reduction="mean", beta=1.0):
        super().__init__(reduction)
        self.beta = beta

    def forward(self, input, target):
        return regression.smooth_l1_loss(input, target, self.reduction, self.beta)


class HuberLoss(Loss):
    """The mean of d² / 2 where d = |input - target| <= delta, else of delta (d - delta / 2)."""

    def __init__(self, reduction="mean", delta=1.0):
        super().__init__(reduction)
        self.delta = delta

    def forward(self, input, target):
        return regression.huber_loss(input, target, self.reduction, self.delta)


class CrossEntropyLoss(WeightedLoss):
    """-log softmax(input) at the label; see shared.nn.classification.cross_entropy."""

    def __init__(self, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
        super().__init__(weight, reduction)
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing

    def forward(self, input, target):
        return classification.cross_entropy(
            input, target, self.weight, self.ignore_index, self.reduction, self.label_smoothing
        )


class NLLLoss(WeightedLoss):
    """-input at the label, for an input of log-probabilities."""

    def __init__(self, weight=None, ignore_index=-100, reduction="mean"):
        super().__init__(weight, reduction)
        self.ignore_index = ignore_index

    def forward(self, input, target):
        return classification.nll_loss(
            input, target, self.weight, self.ignore_index, self.reduction
        )


class BCELoss(WeightedLoss):
    """-(y log p + (1 - y) log(1 - p)) for an input p in [0, 1] and a target y."""

    def forward(self, input, target):
        return classification.binary_cross_entropy(input, target, self.weight, self.reduction)


class BCEWithLogitsLoss(WeightedLoss):
    """BCELoss of the sigmoid of the input, finite for every input."""

    def __init__(self, weight=None, reduction="mean", pos_weight=None):
        super().__init__(weight, reduction)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input, target):
        return classification.binary_cross_entropy_with_logits(
            input, target, self.weight, self.reduction, self.pos_weight
        )


class KLDivLoss(Loss):
    """y (log y - x) for an input x of log-probabilities and a target y."""

    def __init__(self, reduction="mean", log_target=False):
        super().__init__(reduction)
        self.log_target = log_target

    def forward(self, input, target):
        return classification.kl_div(input, target, self.reduction, self.log_target)
