"""Every rule is linear in its direction, also at a direction of zero.

The derivative of a pull, taken at a cotangent of zero, is the pull itself. `linearize` and Hessians
rest on that, and a rule that treats zero cotangents on their own would break it in silence.
"""

import numpy as np
import pytest

from tests.shared.primitives.rows import table
from wonderland.shared import forward, tape
from wonderland.shared.primitives.rules import zeros_like

ROWS = [row for row in table() if row.primitive.active and "float64" in row.names()]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.label)
def test_the_derivative_of_a_pull_at_zero_is_the_pull(row):
    call = row.call("float64")
    with np.errstate(all="ignore"):
        outs, pull = tape.vjp(call.of_inexact, call.inexact_args())
        cotangents = [
            np.cos(1.3 * np.arange(z.size) + 1).reshape(z.shape).astype(z.dtype) for z in outs
        ]
        expected = pull(cotangents)
        places = [i for i, g in enumerate(expected) if g is not None]
        if not places:
            return
        _, found = forward.jvp(
            lambda *gs: [pull(gs)[i] for i in places], [zeros_like(z) for z in outs], cotangents
        )
    for i, g in zip(places, found, strict=True):
        g = forward.instantiate(g, expected[i])
        np.testing.assert_allclose(g, expected[i], rtol=1e-12, atol=1e-14)
