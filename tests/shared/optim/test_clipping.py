import numpy as np

from wonderland import functional as wf
from wonderland.shared.optim import clip_factor, global_norm


def test_the_norm_is_of_all_leaves_together():
    assert global_norm([np.array([[3.0]]), np.array([4.0, 0.0])]) == 5.0
    assert global_norm([np.array([3.0 + 4.0j])]) == 5.0
    assert global_norm([]) == 0.0
    assert global_norm([np.ones(4, np.float32)]).dtype == np.float32


def test_the_factor_scales_down_and_never_up():
    assert clip_factor(0.5, 1.0) == 1.0
    np.testing.assert_allclose(clip_factor(10.0, 1.0), 0.1, rtol=1e-6)
    assert clip_factor(0.0, 1.0) == 1.0


def test_the_gradient_through_the_norm_is_finite_at_zero():
    gradient = wf.grad(lambda x: global_norm([x]) ** 2)(np.zeros(2))
    assert gradient.tolist() == [0, 0]
