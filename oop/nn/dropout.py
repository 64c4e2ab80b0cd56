"""Dropout."""

from ...shared.nn import dropout as formulas
from ..random import next_key
from .module import Module


class Dropout(Module):
    """In training mode x / (1 - p) with probability 1 - p, else 0; in evaluation mode x.

    Each call takes a key: of the generator that manual_seed seeds, or what `drawing_from` binds.
    inplace is accepted for torch's sake: the result is a new Tensor all the same.
    """

    def __init__(self, p=0.5, inplace=False):
        super().__init__()
        formulas.check_rate(p)
        self.p, self.inplace = p, inplace

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        return formulas.dropout(x, next_key(self), self.p)

    def extra_repr(self):
        return f"p={self.p}, inplace={self.inplace}"
