"""Multi-head attention."""

import numpy as np

from ...shared.nn import attention as formulas
from ...shared.nn.attention import scaled_dot_product_attention
from ...shared.nn.dropout import check_rate
from ...shared.nn.initializers import fan_in_uniform, xavier_uniform
from ...shared.random import fold_in
from .fit import check_leaves
from .layer import Layer, parameter_dtype

__all__ = ["MultiheadAttention", "scaled_dot_product_attention"]


def MultiheadAttention(embed_dim, num_heads, dropout=0.0, bias=True, *, batch_first=False):
    """Each head attends with its share of the features; the results are joined and projected.

    apply(params, query, keys, value, *, key_padding_mask, need_weights, attn_mask,
    average_attn_weights, is_causal, key) -> (output, weights), with the layouts, the masks and the
    defaults of nn.MultiheadAttention; keys and value are the query unless given. A random key
    switches dropout on.
    params: in_proj_weight (3 E, E), in_proj_bias (3 E,), out_proj: {weight (E, E), bias (E,)}.

    >>> from wonderland.shared import random
    >>> layer, x = MultiheadAttention(4, 2, batch_first=True), np.ones((2, 3, 4), np.float32)
    >>> out, weights = layer.apply(layer.init(random.key(0), x), x, is_causal=True)
    >>> out.shape, weights[0, 0]
    ((2, 3, 4), array([1., 0., 0.], dtype=float32))
    """
    formulas.check_heads(embed_dim, num_heads)
    check_rate(dropout)
    e = embed_dim
    outer = {"in_proj_weight": (3 * e, e)} | ({"in_proj_bias": (3 * e,)} if bias else {})
    inner = {"weight": (e, e)} | ({"bias": (e,)} if bias else {})

    def init(key, x):
        dtype = parameter_dtype(x)
        params = {"in_proj_weight": xavier_uniform(fold_in(key, 0), (3 * e, e), dtype)}
        params["out_proj"] = {"weight": fan_in_uniform(fold_in(key, 1), (e, e), dtype)}
        if bias:
            params["in_proj_bias"] = np.zeros(3 * e, dtype)
            params["out_proj"]["bias"] = np.zeros(e, dtype)
        return params

    def apply(
        params, query, keys=None, value=None, *, need_weights=True, average_attn_weights=True,
        key=None, **masks,
    ):  # fmt: skip
        own = dict(params) if isinstance(params, dict) else params
        out_proj = own.pop("out_proj", {}) if own is not params else {}
        check_leaves("MultiheadAttention", own, outer)
        check_leaves("MultiheadAttention.out_proj", out_proj, inner)
        keys = query if keys is None else keys
        out, weights = formulas.attend(
            query, keys, keys if value is None else value, num_heads,
            own["in_proj_weight"], own.get("in_proj_bias"),
            out_proj["weight"], out_proj.get("bias"), batch_first=batch_first,
            dropout_p=0.0 if key is None else dropout, dropout_key=key, **masks,
        )  # fmt: skip
        if not need_weights:
            return out, None
        return out, formulas.average(weights) if average_attn_weights else weights

    return Layer(init, apply, takes_key=True)
