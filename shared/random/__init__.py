"""Random numbers from keys: one generator, Philox4x64-10, behind both paradigms.

`bits(key)` is the stream of np.random.Philox(key=key); every other draw is a documented function of
these bits, in array operations that any array module performs, on the device where the key lies.
Each draw takes one key (2,); its `.batched` takes keys (..., 2) and equals stacking the single
draws. Parameters that are arrays (`minval`, `p`, ...) then broadcast to (..., *shape), while those
that are chosen from (`x`, `a`, `logits`) are shared by all keys.
"""

from .continuous import bits, exponential, gumbel, normal, truncated_normal, uniform
from .discrete import bernoulli, categorical, choice, permutation, rademacher, randint
from .generator import Generator
from .keys import fold_in, key, split

__all__ = [
    "Generator",
    "bernoulli",
    "bits",
    "categorical",
    "choice",
    "exponential",
    "fold_in",
    "gumbel",
    "key",
    "normal",
    "permutation",
    "rademacher",
    "randint",
    "split",
    "truncated_normal",
    "uniform",
]
