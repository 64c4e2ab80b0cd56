"""Warnings lead to the user's line, from wherever in the package they arise."""

import inspect
import warnings

import numpy as np
import pytest

from wonderland import functional as wf
from wonderland import oop, purify
from wonderland.functional import nn
from wonderland.shared.errors import warn_user

X = np.ones((4, 1), np.float32)


def losses(x):
    return nn.mse_loss(x, np.ones(4, np.float32))


@pytest.mark.parametrize(
    "run",
    [losses, wf.grad(losses), wf.jit(losses), lambda x: oop.nn.MSELoss()(x, np.ones(4))],
    ids=["eager", "grad", "jit", "oop"],
)
def test_a_loss_that_broadcasts(run):
    line = inspect.getsourcelines(losses)[1] + 1
    with pytest.warns(
        UserWarning, match="mse_loss: predictions and targets have different shapes"
    ) as w:
        run(X)
    assert w[0].filename == __file__
    assert w[0].lineno == line or "lambda" in repr(run)


def test_many_captures():
    model = oop.nn.Linear(1, 1)
    run = purify.compile(model)
    with pytest.warns(RuntimeWarning, match="is captured for the 17th time") as w:
        for i in range(17):
            model.note = i + 0.5 * 1j
            run(oop.tensor(X))  # the line
    assert w[0].filename == __file__
    assert "# the line" in inspect.getsource(test_many_captures).splitlines()[
        w[0].lineno - inspect.getsourcelines(test_many_captures)[1]
    ]  # fmt: skip


def test_a_line_is_told_once_by_default_and_may_be_silenced():
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("default")
        for _ in range(3):
            warn_user("so and so", UserWarning)
        warnings.simplefilter("ignore")
        warn_user("another", UserWarning)
    assert [str(w.message) for w in seen] == ["so and so"]
