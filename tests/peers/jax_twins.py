"""One program, run by jax and by wonderland.functional, must give equal numbers in float64."""

import numpy as np
import pytest

from wonderland import functional as wf

jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)
jnp = jax.numpy

RNG = np.random.default_rng(0)
X = RNG.standard_normal((2, 3))
Y = RNG.standard_normal((2, 3))
V = RNG.standard_normal(3)
M = RNG.standard_normal((3, 4))
S = RNG.standard_normal((3, 3)) + 3 * np.eye(3)
Z = RNG.standard_normal((2, 3)) + 1j * RNG.standard_normal((2, 3))
W = RNG.standard_normal((2, 3)) + 1j * RNG.standard_normal((2, 3))
POINT = np.float64(0.7)


def draw(x, seed=0):
    """A direction for x: its shape and dtype."""
    rng = np.random.default_rng([seed, x.ndim, x.size])
    d = rng.standard_normal(x.shape)
    return d + 1j * rng.standard_normal(x.shape) if x.dtype.kind == "c" else d


def same(ours, theirs, tolerance=1e-12):
    """Equal structure, shapes, dtypes and numbers."""
    mine, other = wf.tree.leaves(ours), jax.tree.leaves(theirs)
    assert len(mine) == len(other)
    for a, b in zip(mine, other, strict=True):
        b = np.asarray(b)
        assert (np.shape(a), a.dtype) == (b.shape, b.dtype)
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


def given(case):
    """(the function for NumPy's namespace, for jax's, the arguments)."""
    function, args = case
    args = args if isinstance(args, tuple) else (args,)
    return (lambda *xs: function(np, *xs)), (lambda *xs: function(jnp, *xs)), args
