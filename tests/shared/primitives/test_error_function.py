import math

import numpy as np
import pytest

from wonderland.shared.primitives.error_function import erf
from wonderland.shared.testing import Sample

ROWS = [
    Sample(
        erf, np.array([[-0.3, 0.8, 1.1], [-2.0, 2.9, 0.02]]), reference=math.erf, entrywise=True,
        dtypes="f",
    )
]  # fmt: skip


@pytest.mark.parametrize(("dtype", "ulp"), [(np.float64, 1), (np.float32, 1), (np.float16, 1)])
def test_within_an_ulp_over_the_whole_line(dtype, ulp):
    x = np.linspace(-7, 7, 4001).astype(dtype)
    exact = np.array([math.erf(v) for v in x])
    z = erf(x)
    assert z.dtype == dtype
    assert np.all(np.abs(z - exact) <= ulp * np.spacing(np.abs(exact).astype(dtype)))


def test_special_values():
    z = erf(np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1e-320]))
    assert z[:4].tolist() == [0.0, -0.0, 1.0, -1.0] and np.isnan(z[4])
    assert math.copysign(1, z[1]) == -1 and z[5] == math.erf(1e-320)
