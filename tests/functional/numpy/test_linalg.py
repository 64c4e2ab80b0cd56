import numpy as np

from wonderland import functional as wf
from wonderland.functional import numpy as wnp


def test_norm():
    x = np.array([3.0, 4.0])
    assert wnp.linalg.norm(x) == wnp.linalg.vector_norm(x) == 5
    np.testing.assert_allclose(wf.grad(wnp.linalg.norm)(x), [0.6, 0.8])
    np.testing.assert_allclose(wf.grad(np.linalg.norm)(x), [0.6, 0.8])
