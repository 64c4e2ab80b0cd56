import numpy as np
import pytest

from tests.shared.optim import plain
from wonderland import functional as wf
from wonderland.shared.optim import FRESH, IN_PLACE, TRACED, adam, adamw
from wonderland.shared.optim.adam import bias_scales

RNG = np.random.default_rng(0)
BETAS, LR, EPS = (0.9, 0.99), 0.1, 1e-8


def run(p, gradients, steps, dtype=float, decay=0.0, decoupled=False, amsgrad=False):
    p = p.astype(dtype)
    m, v = np.zeros_like(p), np.zeros_like(p)
    largest = [np.zeros_like(p)] if amsgrad else [None]
    for t, g in enumerate(gradients, 1):
        scales, g = bias_scales(t, LR, BETAS, EPS), g.astype(dtype)
        if decoupled:
            found = adamw(g, m, v, p, scales, BETAS, LR * decay, steps, *largest)
        else:
            found = adam(g, m, v, p, scales, BETAS, decay, steps, *largest)
        update, m, v, *rest = found
        largest = rest or [None]
        p = p + update
    return p


OPTIONS = [
    {},
    {"decay": 0.1},
    {"decay": 0.1, "decoupled": True},
    {"amsgrad": True},
    {"amsgrad": True, "decay": 0.1, "decoupled": True},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_the_rule_is_the_formula(options):
    p, gradients = RNG.standard_normal((2, 3)), RNG.standard_normal((20, 2, 3))
    if options.get("amsgrad"):
        gradients *= np.linspace(2, 0.1, 20)[:, None, None]
    names = {**options}
    decay = names.pop("decay", 0.0)
    expected = plain.each(plain.adam, p, gradients, LR, BETAS, EPS, decay, **names)
    np.testing.assert_allclose(run(p, gradients, FRESH, **options).ravel(), expected, rtol=1e-11)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_memory_is_no_matter_of_bits(options, dtype):
    p, gradients = RNG.standard_normal((2, 3)), RNG.standard_normal((20, 2, 3))
    found = [run(p, gradients, steps, dtype, **options) for steps in (FRESH, TRACED, IN_PLACE)]
    assert found[0].dtype == dtype
    assert found[0].tobytes() == found[1].tobytes() == found[2].tobytes()


def test_in_place_the_averages_are_kept_and_otherwise_they_are_left_alone():
    g, p = np.ones(2), np.ones(2)
    m, v = np.ones(2), np.ones(2)
    _, *new = adam(g, m, v, p, (0.1, 1e-8), steps=FRESH)
    assert new[0] is not m and new[1] is not v and m.tolist() == v.tolist() == [1, 1]
    _, *new = adam(g, 2 * m, v, p, (0.1, 1e-8), steps=IN_PLACE)
    assert new[1] is v
    assert g.tolist() == p.tolist() == [1, 1]


def test_complex_gradients_are_squared_by_their_absolute_value():
    g = np.array([3 + 4j])
    _, _, v = adam(g, 0 * g, 0 * g, g, (0.1, 1e-8), betas=(0.9, 0.0))
    assert v.tolist() == [25]


def test_a_traced_step_gives_the_same_scales():
    eager = np.array([bias_scales(t, LR, BETAS, EPS) for t in range(1, 50)])
    traced = wf.vmap(lambda t: bias_scales(t, LR, BETAS, EPS, np.float64))(np.arange(1, 50))
    np.testing.assert_allclose(np.stack(traced, 1), eager, rtol=1e-12)
    narrow = wf.vmap(lambda t: bias_scales(t, LR, BETAS, EPS, np.float32))(np.arange(1, 3))
    assert [x.dtype for x in narrow] == ["f4", "f4"]
    rate, eps = wf.vmap(lambda t: bias_scales(t, LR, (0.0, 0.0), EPS, np.float64))(np.arange(1, 3))
    assert (rate.tolist(), eps.tolist()) == ([LR, LR], [EPS, EPS])
