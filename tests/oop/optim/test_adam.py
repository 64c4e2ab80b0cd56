import numpy as np
import pytest

from tests.shared.optim import plain
from wonderland import oop
from wonderland.oop.optim import Adam, AdamW
from wonderland.shared.optim.steps import BLOCK

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("amsgrad", [False, True])
@pytest.mark.parametrize("maximize", [False, True])
@pytest.mark.parametrize("kind", [Adam, AdamW])
def test_twenty_steps_are_those_of_the_formula(kind, maximize, amsgrad):
    start, gradients = RNG.standard_normal(4), RNG.standard_normal((20, 4))
    p = oop.Tensor(start.copy(), requires_grad=True)
    optimizer = kind([p], lr=0.1, weight_decay=0.1, amsgrad=amsgrad, maximize=maximize)
    for g in gradients:
        p.grad = oop.Tensor(g)
        optimizer.step()
        assert (p.grad.value == g).all()
    signed = -gradients if maximize else gradients
    expected = plain.each(
        plain.adam, start, signed, 0.1, weight_decay=0.1, decoupled=kind is AdamW, amsgrad=amsgrad
    )
    np.testing.assert_allclose(p.value, expected, rtol=1e-11)


def test_a_parameter_that_joins_late_counts_its_own_steps():
    ps = [oop.Tensor(np.ones(1), requires_grad=True) for _ in range(2)]
    optimizer = Adam(ps, lr=0.1)
    for i in range(4):
        ps[0].grad = oop.Tensor(np.ones(1))
        ps[1].grad = oop.Tensor(np.ones(1)) if i > 1 else None
        optimizer.step()
    assert [optimizer.state[p]["step"] for p in ps] == [4, 2]
    np.testing.assert_allclose([p.item() for p in ps], [0.6, 0.8], rtol=1e-6)


def test_the_state_is_kept_in_its_own_memory():
    p = oop.Tensor(np.ones(2), requires_grad=True)
    optimizer = Adam([p])
    p.grad = oop.Tensor(np.ones(2))
    optimizer.step()
    memory = optimizer.state[p]["exp_avg"].value
    optimizer.step()
    assert optimizer.state[p]["exp_avg"].value is memory


def test_adamw_decays_a_hundredth():
    assert AdamW([oop.Tensor(np.ones(2), requires_grad=True)]).defaults["weight_decay"] == 0.01


@pytest.mark.parametrize("kind", [Adam, AdamW])
def test_a_large_parameter_takes_the_step_of_its_parts(kind):
    size = 2 * BLOCK + 5
    start, gradients = RNG.standard_normal(size), RNG.standard_normal((3, size))
    found = []
    for cuts in ([size], [1000] * (size // 1000) + [size % 1000]):
        ends = np.cumsum(cuts)[:-1]
        ps = [oop.Tensor(x.copy(), requires_grad=True) for x in np.split(start, ends)]
        optimizer = kind(ps, lr=0.1, weight_decay=0.1, amsgrad=True, maximize=True)
        for g in gradients:
            for p, part in zip(ps, np.split(g, ends), strict=True):
                p.grad = oop.Tensor(part.copy())
            optimizer.step()
        kept = [optimizer.state[p]["max_exp_avg_sq"] for p in ps]
        whole = [np.concatenate([x.detach().numpy() for x in xs]) for xs in (ps, kept)]
        found.append([x.tobytes() for x in whole])
        assert ps[0].version.count == 3
    assert found[0] == found[1]
