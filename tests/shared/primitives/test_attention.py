import numpy as np
import pytest

from wonderland.functional import grad
from wonderland.shared.primitives.attention import masked_softmax
from wonderland.shared.testing import Sample

x = np.array([[-1.5, 0.3, 2.0], [0.7, -0.2, -3.0], [0.4, 1.0, -0.6]])
stack = np.stack([x, x[::-1] / 2])
causal = np.tri(3, dtype=bool)
one_row = np.array([[[True, False, True]]])


def exact(x, mask, *, scale):
    e = np.exp(scale * x.astype(np.longdouble)) * mask
    return (e / np.maximum(e.sum(-1, keepdims=True), 1e-30)).astype(float)


ROWS = [
    Sample(masked_softmax, x, causal, reference=exact, dtypes="f", scale=0.7),
    Sample(masked_softmax, stack, one_row, reference=exact, dtypes="f", scale=1.0),
]


def test_what_is_hidden_has_no_influence():
    hidden = x.copy()
    hidden[~causal] = np.nan
    assert masked_softmax(hidden, causal, scale=1.0).tobytes() == (
        masked_softmax(x, causal, scale=1.0).tobytes()
    )
    g = grad(lambda x: (masked_softmax(x, causal, scale=1.0) ** 2).sum())(hidden)
    assert np.isfinite(g).all() and not g[~causal].any()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_row_that_may_attend_to_nothing_is_zero(dtype):
    rows, mask = x.astype(dtype), causal & (np.arange(3) > 0)
    z = masked_softmax(rows, mask, scale=1.0)
    assert z.dtype == dtype and z[0].tolist() == [0.0, 0.0, 0.0]
    np.testing.assert_allclose(z[1:].sum(1), 1, rtol=1e-3)
    g = grad(lambda x: (masked_softmax(x, mask, scale=1.0) ** 2).sum())(rows)
    assert g[0].tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("offset", [1e4, -1e4])
def test_large_scores_do_not_overflow(offset):
    z = masked_softmax(x + offset, causal, scale=1.0)
    np.testing.assert_allclose(z, exact(x, causal, scale=1.0), rtol=1e-9)


def test_the_decomposition_computes_the_same():
    mask = causal & (np.arange(3) > 0)
    found = masked_softmax.decomposition(x, mask, scale=0.3)
    np.testing.assert_allclose(found, masked_softmax(x, mask, scale=0.3), rtol=1e-14)


def test_masks_that_do_not_fit():
    with pytest.raises(ValueError, match=r"does not broadcast to x \(x: \(3, 3\), mask: \(3, 2\)"):
        masked_softmax(x, causal[:, :2], scale=1.0)
    with pytest.raises(TypeError, match=r"the mask holds booleans, but these are float64"):
        masked_softmax(x, x, scale=1.0)
    with pytest.raises(ValueError, match=r"the rows of x have no entries \(x: \(3, 0\)\)"):
        masked_softmax(x[:, :0], causal[:, :0], scale=1.0)
