"""Clipping gradients: torch's factor, the bits of functional's, in place."""

import numpy as np
import pytest

from wonderland import oop
from wonderland.functional import optim
from wonderland.oop import nn

G = [np.array([[3.0, -4.0]], np.float32), np.array([12.0], np.float32)]


def parameters():
    found = [oop.zeros(*g.shape, requires_grad=True) for g in G]
    for p, g in zip(found, G, strict=True):
        p.grad = oop.tensor(g.copy())
    return found


def test_the_norm_of_all_gradients_together():
    given = [*parameters(), oop.zeros(2, requires_grad=True)]
    before = [p.grad for p in given]
    norm = nn.utils.clip_grad_norm_(given, 1.0)
    assert norm.item() == 13.0 and norm.dtype == oop.float32
    updates, _ = optim.clip_by_global_norm(1.0).update(G, ())
    for p, grad, expected in zip(given, before, updates, strict=False):
        assert p.grad is grad
        assert p.grad.numpy().tobytes() == expected.tobytes()


def test_what_is_small_enough_stays():
    given = parameters()
    nn.utils.clip_grad_norm_(iter(given), 100.0)
    for p, g in zip(given, G, strict=True):
        np.testing.assert_array_equal(p.grad.numpy(), g)


@pytest.mark.parametrize(("kind", "expected"), [(1, 19.0), (np.inf, 12.0), (3, 1819 ** (1 / 3))])
def test_other_norms(kind, expected):
    norm = nn.utils.clip_grad_norm_(parameters(), 1.0, norm_type=kind)
    assert norm.item() == pytest.approx(expected, rel=1e-5)


def test_one_tensor_and_no_gradient():
    p = oop.zeros(2, requires_grad=True)
    assert nn.utils.clip_grad_norm_(p, 1.0).item() == 0.0 and p.grad is None


def test_a_norm_that_is_not_finite():
    given = parameters()
    given[0].grad[0, 0] = np.inf
    before = given[1].grad.clone()
    with pytest.raises(RuntimeError, match=r"^clip_grad_norm_: the norm of the gradients is inf, "):
        nn.utils.clip_grad_norm_(given, 1.0, error_if_nonfinite=True)
    assert oop.equal(given[1].grad, before)


def test_every_entry():
    given = parameters()
    nn.utils.clip_grad_value_(given, 3.5)
    assert given[0].grad.tolist() == [[3.0, -3.5]] and given[1].grad.tolist() == [3.5]
