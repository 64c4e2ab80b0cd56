import numpy as np
import pytest

from wonderland.functional import grad, vmap
from wonderland.shared.nn.attention import (
    attention_weights,
    check_heads,
    multi_head_attention,
    scaled_dot_product_attention,
)
from wonderland.shared.random import key as random_key

rng = np.random.default_rng(3)
q, k, v = (rng.normal(size=(2, 3, n, 4)) for n in (5, 6, 6))


def by_hand(q, k, v, allowed=True, added=0.0):
    s = np.einsum("...le,...se->...ls", q, k) / np.sqrt(q.shape[-1]) + added
    e = np.exp(s) * allowed
    return e / e.sum(-1, keepdims=True) @ v


def test_equals_the_formula():
    np.testing.assert_allclose(scaled_dot_product_attention(q, k, v), by_hand(q, k, v))
    causal = np.tri(5, 6)
    found = scaled_dot_product_attention(q, k, v, is_causal=True)
    np.testing.assert_allclose(found, by_hand(q, k, v, causal))
    mask = rng.normal(size=(3, 1, 6))
    found = scaled_dot_product_attention(q, k, v, attn_mask=mask)
    np.testing.assert_allclose(found, by_hand(q, k, v, added=mask))


def test_a_mask_of_booleans_is_one_of_numbers():
    allowed = np.tri(5, 6, dtype=bool)
    added = np.where(allowed, 0.0, -np.inf)
    one, other = (scaled_dot_product_attention(q, k, v, attn_mask=m) for m in (allowed, added))
    np.testing.assert_allclose(one, other)


def test_what_is_hidden_has_no_influence():
    g = grad(lambda k: scaled_dot_product_attention(q, k, v, is_causal=True).sum())(k)
    assert not g[:, :, 5].any() and g[:, :, 0].all()


def test_a_sample_by_itself():
    found = vmap(lambda q, k, v: scaled_dot_product_attention(q, k, v, is_causal=True))(q, k, v)
    wanted = scaled_dot_product_attention(q, k, v, is_causal=True)
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_dropout_takes_weights_and_makes_up_for_them():
    found = scaled_dot_product_attention(
        np.zeros((1, 200, 4)), np.zeros((1, 50, 4)), np.ones((1, 50, 1)),
        dropout_p=0.5, dropout_key=random_key(0),
    )  # fmt: skip
    assert found.std() > 0.05 and abs(found.mean() - 1) < 0.05
    with pytest.raises(ValueError, match=r"dropout_p is 0\.5 but there is no dropout_key"):
        scaled_dot_product_attention(q, k, v, dropout_p=0.5)


def test_single_precision_stays():
    single = [a.astype(np.float32) for a in (q, k, v)]
    for options in ({}, {"is_causal": True}, {"attn_mask": np.ones((5, 6))}):
        assert scaled_dot_product_attention(*single, **options).dtype == np.float32


REFUSED = [
    ({"attn_mask": np.ones((5, 5), bool)}, ValueError,
     r"attn_mask \(5, 5\) does not broadcast to the scores \(2, 3, 5, 6\)"),
    ({"attn_mask": np.ones((1, 2, 3, 5, 6), bool)}, ValueError,
     r"attn_mask .* does not broadcast to the"),
    ({"attn_mask": np.ones((5, 6), int)}, TypeError, r"attn_mask holds booleans .* or floats to"),
    ({"attn_mask": np.ones((5, 6), bool), "is_causal": True}, ValueError,
     r"attn_mask and is_causal are given; pass one of them"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "kind", "text"), REFUSED)
def test_masks_that_do_not_fit(options, kind, text):
    with pytest.raises(kind, match=f"scaled_dot_product_attention: {text}"):
        scaled_dot_product_attention(q, k, v, **options)


def test_sizes_that_do_not_fit():
    text = r"with the same E \(query: \(2, 3, 5, 4\), key: \(2, 3, 6, 3\)\)"
    with pytest.raises(ValueError, match=text):
        attention_weights(q, k[..., :3])
    with pytest.raises(ValueError, match=r"there are 6 keys but value has shape \(2, 3, 5, 4\)"):
        scaled_dot_product_attention(q, k, v[:, :, :5])


def test_heads_share_the_features_equally():
    text = r"MultiheadAttention: embed_dim 10 is not divisible by num_heads 4; each head takes an"
    with pytest.raises(ValueError, match=text):
        check_heads(10, 4)
    with pytest.raises(ValueError, match="not divisible by num_heads 0"):
        check_heads(10, 0)


x = rng.normal(size=(2, 5, 4))
weights = [rng.normal(size=shape) for shape in ((12, 4), 12, (4, 4), 4)]


def test_one_product_for_all_gives_what_three_give():
    one, _ = multi_head_attention(x, x, x, 2, *weights, is_causal=True)
    three, _ = multi_head_attention(x, x.copy(), x.copy(), 2, *weights, is_causal=True)
    np.testing.assert_allclose(one, three)


def test_padding_beside_causality():
    padding = np.zeros((2, 5), bool)
    padding[0, 0] = True  # so that the first query may attend to nothing
    _, found = multi_head_attention(x, x, x, 2, *weights, key_padding_mask=padding, is_causal=True)
    assert not found[0, :, 0].any() and not found[0, :, :, 0].any()
    assert found[1, :, 0, 0].tolist() == [1.0, 1.0] and not np.triu(found, 1).any()


def test_what_does_not_fit():
    def call(query=x, **masks):
        return multi_head_attention(query, x, x, 2, *weights, **masks)

    text = r"query has shape \(2, 5, 3\), but \(samples, length, 4\) is needed: embed_dim is 4"
    with pytest.raises(ValueError, match=text):
        call(x[..., :3])
    text = r"attn_mask has shape \(4, 5\), but \(5, 5\) or \(4, 5, 5\) is needed"
    with pytest.raises(ValueError, match=text):
        call(attn_mask=np.ones((4, 5), bool))
    with pytest.raises(ValueError, match=r"key_padding_mask has shape \(5, 2\), but \(2, 5\) is"):
        call(key_padding_mask=np.ones((5, 2), bool))
    with pytest.raises(TypeError, match=r"attn_mask holds booleans \(True: may not attend\) or fl"):
        call(attn_mask=np.ones((5, 5), int))
