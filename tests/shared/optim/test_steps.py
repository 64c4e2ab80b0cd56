import numpy as np

from wonderland import functional as wf
from wonderland.shared.optim import FRESH, TRACED, blocks, steps_for
from wonderland.shared.optim.steps import BLOCK


def test_traced_values_are_never_changed():
    assert steps_for(np.ones(2), 0.1) is FRESH
    seen = []
    wf.grad(lambda x: (seen.append(steps_for(np.ones(2), x)), x)[1])(1.0)
    assert seen == [TRACED]


def test_only_large_arrays_that_lie_alike_are_cut():
    large, small = np.ones(2 * BLOCK + 1), np.ones(8)
    assert blocks([small, small]) is None and blocks([large, small]) is None
    assert blocks([np.ones((2, BLOCK)).T, np.ones((2, BLOCK)).T]) is None
    pieces = blocks([large, large])
    assert [piece[0].size for piece in pieces] == [BLOCK, BLOCK, 1]
    pieces[2][1][...] = 0
    assert large[-1] == 0
