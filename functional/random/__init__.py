"""Random numbers from keys, under jax.random's names: a key is a value, used once and then split.

Draws work under every transform: vmap over keys equals the draws one by one, bit for bit, and to a
derivative a draw is a constant.
"""

from ...shared.random import (
    bernoulli,
    bits,
    categorical,
    choice,
    exponential,
    fold_in,
    gumbel,
    key,
    normal,
    permutation,
    rademacher,
    randint,
    split,
    truncated_normal,
    uniform,
)

PRNGKey = key
