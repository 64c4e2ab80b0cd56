import numpy as np
import pytest

from wonderland import functional as wf
from wonderland import oop, purify

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
    text = r"an array float32\[200,200\] was donated at .*test_donated\.py:\d+, and its memory"
    with pytest.raises(ValueError, match=f"^jit: {text}"):
        step(p, large())
    for x in (p, oop.as_tensor(p)):
        with pytest.raises(ValueError, match=f"^compile: {text}"):
            purify.compile(lambda x: x + 1)(x)


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


def test_a_part_of_an_array_is_not_overwritten():
    data = np.ones((3, 200, 200), np.float32)
    found = compiled()(data[1], large())
    assert not np.shares_memory(found, data)
    np.testing.assert_array_equal(data, np.ones_like(data))
    np.testing.assert_array_equal(compiled()(data[1], large()), found)


def test_results_as_large_as_they_are_can_be_donated_in_turn():
    p, step = np.ones((2100, 1024), np.float32), compiled()
    for _ in range(3):
        before, p = p, step(p, np.ones_like(p))
        assert np.shares_memory(before, p)
    made = wf.jit(lambda x: x * 1, executor="native")(np.ones_like(p))
    assert np.shares_memory(made, step(made, np.ones_like(p)))
