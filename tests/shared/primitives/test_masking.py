import numpy as np
import pytest

from wonderland.shared.primitives.masking import LARGE, masked

RNG = np.random.default_rng(5)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.complex64, np.int32])
@pytest.mark.parametrize("size", [LARGE // 2, 2 * LARGE])
def test_it_is_where(dtype, size):
    x = (RNG.normal(size=(size // 8, 8)) * 9).astype(dtype)
    keep = RNG.random(x.shape) < 0.5
    wanted = np.where(keep, x, x.dtype.type(0))
    for layout in (np.copy, lambda a: a.T.copy().T, lambda a: np.repeat(a, 2, 1)[:, ::2]):
        found = masked(layout(x), keep)
        assert found.dtype == dtype and found.tobytes() == wanted.tobytes()
        out = layout(np.ones_like(x))
        assert masked(x, layout(keep), out=out) is out and np.array_equal(out, wanted)


def test_what_is_masked_is_zero_also_where_it_was_no_number():
    x = np.full(2 * LARGE, np.nan)
    keep = np.arange(x.size) % 2 == 0
    z = masked(x, keep)
    assert np.isnan(z[::2]).all() and not z[1::2].any() and not np.signbit(z[1::2]).any()


def test_a_mask_may_broadcast():
    x = np.arange(2.0 * LARGE).reshape(-1, 2)
    assert np.array_equal(masked(x, np.array([[True, False]])), x * [1, 0])
    assert masked(x[:1], x > 3).shape == x.shape
