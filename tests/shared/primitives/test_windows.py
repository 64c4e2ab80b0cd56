import itertools

import numpy as np

from wonderland.shared.primitives.windows import output_size, overlap


def test_overlap_finds_what_each_tap_meets():
    choices = itertools.product(range(1, 6), (1, 2, 3), (1, 2), (0, 1, 3), (0, 2), (1, 2, 3))
    tried = 0
    for size, kernel, stride, before, behind, dilation in choices:
        window = (kernel, stride, (before, behind), dilation)
        out = output_size(size, window)
        if out < 1:
            continue
        places = np.pad(np.arange(size), (before, behind), constant_values=-1)
        for tap in range(kernel):
            met = places[tap * dilation :: stride][:out]
            of_x, of_z = overlap(tap, size, window)
            assert np.arange(size)[of_x].tolist() == met[met >= 0].tolist()
            assert np.arange(out)[of_z].tolist() == np.flatnonzero(met >= 0).tolist()
            tried += 1
    assert tried > 500
