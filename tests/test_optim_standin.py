"""Both paradigms' optimisers on the strict stand-in for CuPy: no copy, and the bits of the host."""

import numpy as np
import pytest

from tests import standin
from tests.test_optim_twins import TWINS
from wonderland import oop
from wonderland.functional import optim

RNG = np.random.default_rng(0)
START, GRADIENTS = (
    RNG.standard_normal((2, 3)).astype("f4"),
    RNG.standard_normal((5, 2, 3)).astype("f4"),
)


def functional_steps(optimizer, p, gradients):
    state = optimizer.init(p)
    for g in gradients:
        updates, state = optimizer.update(g, state, p)
        p = optim.apply_updates(p, updates)
    return p


def oop_steps(kind, options, p, gradients):
    p = oop.Tensor(p, requires_grad=True)
    optimizer = kind([p], **options)
    for g in gradients:
        p.grad = oop.Tensor(g)
        optimizer.step()
    return p.value


@pytest.mark.parametrize("twin", TWINS)
def test_steps_on_the_device(twin):
    functional, kind, options = TWINS[twin]
    expected = functional_steps(functional, START, GRADIENTS)
    with standin.installed():
        p = standin.lift(START.copy())
        gradients = [standin.lift(g.copy()) for g in GRADIENTS]
        with standin.transfers.exactly():
            ours = functional_steps(functional, p, gradients)
            theirs = oop_steps(kind, options, standin.lift(START.copy()), gradients)
        assert standin.peek(ours).tobytes() == standin.peek(theirs).tobytes() == expected.tobytes()


def test_clipping_on_the_device():
    with standin.installed(), standin.transfers.exactly():
        updates, _ = optim.clip_by_global_norm(1.0).update({"a": standin.lift(START.copy())}, ())
        assert isinstance(updates["a"], standin.ndarray)
