import numpy as np

from wonderland.shared.primitives.copying import clone
from wonderland.shared.testing import Sample

X = np.array([[-1.5, 0.3, 2.0], [0.7, -0.2, -1.0]])

ROWS = [
    Sample(clone, X, reference=np.array, entrywise=False),
    Sample(clone, np.array([[1, 2]]), reference=np.array),
    Sample(clone, np.array([True, False]), reference=np.array),
]


def test_the_copy_is_contiguous_and_apart():
    z = clone(X.T)
    assert z.flags.c_contiguous and not np.shares_memory(z, X)
