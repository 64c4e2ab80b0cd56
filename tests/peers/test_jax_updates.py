"""Assignment by x.at[i] against jax."""

import numpy as np
import pytest

from tests.peers.jax_twins import RNG, S, draw, jax, jnp, same
from wonderland import functional as wf

pytestmark = pytest.mark.peers

INDICES = {
    "an integer": 1,
    "a negative integer": -1,
    "a slice": slice(1, None),
    "a step back": slice(None, None, -2),
    "two indices": (0, slice(0, 2)),
    "an ellipsis": (..., 0),
    "a new axis": (None, 1),
    "an integer array": np.array([2, 0]),
    "two integer arrays": (np.array([0, 2]), np.array([1, 1])),
    "a mask": S > 0.5,
}


def at(x):
    """`x.at` of jax, `wf.at(x)` of ours."""
    return x.at if isinstance(x, jax.Array) else wf.at(x)


@pytest.mark.parametrize("name", ["set", "add", "multiply", "divide", "min", "max", "power"])
@pytest.mark.parametrize("index", INDICES.values(), ids=INDICES)
def test_updates_at_an_index(index, name):
    start = np.abs(S) + 0.1

    def update(x, v):
        unique = {"unique_indices": True} if isinstance(x, jax.Array) else {}  # or it refuses
        return getattr(at(x)[index], name)(v * 0.7, **unique)

    v = np.float64(1.7)
    same(update(start, v), update(jnp.array(start), v))
    ct, du = draw(S), draw(S, 1)
    out, pull = wf.vjp(update, start, v)
    their_out, their_pull = jax.vjp(update, jnp.array(start), v)
    same((out, pull(ct)), (their_out, their_pull(ct)))
    primals = (jnp.array(start), v)
    same(wf.jvp(update, (start, v), (du, v)), jax.jvp(update, primals, (jnp.array(du), v)))


@pytest.mark.parametrize("name", ["add", "multiply", "min", "max"])
def test_updates_at_repeated_indices(name):
    index = np.array([0, 2, 0])
    values = np.abs(RNG.standard_normal((3, 3))) + 0.3

    def update(x, v):
        return getattr(at(x)[index], name)(v)

    same(update(S, values), update(jnp.array(S), values))
    if name == "add":  # jax refuses the others
        ct = draw(S)
        same(wf.vjp(update, S, values)[1](ct), jax.vjp(update, jnp.array(S), values)[1](ct))


def test_updates_cast_to_the_array():
    x = np.arange(3, dtype=np.float32)
    same(wf.at(x)[0].set(np.float64(2.5)), jnp.array(x).at[0].set(jnp.float32(2.5)))
    same(wf.at(x)[1:].add(1), jnp.array(x).at[1:].add(1))
    same(wf.at(x)[0].get(), jnp.array(x).at[0].get())
    assert np.array_equal(x, np.arange(3, dtype=np.float32))
