"""From what users write to what primitives take: one dtype, equal ranks.

Primitives are strict. Here dtypes are promoted and ranks broadcast, once, for both paradigms. Which
dtype two operands share is a question for the highest Value among them (`Value.result_type`): NumPy's
NEP 50 in `functional`, torch's rule for Tensors. A Python scalar stays what it is wherever the arrays
keep their dtype.
"""

import numpy as np

from ..backend import as_array
from ..dispatch import Value
from ..errors import describe
from ..primitives.cast import cast, convert
from ..primitives.shape import reshape

SCALARS = frozenset((bool, int, float, complex))


def numpy_result_type(xs):
    """NumPy's promotion (NEP 50): Python scalars are weak, everything else counts."""
    return np.result_type(*[x if x.__class__ in SCALARS else x.dtype for x in xs])


Value.result_type = staticmethod(numpy_result_type)


def result_type(xs):
    """The dtype the operands xs share, by the rule of the highest Value among them."""
    top = None
    for x in xs:
        if isinstance(x, Value) and (top is None or x.level > top.level):
            top = x
    return numpy_result_type(xs) if top is None else top.result_type(xs)


def astype(x, dtype):
    """x with another dtype: differentiable between inexact ones, else with derivative zero."""
    dtype = np.dtype(dtype)
    if x.dtype == dtype:
        return x
    if dtype.kind in "fc" and x.dtype.kind in "fc":
        return cast(x, dtype=dtype)
    return convert(x, dtype=dtype)


def operand(x, operation="array"):
    """An array or Value from anything a user may pass; Python scalars stay."""
    if isinstance(x, (Value, np.ndarray, np.generic)) or x.__class__ in SCALARS:
        return x
    if hasattr(x, "__cuda_array_interface__"):
        return x
    if isinstance(x, (list, tuple)) and any(isinstance(a, Value) for a in x):
        raise TypeError(
            f"{operation}: a {type(x).__name__} that holds traced values is no array; join them with "
            "stack or concatenate"
        )
    return as_array(x)


def promote(*xs):
    """The operands with one dtype and equal ranks, as primitives want them."""
    xs = [operand(x) for x in xs]
    dtype = result_type(xs)
    rank = max([len(x.shape) for x in xs if x.__class__ not in SCALARS], default=0)
    return [_fit(x, dtype, rank) for x in xs]


def _fit(x, dtype, rank):
    if x.__class__ in SCALARS:
        return x
    if x.dtype != dtype:
        x = astype(x, dtype)
    return with_rank(x, rank)


def with_rank(x, rank):
    """x with axes of size 1 put in front until it has `rank` axes."""
    missing = rank - len(x.shape)
    return reshape(x, shape=(1,) * missing + tuple(x.shape)) if missing > 0 else x


def promote_pair(x, y):
    """promote() for two operands; quick where there is nothing to do."""
    if x.__class__ in SCALARS or y.__class__ in SCALARS:
        return promote(x, y)
    try:
        if x.dtype == y.dtype and len(x.shape) == len(y.shape):
            return x, y
    except AttributeError:
        pass
    return promote(x, y)


def inexact(x):
    """x with a float or complex dtype: integers become the float that their Value's rule gives."""
    x = operand(x)
    if x.__class__ in SCALARS:
        return np.asarray(x if isinstance(x, complex) else float(x))[()]
    if x.dtype.kind in "fc":
        return x
    if x.dtype.kind not in "iub":
        raise TypeError(f"a number is needed, but the argument is {describe(x)}")
    return astype(x, float_for(x))


def float_for(x):
    """The float dtype that an integer or boolean x turns into."""
    rule = getattr(x, "float_type", None)
    return np.result_type(x.dtype, np.float16) if rule is None else rule
