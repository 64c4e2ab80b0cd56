import numpy as np

from wonderland.shared.primitives.copying import clone
from wonderland.shared.testing import Sample

x = np.array([[-1.5, 0.3, 2.0], [0.7, -0.2, -1.0]])
i = np.array([[5, -3, 0], [1, 7, 1]])

ROWS = [
    Sample(clone, x, reference=lambda x: x, dtypes="fc"),
    Sample(clone, i, reference=lambda x: x),
]


def test_a_copy_is_in_contiguous_memory_of_its_own():
    z = clone(x.T)
    assert z.flags.c_contiguous
    assert not np.shares_memory(z, x)
