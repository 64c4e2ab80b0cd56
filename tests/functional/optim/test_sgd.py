import numpy as np
import pytest

from tests.shared.optim import plain
from wonderland.functional import optim

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"momentum": 0.9},
        {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
        {"momentum": 0.9, "dampening": 0.3},
    ],
    ids=str,
)
def test_twenty_steps_are_those_of_the_formula(options):
    p, gradients = RNG.standard_normal(4), RNG.standard_normal((20, 4))
    optimizer = optim.sgd(0.1, **options)
    found, state = {"p": p}, optimizer.init({"p": p})
    before = p.copy()
    for g in gradients:
        updates, state = optimizer.update({"p": g}, state, found)
        found = optim.apply_updates(found, updates)
    np.testing.assert_allclose(found["p"], plain.each(plain.sgd, p, gradients, 0.1, **options))
    assert (p == before).all() and state.count == 20


def test_a_state_can_be_used_again():
    optimizer = optim.sgd(0.1, 0.9)
    state = optimizer.init(np.ones(2))
    first = optimizer.update(np.ones(2), state)
    again = optimizer.update(np.ones(2), state)
    assert first[0].tobytes() == again[0].tobytes()


def test_the_learning_rate_may_be_a_schedule():
    optimizer = optim.sgd(optim.linear(1.0, 0.0, 4))
    state = optimizer.init(1.0)
    first, state = optimizer.update(1.0, state)
    second, state = optimizer.update(1.0, state)
    assert (first, second) == (-1.0, -0.75)


def test_none_counts_as_no_momentum():
    optimizer = optim.sgd(0.1, momentum=None)
    assert optimizer.init(np.ones(2)).momentum is None


def test_what_is_refused():
    with pytest.raises(ValueError, match=r"sgd: learning_rate is -0\.1 but must not be negative"):
        optim.sgd(-0.1)
    with pytest.raises(ValueError, match="sgd: nesterov needs momentum and no dampening"):
        optim.sgd(0.1, nesterov=True)
    with pytest.raises(ValueError, match=r"sgd: .* call update\(gradients, state, params\)"):
        optim.sgd(0.1, weight_decay=0.1).update(1.0, optim.sgd(0.1).init(1.0))
    state = optim.sgd(0.1, 0.9).init({"a": np.ones(2)})
    with pytest.raises(ValueError, match="sgd: gradients and state: structures differ"):
        optim.sgd(0.1, 0.9).update({"b": np.ones(2)}, state)
