import numpy as np
import pytest

from wonderland.oop import manual_seed, nn
from wonderland.oop.tensor import Tensor

x = Tensor(np.random.default_rng(0).normal(size=(2, 5, 8)).astype(np.float32))


def test_parameters_have_torchs_names():
    module = nn.MultiheadAttention(8, 2)
    assert {n: tuple(p.shape) for n, p in module.named_parameters()} == {
        "in_proj_weight": (24, 8), "in_proj_bias": (24,),
        "out_proj.weight": (8, 8), "out_proj.bias": (8,),
    }  # fmt: skip
    assert not module.in_proj_bias.any() and not module.out_proj.bias.any()
    assert list(nn.MultiheadAttention(8, 2, bias=False).state_dict()) == [
        "in_proj_weight", "out_proj.weight",
    ]  # fmt: skip


def test_dropout_only_in_training():
    manual_seed(0)
    module = nn.MultiheadAttention(8, 2, dropout=0.5, batch_first=True)
    one, other = (module(x, x, x)[0].detach().numpy() for _ in range(2))
    assert not np.array_equal(one, other)
    module.eval()
    one, other = (module(x, x, x)[0].detach().numpy() for _ in range(2))
    assert np.array_equal(one, other)


def test_layouts():
    module = nn.MultiheadAttention(8, 2, batch_first=True)
    out, weights = module(x, x, x)
    assert out.shape == (2, 5, 8) and weights.shape == (2, 5, 5)
    module.batch_first = False
    turned = x.transpose(0, 1)
    found, _ = module(turned, turned, turned)
    np.testing.assert_array_equal(found.transpose(0, 1).detach().numpy(), out.detach().numpy())
    alone, weights = module(x[0], x[0], x[0], average_attn_weights=False)
    assert weights.shape == (2, 5, 5)
    np.testing.assert_allclose(alone.detach().numpy(), out[0].detach().numpy(), atol=1e-6)


def test_what_does_not_fit():
    with pytest.raises(ValueError, match="embed_dim 8 is not divisible by num_heads 3"):
        nn.MultiheadAttention(8, 3)
    with pytest.raises(ValueError, match=r"key has shape \(2, 5, 4\), but \(samples, length, 8\)"):
        nn.MultiheadAttention(8, 2)(x, x[..., :4].transpose(0, 1), x)
    with pytest.raises(ValueError, match=r"dropout: p is a probability in \[0, 1\], not 2"):
        nn.MultiheadAttention(8, 2, dropout=2)
