"""From what users write to what primitives take: one dtype, equal ranks.

Primitives are strict. Here dtypes are promoted and ranks broadcast, once, for both paradigms. Which
dtype operands share is a question for the highest Value among them (`Value.result_type`): NumPy's
NEP 50 in `functional`, torch's rule for Tensors. A Python scalar stays what it is wherever the
arrays keep their dtype.
"""

import numpy as np

from ..backend import as_array
from ..dispatch import Value, highest
from ..errors import describe
from ..primitives.cast import cast, convert
from ..primitives.shape import reshape

SCALARS = frozenset((bool, int, float, complex))
REALS = frozenset((bool, int, float))


def numpy_result_type(xs):
    """NumPy's promotion (NEP 50): Python scalars are weak, everything else counts."""
    return np.result_type(*[_typed(x) for x in xs])


def _typed(x):
    """What counts for promotion: a dtype, or for a weak operand a Python number."""
    if x.__class__ in SCALARS:
        return x
    weak = getattr(x, "weak", None)
    return x.dtype if weak is None else weak(1)


Value.result_type = staticmethod(numpy_result_type)  # type: ignore[attr-defined]


def result_type(*xs):
    """The dtype the operands xs share, by the rule of the highest Value among them."""
    top = highest(xs)
    return numpy_result_type(xs) if top is None else top.result_type(xs)


def astype(x, dtype):
    """x with another dtype: differentiable between inexact ones, else with derivative zero.

    >>> astype(np.ones(2), np.float32)
    array([1., 1.], dtype=float32)
    """
    x = operand(x)
    x = np.asarray(x) if x.__class__ in SCALARS else x
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
            f"{operation}: a {type(x).__name__} that holds traced values is no array; join them "
            "with stack or concatenate"
        )
    return as_array(x)


def promote(*xs):
    """The operands with one dtype and equal ranks, as primitives want them."""
    xs = [operand(x) for x in xs]
    dtype = result_type(*xs)
    rank = rank_of(xs)
    return [_fit(x, dtype, rank) for x in xs]


def rank_of(xs):
    """The largest rank among the operands."""
    return max([len(x.shape) for x in xs if x.__class__ not in SCALARS], default=0)


def _fit(x, dtype, rank):
    if x.__class__ in SCALARS:
        return x
    if x.dtype != dtype:
        x = astype(x, dtype)
    return entrywise(x, rank)


def entrywise(x, rank):
    """x as an operand of an entrywise primitive, beside operands of `rank` axes in its dtype.

    NumPy's single number becomes Python's, which goes with any rank and on any device.
    """
    if rank and isinstance(x, (np.generic, np.ndarray)) and not x.shape:
        return x.item()
    return with_rank(x, rank)


def with_rank(x, rank):
    """x with axes of size 1 put in front until it has `rank` axes."""
    if x.__class__ in SCALARS:
        return x
    missing = rank - len(x.shape)
    return reshape(x, shape=(1,) * missing + tuple(x.shape)) if missing > 0 else x


def promote_pair(x, y):
    """promote() for two operands; quick where there is nothing to do."""
    try:
        if y.__class__ in REALS:
            if x.dtype.kind in "fc":
                return x, y
        elif x.__class__ in REALS:
            if y.dtype.kind in "fc":
                return x, y
        elif x.dtype == y.dtype and len(x.shape) == len(y.shape):
            return x, y
    except AttributeError:  # a list, or two scalars
        pass
    return promote(x, y)


def promote_inexact(x, y, integers=np.float16):
    """promote_pair() to a float or complex dtype; integers become at least `integers`."""
    x, y = promote_pair(x, y)
    kind = getattr(y if x.__class__ in SCALARS else x, "dtype", np.dtype(float)).kind
    if kind in "fc":
        return x, y
    dtype = float_type((x, y), integers)
    return [a if a.__class__ in SCALARS else astype(a, dtype) for a in (x, y)]


def inexact(x):
    """x with a float or complex dtype: integers become the float that their Value's rule gives."""
    if isinstance(x, (np.ndarray, Value)) and x.dtype.kind in "fc":
        return x
    x = operand(x)
    if x.__class__ in SCALARS:
        return np.asarray(x if isinstance(x, complex) else float(x))[()]
    if x.dtype.kind in "fc":
        return x
    if x.dtype.kind not in "iub":
        raise TypeError(f"a number is needed, but the argument is {describe(x)}")
    return astype(x, float_type((x,)))


def float_type(xs, integers=np.float16):
    """The float dtype that integers or booleans turn into, by the rule of the highest Value."""
    rule = getattr(highest(xs), "float_type", None)
    if rule is not None:
        return rule
    return np.result_type(integers, *[x.dtype for x in xs if x.__class__ not in SCALARS])
