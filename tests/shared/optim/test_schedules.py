import math

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland.shared.optim import schedules as s

SCHEDULES = {
    "constant": (s.constant(0.5), lambda t: 0.5),
    "linear": (s.linear(1.0, 0.2, 4, 2), lambda t: 1 - 0.8 * min(max(t - 2, 0), 4) / 4),
    "cosine": (
        s.cosine(2.0, 5, 0.1),
        lambda t: 2 * (0.9 * (1 + math.cos(math.pi * min(t, 5) / 5)) / 2 + 0.1),
    ),
    "cosine exponent": (
        s.cosine(2.0, 5, exponent=2.0),
        lambda t: 2 * ((1 + math.cos(math.pi * min(t, 5) / 5)) / 2) ** 2,
    ),
    "exponential": (s.exponential(1.0, 2, 0.5), lambda t: 0.5 ** (t / 2)),
    "exponential in steps": (
        s.exponential(1.0, 2, 0.5, 1, True),
        lambda t: 0.5 ** ((t - 1) // 2) if t else 1,
    ),
    "exponential with an end": (
        s.exponential(1.0, 1, 0.5, end_value=0.1),
        lambda t: max(0.5**t, 0.1),
    ),
    "exponential upwards": (s.exponential(1.0, 1, 2.0, end_value=8.0), lambda t: min(2.0**t, 8.0)),
    "warmup": (
        s.warmup_cosine(0.0, 1.0, 3, 7, 0.25),
        lambda t: t / 3 if t < 3 else 0.25 + 0.75 * (1 + math.cos(math.pi * min(t - 3, 4) / 4)) / 2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_is_its_formula(name):
    schedule, formula = SCHEDULES[name]
    for t in range(10):
        assert schedule(t) == pytest.approx(formula(t), abs=1e-15)
        assert schedule(np.int32(t)) == schedule(t)
        assert isinstance(schedule(np.int32(t)), float)


@pytest.mark.parametrize("name", [n for n in SCHEDULES if n != "constant"])
def test_a_traced_count_gives_the_same(name):
    schedule, formula = SCHEDULES[name]
    found = wf.vmap(schedule)(np.arange(10, dtype=np.int32))
    np.testing.assert_allclose(found, [formula(t) for t in range(10)], rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: s.linear(1.0, 0.0, 0), "linear: transition_steps is 0 but must be positive"),
        (lambda: s.cosine(1.0, -1), "cosine: decay_steps is -1 but must be positive"),
        (lambda: s.exponential(1.0, 1, 0), "exponential: decay_rate is 0 but must be positive"),
    ],
)
def test_steps_and_rates_are_positive(make, message):
    with pytest.raises(ValueError, match=message):
        make()
