import numpy as np
import pytest

from tests.shared.optim import plain
from wonderland import oop
from wonderland.oop.optim import SGD

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"weight_decay": 0.1},
        {"momentum": 0.9, "dampening": 0.3},
        {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
    ],
    ids=str,
)
@pytest.mark.parametrize("maximize", [False, True])
def test_twenty_steps_are_those_of_the_formula(options, maximize):
    start, gradients = RNG.standard_normal(4), RNG.standard_normal((20, 4))
    p = oop.Tensor(start.copy(), requires_grad=True)
    optimizer = SGD([p], lr=0.1, maximize=maximize, **options)
    for g in gradients:
        p.grad = oop.Tensor(g)
        optimizer.step()
    signed = -gradients if maximize else gradients
    np.testing.assert_allclose(p.value, plain.each(plain.sgd, start, signed, 0.1, **options))


def test_the_first_buffer_is_the_gradient():
    p = oop.Tensor(np.ones(2), requires_grad=True)
    optimizer = SGD([p], lr=0.1, momentum=0.9, dampening=0.5)
    p.grad = oop.Tensor(np.array([3.0, 4.0]))
    optimizer.step()
    assert optimizer.state[p]["momentum_buffer"].numpy().tolist() == [3, 4]
    assert p.grad.numpy().tolist() == [3, 4]


def test_complex_parameters_descend():
    z = oop.Tensor(np.array([3 + 4j]), requires_grad=True)
    optimizer = SGD([z], lr=0.25)
    for _ in range(50):
        optimizer.zero_grad()
        (z * z.conj()).real.sum().backward()
        optimizer.step()
    np.testing.assert_allclose(z.value, 0, atol=1e-10)
