import math
import operator

import numpy as np
import pytest

from tests.shared.primitives.test_arithmetic import derivatives, entrywise
from wonderland.shared.primitives import rounding as r

# a little off the jumps, where there is no central difference
x = np.array([[-1.5, 0.25, 2.0], [0.75, -0.5, -3.0]]) + 0.0625
y = np.array([[2.5, -1.25, 0.4], [-0.7, 1.25, -0.75]])

ROWS = [
    entrywise(r.floor, x, reference=lambda x: float(math.floor(x)), dtypes="f"),
    entrywise(r.ceil, x, reference=lambda x: float(math.ceil(x)), dtypes="f"),
    entrywise(r.trunc, x, reference=lambda x: float(math.trunc(x)), dtypes="f"),
    entrywise(r.rint, x, reference=lambda x: float(round(x)), dtypes="f"),
    entrywise(r.round, x, decimals=1, reference=lambda x, decimals: round(x, decimals), dtypes="f"),
    entrywise(r.round, 10 * x, decimals=-1, reference=lambda x, decimals: 10.0 * round(x / 10),
              dtypes="f", label="tens"),
    entrywise(r.floor_divide, x, y, reference=operator.floordiv, dtypes="f"),
    entrywise(r.floor_divide, 2.6, y, reference=operator.floordiv, dtypes="f"),
]  # fmt: skip


@pytest.mark.parametrize("f", [r.floor, r.ceil, r.trunc, r.rint])
@pytest.mark.parametrize("point", [0.0, 1.0, 0.5, -2.5])
def test_the_derivative_is_zero_also_at_a_jump(f, point):
    assert derivatives(f, point) == [0]
