"""A table whose rows are looked up by number."""

import numpy as np

from ...shared.nn import embedding as formulas
from ...shared.nn.embedding import embedding, one_hot
from ...shared.random import fold_in
from .fit import check_leaves
from .layer import Layer

__all__ = ["Embedding", "embedding", "one_hot"]


def Embedding(num_embeddings, embedding_dim, padding_idx=None, dtype=np.float32):
    """weight[x].  x: integers (...) -> (..., embedding_dim).

    params: weight (num_embeddings, embedding_dim), drawn from N(0, 1). The row `padding_idx` begins
    as zeros and receives no gradient. A row that occurs several times adds up.

    >>> from wonderland.shared import random
    >>> layer = Embedding(10, 3)
    >>> layer.apply(layer.init(random.key(0), np.array([1])), np.array([[1, 2]])).shape
    (1, 2, 3)
    """
    shape = (num_embeddings, embedding_dim)
    row = None if padding_idx is None else formulas.padding_row(padding_idx, num_embeddings)

    def init(key, x):
        return {"weight": formulas.table(fold_in(key, 0), shape, dtype, row)}

    def apply(params, x):
        check_leaves("Embedding", params, {"weight": shape})
        return formulas.embedding(x, params["weight"], row)

    return Layer(init, apply)
