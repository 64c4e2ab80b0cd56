import numpy as np
import pytest

from wonderland import functional as wf

pytest.importorskip("llvmlite")


def sgd(p, g):
    return p - 0.5 * g


def compiled():
    return wf.jit(sgd, donate_argnums=0, executor="native")


def large():
    return np.ones((200, 200), np.float32)


def test_the_result_takes_the_memory():
    p, g = large(), large()
    q = compiled()(p, g)
    assert np.shares_memory(p, q)
    np.testing.assert_array_equal(q, np.full_like(g, 0.5))


def test_a_donated_array_used_again_is_an_error():
    p, step = large(), compiled()
    step(p, large())
    with pytest.raises(ValueError, match=r"float32\[200,200\] was donated at .*test_d"):
        step(p, large())


def test_results_can_be_donated_in_turn():
    p, step = large(), compiled()
    for _ in range(3):
        p = step(p, large())
    np.testing.assert_array_equal(p, np.full_like(p, -0.5))


def test_an_array_given_twice_is_not_overwritten():
    p = large()
    q = compiled()(p, p)
    assert not np.shares_memory(p, q)
    np.testing.assert_array_equal(p, large())
    np.testing.assert_array_equal(q, np.full_like(p, 0.5))


def test_an_array_that_cannot_be_written_is_not_overwritten():
    p = large()
    p.flags.writeable = False
    assert not np.shares_memory(p, compiled()(p, large()))


def test_what_is_read_later_is_not_overwritten():
    step = wf.jit(lambda p: (p * 2, (p @ p).sum()), donate_argnums=0, executor="native")
    p = large()
    doubled, total = step(p.copy())
    np.testing.assert_array_equal(doubled, 2 * p)
    np.testing.assert_allclose(total, (p @ p).sum(), rtol=1e-6)
