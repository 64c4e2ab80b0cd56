"""The dtype of every result against torch's, for every pair of dtypes and every standing."""

import operator

import numpy as np
import pytest

from tests.peers.twins import LIBRARIES, both, dtype_name

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore::UserWarning")]  # torch's

DTYPES = [
    "bool",
    "uint8",
    "int8",
    "int16",
    "int32",
    "int64",
    "float16",
    "float32",
    "float64",
    "complex64",
    "complex128",
]
NUMBERS = [True, 2, 2.0, 2j]
OPERATORS = {
    "add": operator.add,
    "mul": operator.mul,
    "truediv": operator.truediv,
    "pow": operator.pow,
    "lt": operator.lt,
    "eq": operator.eq,
}


def make(t, dtype, shape):
    return t.ones(shape, dtype=getattr(t, dtype))


def outcome(function):
    """The dtype of a result, or that it is refused."""
    try:
        return dtype_name(function())
    except (TypeError, RuntimeError, ValueError):
        return "refused"


def operands(t):
    """Every kind of operand, by name."""
    made = {}
    for dtype in DTYPES:
        made[f"{dtype}[2]"] = make(t, dtype, (2,))
        made[f"{dtype}[]"] = make(t, dtype, ())
    return made | {f"number {n!r}": n for n in NUMBERS}


def results(t, op):
    """{(left, right): dtype}, of all pairs with a tensor in them."""
    made = operands(t)
    return {
        (a, b): outcome(lambda: op(x, y))  # noqa: B023  called at once
        for a, x in made.items()
        for b, y in made.items()
        if not a.startswith("number") or not b.startswith("number")
    }


# torch has complex numbers of two halves, NumPy none: ours are of two singles.
NO_COMPLEX_HALF = ("complex64", "complex32")
DECIDED = {
    ("pow", "bool[2]", "number True"): ("int8", "bool"),  # NumPy's
    ("pow", "bool[]", "number True"): ("int8", "bool"),
    ("sign", "bool"): ("refused", "bool"),
    ("any", "uint8"): ("bool", "uint8"),  # torch itself calls this an accident
}


def differences(name, mine, other):
    """Where torch gives another dtype, and that is not decided; what only torch refuses is ours."""
    keys = [k for k in other if mine[k] != other[k] and other[k] != "refused"]
    found = {(name, *(k if isinstance(k, tuple) else (k,))): (mine[k], other[k]) for k in keys}
    return {k: v for k, v in found.items() if v != NO_COMPLEX_HALF and DECIDED.get(k) != v}


@pytest.mark.parametrize("name", OPERATORS)
def test_operators(name):
    mine, other = both(lambda t: results(t, OPERATORS[name]))
    assert differences(name, mine, other) == {}


ENTRYWISE = ("sin", "exp", "sqrt", "abs", "neg", "sign", "sigmoid", "square", "floor")
REDUCTIONS = ("sum", "prod", "mean", "max", "any", "argmax", "var")
FUNCTIONS = {
    **{name: lambda t, x, name=name: getattr(t, name)(x) for name in ENTRYWISE + REDUCTIONS},
    "cumsum": lambda t, x: x.cumsum(0),
    "sum to float": lambda t, x: x.sum(dtype=t.float64),
    "clamp": lambda t, x: x.clamp(0, 1),
    "clamp to a float": lambda t, x: x.clamp(0.5),
    "where with a number": lambda t, x: t.where(x == x, x, 1.5),
    "matmul": lambda t, x: x @ x,
    "cat with float": lambda t, x: t.cat([x, t.ones(1)]),
    "stack": lambda t, x: t.stack([x, x]),
    "zeros_like": lambda t, x: t.zeros_like(x),
    "mean of float": lambda t, x: x.float().mean(),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name):
    def program(t):
        return {d: outcome(lambda: FUNCTIONS[name](t, make(t, d, (2,)))) for d in DTYPES}  # noqa: B023

    mine, other = both(program)
    assert differences(name, mine, other) == {}


INPLACE = {"iadd": operator.iadd, "imul": operator.imul, "itruediv": operator.itruediv}


@pytest.mark.parametrize("name", INPLACE)
def test_inplace_operators_keep_the_dtype_or_refuse(name):
    def program(t):
        return {
            (a, b): outcome(lambda: INPLACE[name](make(t, a, (2,)), make(t, b, (2,))))  # noqa: B023
            for a in DTYPES
            for b in DTYPES
        }

    mine, other = both(program)
    assert differences(name, mine, other) == {}
    assert [k for k in other if other[k] == "refused" != mine[k]] == []


def test_numpy_scalars_do_not_widen():
    x = LIBRARIES[0].ones(2)
    assert (x * np.float64(2)).dtype == np.float32
    assert (np.float64(2) * x).dtype == np.float32
