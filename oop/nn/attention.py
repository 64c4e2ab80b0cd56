"""Multi-head attention."""

from ...shared.nn import attention as formulas
from ...shared.nn import initializers
from ...shared.nn.dropout import check_rate
from ..random import next_key
from . import init
from .linear import Linear
from .module import Module
from .parameter import Parameter, zeros


class MultiheadAttention(Module):
    """Each head attends with its share of the features; the results are joined and projected.

    query: (L, N, E), key and value: (S, N, E) -> (L, N, E) and the weights (N, L, S), averaged over
    the heads; with batch_first (N, L, E) and (N, S, E). Without a batch (L, E) and (S, E). E is
    embed_dim. in_proj_weight: (3 E, E), the rows for queries, keys and values.

    forward: key_padding_mask (N, S) and attn_mask (L, S) or (N heads, L, S) are True where a query
    may not attend, or numbers that are added. need_weights=False: None in place of the weights.
    is_causal: attend to the keys up to one's own place; an attn_mask given says it already.
    A query that may attend to no key gets zeros for its values.

    >>> from wonderland.oop.tensor import Tensor
    >>> x = Tensor([[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]])
    >>> out, weights = MultiheadAttention(2, 1, batch_first=True)(x, x, x, is_causal=True)
    >>> out.shape, weights[0, 0]
    ((1, 3, 2), tensor([1., 0., 0.], grad_fn=<getitem>))
    """

    def __init__(
        self, embed_dim, num_heads, dropout=0.0, bias=True, *, batch_first=False, device=None,
        dtype=None,
    ):  # fmt: skip
        super().__init__()
        formulas.check_heads(embed_dim, num_heads)
        check_rate(dropout)
        self.embed_dim, self.num_heads, self.head_dim = embed_dim, num_heads, embed_dim // num_heads
        self.dropout, self.batch_first = dropout, batch_first
        self.in_proj_weight = Parameter(zeros((3 * embed_dim, embed_dim), dtype, device))
        self.register_parameter(
            "in_proj_bias", Parameter(zeros((3 * embed_dim,), dtype, device)) if bias else None
        )
        self.out_proj = Linear(embed_dim, embed_dim, bias, device, dtype)
        self.reset_parameters()

    def reset_parameters(self):
        """Draw new weights: U(-k, k), k = √(6 / (4 E)) on the way in and E^-½ on the way out."""
        init.fill(self.in_proj_weight, initializers.xavier_uniform)
        init.fill(self.out_proj.weight, initializers.fan_in_uniform)
        if self.in_proj_bias is not None:
            init.zeros_(self.in_proj_bias)
            init.zeros_(self.out_proj.bias)

    def forward(
        self, query, key, value, key_padding_mask=None, need_weights=True, attn_mask=None,
        average_attn_weights=True, is_causal=False,
    ):  # fmt: skip
        dropping = self.training and self.dropout > 0
        out, weights = formulas.attend(
            query, key, value, self.num_heads, self.in_proj_weight, self.in_proj_bias,
            self.out_proj.weight, self.out_proj.bias, batch_first=self.batch_first,
            attn_mask=attn_mask, key_padding_mask=key_padding_mask, is_causal=is_causal,
            dropout_p=self.dropout if dropping else 0.0,
            dropout_key=next_key(self) if dropping else None,
        )  # fmt: skip
        if not need_weights:
            return out, None
        return out, formulas.average(weights) if average_attn_weights else weights
