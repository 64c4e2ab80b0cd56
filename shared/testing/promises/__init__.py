"""The promises of the coverage contract, one small function each.

A promise takes a Call (a sample in one dtype). PROMISES is the table that `check_primitive` and
the project's own tests walk; `devices` and `paradigms` need something from outside, so they are
called apart.
"""

from .batches import batched_derivatives, batches, nested_batches
from .derivatives import jvp, second_order, separately, vjp
from .elsewhere import devices, paradigms
from .inputs import layouts, primitives_only, untouched
from .table import Promise
from .values import abstract, dtypes, reference, view, zero_dim, zero_size

PROMISES = {
    promise.name: promise
    for promise in (
        Promise(reference, every_dtype=True),
        Promise(abstract, every_dtype=True),
        Promise(jvp),
        Promise(vjp),
        Promise(separately),
        Promise(second_order),
        Promise(dtypes, every_dtype=True),
        Promise(batches),
        Promise(nested_batches),
        Promise(batched_derivatives),
        Promise(zero_size),
        Promise(zero_dim),
        Promise(layouts),
        Promise(untouched),
        Promise(view),
        Promise(primitives_only),
    )
}
