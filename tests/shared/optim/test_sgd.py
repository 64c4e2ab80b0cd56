import numpy as np
import pytest

from tests.shared.optim import plain
from wonderland.shared.optim import FRESH, IN_PLACE, TRACED, sgd

RNG = np.random.default_rng(0)
OPTIONS = [
    {},
    {"weight_decay": 0.1},
    {"momentum": 0.9},
    {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
    {"momentum": 0.9, "dampening": 0.3},
]


def run(p, gradients, steps, dtype=float, **options):
    p = p.astype(dtype)
    buffer = np.zeros_like(p)
    dampening = options.pop("dampening", 0.0)
    for i, g in enumerate(gradients):
        tau = dampening if i else 0.0
        update, buffer = sgd(g.astype(dtype), buffer, p, 0.1, dampening=tau, steps=steps, **options)
        p = p + update
    return p


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_the_rule_is_the_formula(options):
    p, gradients = RNG.standard_normal((2, 3)), RNG.standard_normal((20, 2, 3))
    expected = plain.each(plain.sgd, p, gradients, 0.1, **options)
    np.testing.assert_allclose(run(p, gradients, FRESH, **options).ravel(), expected, rtol=1e-13)


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64"])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_memory_is_no_matter_of_bits(options, dtype):
    p, gradients = RNG.standard_normal((2, 3)), RNG.standard_normal((20, 2, 3))
    found = [run(p, gradients, steps, dtype, **options) for steps in (FRESH, TRACED, IN_PLACE)]
    assert found[0].dtype == dtype
    assert found[0].tobytes() == found[1].tobytes() == found[2].tobytes()


def test_in_place_the_buffer_is_kept_and_otherwise_it_is_left_alone():
    g, p = np.ones(2), np.ones(2)
    buffer = np.ones(2)
    assert sgd(g, buffer, p, 0.1, 0.9, steps=FRESH)[1] is not buffer
    assert buffer.tolist() == [1, 1]
    assert sgd(g, buffer, p, 0.1, 0.9, steps=IN_PLACE)[1] is buffer
    assert buffer.tolist() == [1.9, 1.9]
    assert g.tolist() == p.tolist() == [1, 1]
