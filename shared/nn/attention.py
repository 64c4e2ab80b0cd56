"""Attention: each query takes the values of the keys that fit it.  Vaswani et al. 2017.

# N samples, H heads, L queries, S keys, E features of queries and keys, V features of values
"""

import math
from functools import cache

import numpy as np

from ..ops.axes import beside
from ..ops.comparison import logical_and, logical_not
from ..ops.contraction import matmul
from ..ops.promotion import astype, with_rank
from ..primitives.attention import masked_softmax
from ..primitives.joining import unstack
from ..primitives.reduction import mean
from ..primitives.selection import where
from ..primitives.shape import reshape, swap_last, transpose
from .dropout import dropout
from .linear import linear
from .softmax import softmax


def scaled_dot_product_attention(
    query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, dropout_key=None
):
    """softmax(scale query keyᵀ + mask) value.

    query: (..., L, E), key: (..., S, E), value: (..., S, V) -> (..., L, V). attn_mask broadcasts to
    (..., L, S): booleans, True where a query may attend, or numbers that are added. is_causal: a
    query attends to the keys up to its own place. scale: E^-½ unless given. A query that may attend
    to no key gets zeros. dropout_p: how much of the weights is dropped, by dropout_key.

    ValueError where shapes do not fit.

    >>> import numpy as np
    >>> q = np.zeros((2, 1)); v = np.array([[1.0], [3.0]])
    >>> scaled_dot_product_attention(q, q, v, is_causal=True)
    array([[1.],
           [2.]])
    """
    weights = attention_weights(query, key, attn_mask, is_causal, scale)
    return matmul(dropped(weights, dropout_p, dropout_key), checked_value(weights, value))


def attention_weights(query, key, attn_mask=None, is_causal=False, scale=None):
    """softmax(scale query keyᵀ + mask), (..., L, S); see scaled_dot_product_attention."""
    q, k = tuple(query.shape), tuple(key.shape)
    if len(q) < 2 or len(k) < 2 or q[-1] != k[-1]:
        raise ValueError(
            "scaled_dot_product_attention: query and key are (..., L, E) and (..., S, E), with the "
            f"same E (query: {q}, key: {k})"
        )
    scale = 1 / math.sqrt(max(q[-1], 1)) if scale is None else float(scale)
    scores = matmul(query, swap_last(key))
    if attn_mask is None and not is_causal:
        return softmax(scores * scale)
    if attn_mask is not None and is_causal:
        raise ValueError(
            "scaled_dot_product_attention: attn_mask and is_causal are given; pass one of them, "
            "a mask that is causal too, say"
        )
    if is_causal:
        mask = beside(scores, causal_mask(*scores.shape[-2:]))
        return masked_softmax(scores, with_rank(mask, len(scores.shape)), scale=scale)
    return _masked(scores, attn_mask, scale)


def _masked(scores, mask, scale):
    """The weights under a mask of booleans, or of numbers to add."""
    mask = checked_mask(scores.shape, mask)
    if mask.dtype.kind == "b":
        return masked_softmax(scores, mask, scale=scale)
    mask, allowed = astype(mask, scores.dtype), mask > -math.inf
    return masked_softmax(scores * scale + where(allowed, mask, 0), allowed, scale=1.0)


def checked_mask(shape, mask):
    """The mask in the rank of the scores; the error where it does not fit them."""
    m = tuple(mask.shape)
    fits = len(m) <= len(shape) and all(
        n in (1, wide) for n, wide in zip(m[::-1], tuple(shape)[::-1], strict=False)
    )
    if not fits:
        raise ValueError(
            f"scaled_dot_product_attention: attn_mask {m} does not broadcast to the scores "
            f"{tuple(shape)}, which are (..., queries, keys)"
        )
    if mask.dtype.kind not in "bf":
        raise TypeError(
            "scaled_dot_product_attention: attn_mask holds booleans (True: may attend) or floats "
            f"to add, but these are {mask.dtype}; convert it with astype(bool)"
        )
    return with_rank(mask, len(shape))


def checked_value(weights, value):
    """The value; the error where it has not one row for each key."""
    if len(value.shape) < 2 or value.shape[-2] != weights.shape[-1]:
        raise ValueError(
            f"scaled_dot_product_attention: there are {weights.shape[-1]} keys but value has shape "
            f"{tuple(value.shape)}; it is (..., S, V)"
        )
    return value


def dropped(weights, rate, key):
    """The weights after dropout; the error where there is no key for it."""
    if not rate:
        return weights
    if key is None:
        raise ValueError(
            f"scaled_dot_product_attention: dropout_p is {rate} but there is no dropout_key"
        )
    return dropout(weights, key, rate)


@cache
def causal_mask(queries, keys):
    """True where a query may attend: to the keys up to its own place. Read-only, as it is shared.

    >>> causal_mask(2, 3)
    array([[ True, False, False],
           [ True,  True, False]])
    """
    mask = np.tri(queries, keys, dtype=bool)
    mask.flags.writeable = False
    return mask


def split_heads(x, heads):
    """(N, L, H E) -> (N, H, L, E)."""
    n, length, width = x.shape
    x = reshape(x, shape=(n, length, heads, width // heads))
    return transpose(x, axes=(0, 2, 1, 3))


def join_heads(x):
    """(N, H, L, E) -> (N, L, H E)."""
    n, heads, length, width = x.shape
    return reshape(transpose(x, axes=(0, 2, 1, 3)), shape=(n, length, heads * width))


def check_heads(embed_dim, num_heads):
    """ValueError unless the features can be shared out among the heads."""
    if num_heads < 1 or embed_dim % num_heads:
        raise ValueError(
            f"MultiheadAttention: embed_dim {embed_dim} is not divisible by num_heads {num_heads}; "
            "each head takes an equal share of the features"
        )


def multi_head_attention(
    query, key, value, num_heads, in_proj_weight, in_proj_bias, out_proj_weight, out_proj_bias,
    *, attn_mask=None, key_padding_mask=None, is_causal=False, dropout_p=0.0, dropout_key=None,
):  # fmt: skip
    """(output, weights): attention of each head with a share of the features, joined and projected.

    query: (N, L, E), key and value: (N, S, E) -> (N, L, E), and weights (N, H, L, S).
    in_proj_weight: (3 E, E) with the rows for queries, keys and values. attn_mask: (L, S) or
    (N H, L, S), key_padding_mask: (N, S), in torch's sense here: True where a query may NOT attend,
    or numbers that are added. is_causal: see scaled_dot_product_attention; not beside an attn_mask.
    """
    e = in_proj_weight.shape[1]
    for name, x in (("query", query), ("key", key), ("value", value)):
        if len(x.shape) != 3 or x.shape[-1] != e:
            raise ValueError(
                f"MultiheadAttention: {name} has shape {tuple(x.shape)}, but (samples, length, "
                f"{e}) is needed: embed_dim is {e}"
            )
    q, k, v = [
        split_heads(x, num_heads)
        for x in projected(query, key, value, in_proj_weight, in_proj_bias)
    ]
    scores = (*q.shape[:3], k.shape[2])
    mask = joined_mask(scores, attn_mask, key_padding_mask, is_causal)
    weights = attention_weights(q, k, mask, is_causal and mask is None)
    z = matmul(dropped(weights, dropout_p, dropout_key), v)
    return linear(join_heads(z), out_proj_weight, out_proj_bias), weights


def attend(query, key, value, *parameters, batch_first=False, **options):
    """multi_head_attention in each of torch's layouts: (N, L, E), (L, N, E), or (L, E) alone.

    The weights are (N, H, L, S), or (H, L, S) alone.
    """
    alone = len(query.shape) == 2
    once = {id(x): x for x in (query, key, value)}  # the same sequence is projected by one product
    if alone:
        once = {i: reshape(x, shape=(1, *x.shape)) for i, x in once.items()}
        mask = options.get("key_padding_mask")
        if mask is not None:
            options["key_padding_mask"] = reshape(mask, shape=(1, *mask.shape))
    elif not batch_first:
        once = {i: _batch_exchanged(x) for i, x in once.items()}
    sequences = [once[id(x)] for x in (query, key, value)]
    out, weights = multi_head_attention(*sequences, *parameters, **options)
    if alone:
        return reshape(out, shape=out.shape[1:]), reshape(weights, shape=weights.shape[1:])
    return out if batch_first else _batch_exchanged(out), weights


def _batch_exchanged(x):
    """(L, N, ...) from (N, L, ...), or back; anything else as it is, for the error to come."""
    rank = len(x.shape)
    return transpose(x, axes=(1, 0, *range(2, rank))) if rank >= 2 else x


def average(weights):
    """The weights of all heads as one: (..., H, L, S) -> (..., L, S)."""
    return mean(weights, axis=(len(weights.shape) - 3,), keepdims=False)


def projected(query, key, value, weight, bias):
    """The queries, keys and values; by one product where all are of the same sequence."""
    if query is key is value:
        z = linear(query, weight, bias)
        return unstack(reshape(z, shape=(*z.shape[:2], 3, z.shape[2] // 3)), axis=2)
    e = weight.shape[1]
    rows = [slice(i * e, (i + 1) * e) for i in range(3)]
    biases = [None if bias is None else bias[r] for r in rows]
    return [
        linear(x, weight[r], b) for x, r, b in zip((query, key, value), rows, biases, strict=True)
    ]


def joined_mask(scores, attn_mask, key_padding_mask, is_causal):
    """Both masks as one for scaled_dot_product_attention, where True means: may attend; or None."""
    n, heads, queries, keys = scores
    masks = []
    if attn_mask is not None:
        check_mask_shape("attn_mask", attn_mask, [(queries, keys), (n * heads, queries, keys)])
        three = len(attn_mask.shape) == 3
        masks.append(reshape(attn_mask, shape=scores) if three else attn_mask)
    if key_padding_mask is not None:
        check_mask_shape("key_padding_mask", key_padding_mask, [(n, keys)])
        masks.append(reshape(key_padding_mask, shape=(n, 1, 1, keys)))
    if is_causal and attn_mask is None and masks:
        masks.append(beside(masks[0], ~causal_mask(queries, keys)))
    masks = [with_rank(mask, 4) for mask in masks]
    if all(mask.dtype.kind == "b" for mask in masks):
        masks = [logical_not(mask) for mask in masks]
        return masks[0] if len(masks) == 1 else logical_and(*masks) if masks else None
    dtype = next(mask.dtype for mask in masks if mask.dtype.kind == "f")
    added = [astype(where(m, -math.inf, 0.0) if m.dtype.kind == "b" else m, dtype) for m in masks]
    return added[0] if len(added) == 1 else added[0] + added[1]


def check_mask_shape(name, mask, shapes):
    """ValueError unless the mask has one of the shapes, TypeError unless booleans or floats."""
    if tuple(mask.shape) not in shapes:
        wanted = " or ".join(map(str, shapes))
        raise ValueError(
            f"MultiheadAttention: {name} has shape {tuple(mask.shape)}, but {wanted} is needed"
        )
    if mask.dtype.kind not in "bf":
        raise TypeError(
            f"MultiheadAttention: {name} holds booleans (True: may not attend) or floats to add, "
            f"but these are {mask.dtype}; convert it with astype(bool)"
        )
