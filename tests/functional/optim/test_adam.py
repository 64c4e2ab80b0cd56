import numpy as np
import pytest

from tests.shared.optim import plain
from wonderland.functional import optim

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("make", "options"),
    [
        (optim.adam, {}),
        (optim.adam, {"weight_decay": 0.1}),
        (optim.adamw, {"weight_decay": 0.1, "decoupled": True}),
    ],
)
def test_twenty_steps_are_those_of_the_formula(make, options):
    p, gradients = RNG.standard_normal(4), RNG.standard_normal((20, 4))
    optimizer = make(0.1, weight_decay=options.get("weight_decay", 0.0))
    found, state = {"p": p}, optimizer.init({"p": p})
    for g in gradients:
        updates, state = optimizer.update({"p": g}, state, found)
        found = optim.apply_updates(found, updates)
    expected = plain.each(plain.adam, p, gradients, 0.1, **options)
    np.testing.assert_allclose(found["p"], expected, rtol=1e-11)
    assert state.count == 20


def test_adamw_decays_a_hundredth_as_torch_does():
    p, g = np.ones(2), np.zeros(2)
    optimizer = optim.adamw(0.1)
    updates, _ = optimizer.update(g, optimizer.init(p), p)
    np.testing.assert_allclose(updates, -0.001)


def test_a_mask_says_what_decays():
    p, g = {"w": np.ones(2), "b": np.ones(2)}, {"w": np.zeros(2), "b": np.zeros(2)}
    optimizer = optim.adamw(0.1, mask={"w": True, "b": False})
    updates, _ = optimizer.update(g, optimizer.init(p), p)
    assert updates["b"].tolist() == [0, 0] and (updates["w"] < 0).all()


def test_float32_stays_float32():
    p = np.ones(2, np.float32)
    optimizer = optim.adam(optim.cosine(0.1, 10))
    updates, state = optimizer.update(p, optimizer.init(p), p)
    assert {updates.dtype, state.mu.dtype, state.nu.dtype} == {np.dtype(np.float32)}


def test_nothing_to_optimise_is_no_error():
    optimizer = optim.adam(0.1)
    assert optimizer.update((), optimizer.init(()))[0] == ()


def test_what_is_refused():
    with pytest.raises(ValueError, match=r"adam: eps is -1 but must not be negative"):
        optim.adam(0.1, eps=-1)
    with pytest.raises(
        ValueError, match=r"adam: b1 and b2 must lie in \[0, 1\) but are 0.9 and 1.0"
    ):
        optim.adam(0.1, b2=1.0)
    with pytest.raises(ValueError, match=r"adamw: .* call update\(gradients, state, params\)"):
        optim.adamw(0.1).update(1.0, optim.adam(0.1).init(1.0))
