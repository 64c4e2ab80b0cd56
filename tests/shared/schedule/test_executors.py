"""Every executor gives the eager result: the whole table, forward and backward.

`numpy` to the bit; `native` to a few units in the last place of the largest operand or result, as
it sums in another order and has its own elementary functions.
"""

import numpy as np
import pytest

from tests.shared.primitives import rows
from wonderland import functional as wf
from wonderland.shared.schedule.executors import executor_for, native

rows.declare_everything()
TABLE = rows.table()
ULPS = 8
needs_llvmlite = pytest.mark.skipif(not native(), reason="llvmlite is missing")
EXECUTORS = ["numpy", pytest.param("native", marks=needs_llvmlite)]


def arrays_of(call):
    """The places of the arrays among the operands."""
    return [i for i, a in enumerate(call.args) if isinstance(a, (np.ndarray, np.generic))]


def of_arrays(call):
    """The primitive as a function of its arrays alone, returning a list."""
    places = arrays_of(call)

    def f(*arrays):
        args = list(call.args)
        for i, x in zip(places, arrays, strict=True):
            args[i] = x
        z = call.primitive(*args, **call.static)
        return list(z) if isinstance(z, (tuple, list)) else [z]

    return f, [call.args[i] for i in places]


def pulled(f):
    """f and the cotangents of its float operands for cotangents of ones."""

    def both(*arrays):
        places = [i for i, x in enumerate(arrays) if x.dtype.kind in "fc"]

        def of_floats(*floats):
            given = list(arrays)
            for i, x in zip(places, floats, strict=True):
                given[i] = x
            return [z for z in f(*given) if z.dtype.kind in "fc"]

        out, pull = wf.vjp(of_floats, *[arrays[i] for i in places])
        return out, pull([np.ones_like(z) for z in out])

    return both


def compare(found, expected, executor, scale):
    """Equal to the bit for `numpy`, else to a few units in the last place of `scale`."""
    found, expected = np.asarray(found), np.asarray(expected)
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    if executor == "numpy" or expected.dtype.kind not in "fc":
        np.testing.assert_array_equal(found, expected)
        return
    eps = np.finfo(expected.dtype).eps
    np.testing.assert_allclose(found, expected, rtol=ULPS * eps, atol=ULPS * eps * scale)


def check(f, arrays, executor):
    """jit(f) on arrays by an executor against f itself."""
    with np.errstate(all="ignore"):
        expected = wf.tree.leaves(f(*arrays))
        found = wf.tree.leaves(wf.jit(f, executor=executor)(*arrays))
    sizes = [np.abs(x[np.isfinite(x)]).max(initial=1) for x in map(np.asarray, expected)]
    for x, y in zip(found, expected, strict=True):
        compare(x, y, executor, max(sizes, default=1))


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.label)
def test_table(row, executor):
    for call in row.calls():
        f, arrays = of_arrays(call)
        if arrays:
            check(f, arrays, executor)


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.label)
def test_table_backward(row, executor):
    if not row.primitive.active:
        return
    for call in row.calls():
        f, arrays = of_arrays(call)
        if call.dtype in (np.float64, np.float32) and arrays:
            check(pulled(f), arrays, executor)


def test_an_unknown_executor_is_refused():
    with pytest.raises(ValueError, match="executor is one of numpy, native, but it is 'gpu'"):
        executor_for("gpu")
