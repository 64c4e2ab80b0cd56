import math

import numpy as np
import pytest

from wonderland.compare.quality import ACCURACY, HELD_OUT_LOSS

output = np.log(np.array([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]], np.float32)) + 3
labels = np.array([0, 1])


def test_the_share_of_right_answers():
    assert ACCURACY.measure(output, labels) == 0.5
    assert ACCURACY.measure(output[None], labels[None]) == 0.5


def test_the_mean_loss():
    wanted = -(math.log(0.5) + math.log(0.1)) / 2
    assert math.isclose(HELD_OUT_LOSS.measure(output, labels), wanted, rel_tol=1e-6)
    assert math.isclose(HELD_OUT_LOSS.measure(output[None], labels[None]), wanted, rel_tol=1e-6)


@pytest.mark.parametrize(
    ("quality", "found", "goal", "problem"),
    [
        (ACCURACY, {"oop": 0.97, "purified": 0.97}, 0.95, ""),
        (ACCURACY, {"oop": 0.5}, None, ""),
        (ACCURACY, {}, 0.95, ""),
        (ACCURACY, {"oop": 0.5}, 0.95, "the test accuracy is 0.5000, below the goal of 0.95"),
        (ACCURACY, {"oop": 0.97, "purified": 0.96}, 0.95,
         "the styles differ in test accuracy: oop 0.97, purified 0.96"),
        (HELD_OUT_LOSS, {"oop": 2.5, "purified": 2.5}, 3.2, ""),
        (HELD_OUT_LOSS, {"oop": 3.25}, 3.2,
         "the held-out loss is 3.2500, not below the 3.2000 to beat"),
        (HELD_OUT_LOSS, {"oop": math.nan}, 3.2,
         "the held-out loss is nan, not below the 3.2000 to beat"),
    ],
)  # fmt: skip
def test_what_is_wrong(quality, found, goal, problem):
    assert quality.problem(found, goal) == problem
