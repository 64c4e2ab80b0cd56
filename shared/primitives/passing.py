"""Several values passed on together, so that their cotangents arrive together."""

import numpy as np

from .primitive import Primitive
from .reduction import batch_size, with_batch


def _batch(args, batched):
    size = batch_size(args, batched)
    return passing(*[with_batch(a, flag, size) for a, flag in zip(args, batched, strict=True)])


# zs = xs, in memory of their own
passing = Primitive(
    "passing",
    lambda *xs: tuple([np.copy(x) for x in xs]),
    shape=lambda *xs: [x.shape for x in xs],
    dtype=lambda *xs: [x.dtype for x in xs],
    jvp="linear",
    vjp=lambda gz: gz,
    batch=_batch,
    outputs="many",
)
