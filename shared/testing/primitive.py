"""check_primitive: every promise of the coverage contract, on one sample."""

from ..primitives import Primitive
from .promises import PROMISES
from .sample import KINDS, Sample, is_array, kind


def check_primitive(
    primitive, *args, reference=None, entrywise=False, dtypes=None, without=None, **static
):
    """primitive(*args, **static) keeps every promise; returns how often each was tried.

    The promises: the kernel equals `reference` (a function of the operands; of Python scalars with
    entrywise=True); shape and dtype rules say what the kernel returns; the JVP equals central
    differences and the VJP is its adjoint, to second order in both modes; vmap equals the loop;
    every dtype stays what it is; any memory layout, empty and 0-d operands; operands untouched;
    rules in primitives alone. dtypes: those to try, by default the kinds of the arrays given ('f'
    for f16 f32 f64, 'c' for c64 c128, or a tuple of names). without: {promise: reason} for promises
    that cannot be kept.

    Raises AssertionError that names the primitive, the promise and both values; ValueError for an
    unknown promise, TypeError for what is no Primitive or no array.

    >>> import math
    >>> import numpy as np
    >>> from wonderland.shared.primitives import tanh
    >>> x = np.array([0.5, -1.0])
    >>> tried = check_primitive(tanh, x, reference=math.tanh, entrywise=True)
    >>> tried["jvp"], tried["dtypes"]
    (1, 3)
    """
    if not isinstance(primitive, Primitive):
        raise TypeError(
            f"check_primitive: it takes a Primitive, then its operands, but got a "
            f"{type(primitive).__name__}; write check_primitive(p, x, reference=f)"
        )
    if not any(is_array(a) for a in args):
        raise TypeError(
            f"check_primitive: {primitive.name} is tried on arrays, but the operands are "
            f"{', '.join(type(a).__name__ for a in args) or 'none'}; give np.array(...)"
        )
    unknown = sorted(set(without or ()) - set(PROMISES))
    if unknown:
        raise ValueError(
            f"check_primitive: without names {unknown}, but the promises are {sorted(PROMISES)}"
        )
    if dtypes is None:
        dtypes = "".join(sorted({kind(a) for a in args} & set(KINDS), key="fcib".index)) or "f"
    sample = Sample(
        primitive, *args, reference=reference, entrywise=entrywise, dtypes=dtypes,
        without=without, **static,
    )  # fmt: skip
    return {name: promise.hold(sample) for name, promise in PROMISES.items()}
