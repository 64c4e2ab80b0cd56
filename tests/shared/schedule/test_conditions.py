"""Captures that hold only as long as something is true."""

import numpy as np

from wonderland import functional as wf
from wonderland.shared.schedule.conditions import collecting, holds_while

X = np.ones(3, np.float32)


def test_outside_of_captures_nothing_is_kept():
    holds_while(lambda: False)
    with collecting() as found:
        pass
    assert found == []


def test_jit_captures_anew_where_a_condition_fails():
    scale = [2.0]

    def f(x):
        seen = scale[0]
        holds_while(lambda: scale[0] == seen)
        return x * seen

    inner = wf.jit(f)
    outer = wf.jit(lambda x: inner(x) + 1)
    for value in (2.0, 3.0, 2.0, 3.0):
        scale[0] = value
        for _ in range(2):
            assert outer(X)[0] == value + 1 and inner(X)[0] == value
    assert inner.traces == outer.traces == 2
