"""A table whose rows are looked up by number."""

from ...shared.nn import embedding as formulas
from . import init
from .module import Module
from .parameter import Parameter, zeros


class Embedding(Module):
    """weight[x], with weight: (num_embeddings, embedding_dim) drawn from N(0, 1).

    x: integers (...) -> (..., embedding_dim). The row `padding_idx` begins as zeros and receives no
    gradient. A row that occurs several times adds up.

    >>> Embedding(10, 3)
    Embedding(10, 3)
    """

    def __init__(self, num_embeddings, embedding_dim, padding_idx=None, device=None, dtype=None):
        super().__init__()
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = padding_idx
        if padding_idx is not None:
            self.padding_idx = formulas.padding_row(padding_idx, num_embeddings)
        self.weight = Parameter(zeros((num_embeddings, embedding_dim), dtype, device))
        self.reset_parameters()

    def reset_parameters(self):
        """Draw a new table."""
        init.fill(self.weight, formulas.table, padding_idx=self.padding_idx)

    def forward(self, x):
        return formulas.embedding(x, self.weight, self.padding_idx)

    def extra_repr(self):
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}"
