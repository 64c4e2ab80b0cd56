import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.functional import optim
from wonderland.shared import tree

P = {"w": np.array([1.0, 2.0]), "b": [np.array(3.0)]}
G = {"w": np.array([0.1, -0.2]), "b": [np.array(0.3)]}


def close(a, b):
    tree.map(lambda x, y: np.testing.assert_allclose(x, y, rtol=1e-6), a, b)


def test_updates_are_added_in_the_structure_of_the_params():
    close(optim.apply_updates(P, G), {"w": [1.1, 1.8], "b": [3.3]})


def test_a_chain_runs_one_after_the_other():
    optimizer = optim.chain(
        optim.identity(), optim.add_decayed_weights(0.1), optim.scale_by_learning_rate(0.5)
    )
    updates, state = optimizer.update(G, optimizer.init(P), P)
    close(updates, tree.map(lambda g, p: -0.5 * (g + 0.1 * p), G, P))
    assert state == (optim.EmptyState(),) * 3


def test_a_chain_of_sgd_parts_is_sgd():
    parts = optim.chain(optim.add_decayed_weights(0.1), optim.scale(-0.5))
    whole = optim.sgd(0.5, weight_decay=0.1)
    found = [o.update(G, o.init(P), P)[0] for o in (parts, whole)]
    assert all(a.tobytes() == b.tobytes() for a, b in zip(*map(tree.leaves, found), strict=True))


@pytest.mark.parametrize("mask", [{"w": True, "b": False}, lambda p: {"w": True, "b": [False]}])
def test_a_mask_says_what_decays(mask):
    optimizer = optim.add_decayed_weights(0.1, mask)
    updates, _ = optimizer.update(G, optimizer.init(P), P)
    close(updates, {"w": G["w"] + 0.1 * P["w"], "b": G["b"]})


def test_a_schedule_gets_the_count_of_steps():
    optimizer = optim.scale_by_learning_rate(optim.linear(1.0, 0.0, 4), flip_sign=False)
    state, found = optimizer.init(P), []
    for _ in range(3):
        updates, state = optimizer.update(1.0, state)
        found.append(updates)
    assert found == [1.0, 0.75, 0.5]
    assert state.count == 3


def test_optax_names_the_schedules_so():
    assert optim.cosine_decay_schedule is optim.cosine
    assert optim.warmup_cosine_decay_schedule(0.0, 1.0, 2, 10)(1) == 0.5


def test_what_is_refused():
    with pytest.raises(
        ValueError, match=r"add_decayed_weights: .* call update\(gradients, state, params\)"
    ):
        optim.add_decayed_weights(0.1).update(G, ())
    with pytest.raises(TypeError, match="chain: entry 1 is no transformation but a float"):
        optim.chain(optim.identity(), 0.1)
    with pytest.raises(ValueError, match="chain: the state has 1 entries but there are 2"):
        optim.chain(optim.identity(), optim.identity()).update(G, ((),))
    with pytest.raises(ValueError, match=r"apply_updates: .* structures differ at 'b\.0'"):
        optim.apply_updates(P, {"w": G["w"], "b": [[]]})


@pytest.mark.parametrize(
    "optimizer",
    [optim.sgd(0.1), optim.sgd(0.1, 0.9), optim.adam(0.1), optim.adamw(0.1)],
    ids=["sgd", "momentum", "adam", "adamw"],
)
def test_a_step_is_mapped_and_differentiated(optimizer):
    """Ensembles under vmap, and the gradient of a loss after a step."""

    def after(p, g):
        updates, state = optimizer.update(g, optimizer.init(p), p)
        updates, _ = optimizer.update(g * updates, state, p)
        return optim.apply_updates(p, updates)

    ps, gs = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.5, -1.0], [2.0, 0.25]])
    rows = wf.vmap(after)(ps, gs)
    np.testing.assert_allclose(rows, [after(p, g) for p, g in zip(ps, gs, strict=True)], rtol=1e-12)
    gradient = wf.grad(lambda g: after(ps[0], g).sum())(gs[0])
    h = 1e-6
    expected = [
        (after(ps[0], gs[0] + d).sum() - after(ps[0], gs[0] - d).sum()) / (2 * h)
        for d in h * np.eye(2)
    ]
    np.testing.assert_allclose(gradient, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    "make",
    [
        lambda h: optim.sgd(h),
        lambda h: optim.sgd(0.1, momentum=h, weight_decay=h, dampening=h),
        lambda h: optim.adam(h, weight_decay=h),
        lambda h: optim.adamw(0.1, b1=h, weight_decay=h),
        lambda h: optim.chain(optim.add_decayed_weights(h), optim.scale(h)),
    ],
)
def test_hyperparameters_are_mapped_and_differentiated(make):
    p, g = np.array([1.0, 2.0]), np.array([0.5, -1.0])

    def after(h):
        optimizer, q = make(h), p
        state = optimizer.init(q)
        for _ in range(3):
            updates, state = optimizer.update(g * q, state, q)
            q = optim.apply_updates(q, updates)
        return q

    hs, d = np.array([0.1, 0.2]), 1e-6
    np.testing.assert_allclose(wf.vmap(after)(hs), [after(h) for h in hs], rtol=1e-12)
    expected = (after(0.1 + d) - after(0.1 - d)) / (2 * d)
    np.testing.assert_allclose(wf.jacfwd(after)(hs[0]), expected, rtol=1e-6)


def test_a_number_of_numpy_widens_nothing():
    p = np.ones(2, np.float32)
    for optimizer in (
        optim.sgd(np.float64(0.1), np.float64(0.9), weight_decay=np.float64(0.1)),
        optim.adamw(np.float64(0.1), eps=np.float64(1e-8)),
        optim.scale(np.float64(0.1)),
    ):
        assert optimizer.update(p, optimizer.init(p), p)[0].dtype == np.float32


def test_states_are_mapped_over_too():
    optimizer = optim.adam(0.1)
    ps = np.array([[1.0, 2.0], [3.0, 4.0]])
    states = wf.vmap(optimizer.init)(ps)
    assert states.count.shape == (2,)
    updates, states = wf.vmap(optimizer.update)(ps, states)
    assert states.count.tolist() == [1, 1]
    alone = optimizer.update(ps[1], optimizer.init(ps[1]))[0]
    np.testing.assert_allclose(updates[1], alone, rtol=1e-12)
