import numpy as np
import pytest

from wonderland.shared.abstract import Abstract, ShapeDtype, eval_shape, is_filled
from wonderland.shared.errors import TracerLeakError
from wonderland.shared.primitives import mul

F = ShapeDtype((2, 3), np.float32)


def test_what_a_shape_and_dtype_are():
    assert (F.ndim, F.size, repr(F)) == (2, 6, "ShapeDtype(float32[2,3])")
    assert F == ShapeDtype([2, 3], "f4") and hash(F) == hash(ShapeDtype([2, 3], "f4"))
    assert F != ShapeDtype((2, 3), float) and F != "text"


def test_kin_of_zeros_like_are_constants_of_one_entry():
    zeros, full = np.zeros_like(F, shape=(10**6, 10**6)), np.full_like(F, 2.5)
    assert zeros.shape == (10**6, 10**6) and zeros.strides == (0, 0)
    assert (full.dtype, full.shape, full[1, 2]) == (np.float32, (2, 3), 2.5)
    assert np.ones_like(F, dtype=int).dtype == np.int64
    with pytest.raises(TypeError):
        np.sin(F) if False else np.concatenate([F, F])


def test_shape_rules_run_in_place_of_kernels():
    ran = []

    def f(x, y):
        assert isinstance(x, Abstract)
        ran.append(1)
        return [mul(x, y), np.ones(3)]

    assert eval_shape(f, [F, np.ones((2, 1))]) == [
        ShapeDtype((2, 3), np.float32),
        ShapeDtype((3,), float),
    ]
    assert ran == [1]


def test_after_its_end_a_value_is_refused():
    kept = []
    eval_shape(lambda x: (kept.append(x), [x])[1], [F])
    with pytest.raises(TracerLeakError, match="after the `eval_shape` that made it had ended"):
        mul(kept[0], 2.0)


def test_what_is_filled_is_known_from_what_is_broadcast():
    like = ShapeDtype((2, 3), np.float32)
    for function in (np.zeros_like, np.ones_like):
        made = function(like)
        assert is_filled(made) and is_filled(made.view()) and not any(made.strides)
        np.testing.assert_array_equal(made, function(np.empty((2, 3), np.float32)))
        assert not is_filled(function(like, shape=()))
    assert is_filled(np.full_like(like, 7))
    assert not is_filled(np.broadcast_to(np.float32(1), (2, 3)))
    assert not is_filled(np.broadcast_to(np.ones_like(like, shape=(1, 1)), (2, 3)))
