import numpy as np
import pytest

from wonderland.functional import nn
from wonderland.shared.random import key

x = np.random.default_rng(0).normal(size=(2, 5, 8)).astype(np.float32)
y = np.random.default_rng(1).normal(size=(2, 3, 8)).astype(np.float32)
layer = nn.MultiheadAttention(8, 2, batch_first=True)
params = layer.init(key(0), x)


def test_parameters_have_the_names_of_the_module():
    assert params["in_proj_weight"].shape == (24, 8) and not params["in_proj_bias"].any()
    assert {n: p.shape for n, p in params["out_proj"].items()} == {"weight": (8, 8), "bias": (8,)}
    without = nn.MultiheadAttention(8, 2, bias=False).init(key(0), x)
    assert "in_proj_bias" not in without and "bias" not in without["out_proj"]


def test_keys_and_values_are_the_query_unless_given():
    one, other = layer.apply(params, x)[0], layer.apply(params, x, x, x)[0]
    np.testing.assert_array_equal(one, other)
    assert layer.apply(params, x, y)[1].shape == (2, 5, 3)
    assert layer.apply(params, x, y, average_attn_weights=False)[1].shape == (2, 2, 5, 3)
    np.testing.assert_allclose(
        layer.apply(params, x, y)[0], layer.apply(params, x, y, y.copy())[0], atol=1e-6
    )
    assert layer.apply(params, x, need_weights=False)[1] is None


def test_a_key_switches_dropout_on():
    dropping = nn.MultiheadAttention(8, 2, 0.5, batch_first=True)
    one, other = (dropping.apply(params, x, key=key(i))[0] for i in (1, 2))
    assert not np.array_equal(one, other)
    np.testing.assert_array_equal(dropping.apply(params, x)[0], layer.apply(params, x)[0])


def test_what_does_not_fit():
    with pytest.raises(ValueError, match=r"MultiheadAttention: .* missing 'in_proj_weight'"):
        layer.apply({"out_proj": params["out_proj"]}, x)
    with pytest.raises(ValueError, match=r"MultiheadAttention\.out_proj: .* missing 'weight'"):
        layer.apply({**params, "out_proj": {}}, x)
    with pytest.raises(TypeError, match="MultiheadAttention: params is a list, but a dict"):
        layer.apply([], x)
    with pytest.raises(ValueError, match="embed_dim 8 is not divisible by num_heads 3"):
        nn.MultiheadAttention(8, 3)
    with pytest.raises(ValueError, match=r"attn_mask has shape \(3, 3\), but \(5, 5\) or"):
        layer.apply(params, x, attn_mask=np.ones((3, 3), bool))
