"""Elementary functions as machine code against mpmath: on grids, at extremes, one lane or many."""

import numpy as np
import pytest
from mpmath import mp, mpc, mpf

from wonderland.shared.schedule.native import lane
from wonderland.shared.schedule.native.functions import TABLE, emit, reduction
from wonderland.shared.schedule.native.functions.loop import Loop

POINTS = 160


def softplus(x):
    return max(x, mpf(0)) + mp.log1p(mp.exp(-abs(x)))


def logaddexp(x, y):
    return x if mp.isinf(x) and x == y else max(x, y) + mp.log1p(mp.exp(-abs(x - y)))


# name: (exact, (low, high) of the grid, greatest error in single, in double). Errors are rounded up
# from what was measured: in single over every 997th number there is, in double over 10^4.
FUNCTIONS = {
    "exp": (mp.exp, (-103, 88), 1.0, 1.0),
    "exp2": (lambda x: mp.power(2, x), (-149, 127), 0.9, 0.9),
    "expm1": (mp.expm1, (-20, 88), 1.1, 1.0),
    "tanh": (mp.tanh, (-9, 9), 1.3, 0.9),
    "sigmoid": (lambda x: 1 / (1 + mp.exp(-x)), (-100, 20), 1.8, 1.3),
    "sinh": (mp.sinh, (-89, 89), 1.8, 1.7),
    "cosh": (mp.cosh, (-89, 89), 1.4, 1.3),
    "log": (mp.log, (0, 3), 0.9, 0.8),
    "log1p": (mp.log1p, (-1, 2), 0.9, 0.8),
    "log2": (lambda x: mp.log(x) / mp.log(2), (0, 3), 0.8, 0.7),
    "log10": (lambda x: mp.log(x) / mp.log(10), (0, 3), 0.7, 0.7),
    "softplus": (softplus, (-80, 80), 1.6, 1.5),
    "erf": (mp.erf, (-4, 4), 1.2, 1.2),
    "erfc": (mp.erfc, (-3, 9), 1.7, 2.0),
    "sin": (mp.sin, (-50, 50), 0.9, 0.8),
    "cos": (mp.cos, (-50, 50), 0.9, 0.8),
    "tan": (mp.tan, (-50, 50), 1.0, 1.0),
    "sqrt": (mp.sqrt, (0, 3), 0.5, 0.5),
    "rsqrt": (lambda x: 1 / mp.sqrt(x), (0, 3), 1.5, 1.5),
    "cbrt": (lambda x: mp.sign(x) * mp.cbrt(abs(x)), (-3, 3), 0.6, 0.6),
    "arctan": (mp.atan, (-3, 3), 1.8, 1.6),
    "arcsin": (mp.asin, (-1, 1), 0.7, 0.7),
    "arccos": (mp.acos, (-1, 1), 0.7, 0.7),
    "arcsinh": (mp.asinh, (-3, 3), 1.6, 1.6),
    "arccosh": (mp.acosh, (1, 4), 1.8, 1.8),
    "arctanh": (mp.atanh, (-1, 1), 1.9, 1.7),
}
BINARY = {
    "power": (mp.power, (0, 4), (-20, 20), 0.9, 0.9),
    "arctan2": (mp.atan2, (-3, 3), (-3, 3), 1.9, 1.6),
    "hypot": (mp.hypot, (-3, 3), (-3, 3), 2.0, 2.0),
}


def cdf(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def tanh_form(x):
    return mp.sqrt(2 / mp.pi) * (x + mpf("0.044715") * x**3)


# name: (exact, greatest error in single, in double); these end in a sum of which little may be
# left, so that their errors are in epsilons of the larger of 1 and |x|.
GATES = {
    "gelu": (lambda x: x * cdf(x), 1.6, 2.0),
    "gelu_slope": (lambda x: cdf(x) + x * mp.npdf(x), 1.6, 2.0),
    "gelu_tanh": (lambda x: x * (1 + mp.tanh(tanh_form(x))) / 2, 1.2, 2.0),
    "gelu_tanh_slope": (lambda x: mp.diff(GATES["gelu_tanh"][0], x), 4.5, 4.0),
}
DTYPES = [np.float32, np.float64]


@pytest.fixture(scope="module")
def loops():
    """One compiled loop per function and dtype, for all tests."""
    made = {}

    def loop(name, dtype, arity=1):
        key = name, np.dtype(dtype)
        if key not in made:
            made[key] = Loop(name, dtype, arity)
        return made[key]

    return loop


def ulps(result, exact, dtype):
    """The distance from the exact value in units in its last place; inf where classes differ."""
    info = np.finfo(dtype)
    if isinstance(exact, mpc) or mp.isnan(exact):
        return 0.0 if np.isnan(result) else np.inf
    if np.isnan(result):
        return np.inf
    if mp.isinf(exact):
        return 0.0 if result == float(exact) else np.inf
    if np.isinf(result):  # right where rounding overflows
        limit = mpf(float(info.max)) * (1 + mpf(float(info.eps)) / 2)
        return 0.0 if abs(exact) >= limit and (exact > 0) == (result > 0) else np.inf
    exact = exact if abs(exact) > mp.ldexp(1, -2000) else mpf(0)
    exponent = int(mp.floor(mp.log(abs(exact), 2))) if exact else -2000
    unit = max(mp.ldexp(1, exponent - info.nmant), mpf(float(info.smallest_subnormal)))
    return float(abs(mpf(float(result)) - exact) / unit)


def value(exact, *operands):
    """What mpmath says, NaN where it has no value."""
    if any(np.isnan(x) for x in operands):
        return mp.nan
    try:
        return exact(*(mpf(float(x)) for x in operands))
    except (ValueError, ZeroDivisionError):
        return mp.nan


def points(low, high, dtype, count=POINTS, seed=0):
    """Even and random points of the interval, and points of every magnitude in it."""
    random = np.random.default_rng(seed)
    scale = 8 if dtype == np.float64 and max(-low, high) > 80 else 1
    even = np.linspace(low * scale, high * scale, count)
    drawn = random.uniform(low * scale, high * scale, count)
    sizes = 2.0 ** random.uniform(-30, 4, count) * random.choice([-1, 1], count)
    inside = (sizes > low) & (sizes < high)
    return np.concatenate([even[1:-1], drawn, sizes[inside]]).astype(dtype)


def worst(name, exact, dtype, loop, *operands):
    """The greatest error over the points, and where it is."""
    found = loop(*operands)
    with mp.workdps(40):
        errors = [
            ulps(z, value(exact, *given), dtype) for z, *given in zip(found, *operands, strict=True)
        ]
    at = int(np.argmax(errors))
    return errors[at], name, [x[at] for x in operands], found[at]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_as_exact_as_it_says(loops, name, dtype):
    exact, (low, high), single, double = FUNCTIONS[name]
    x = points(low, high, dtype)
    found = worst(name, exact, dtype, loops(name, dtype), x)
    assert found[0] <= (single if dtype == np.float32 else double), found


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", BINARY)
def test_a_function_of_two_is_as_exact_as_it_says(loops, name, dtype):
    exact, first, second, single, double = BINARY[name]
    x, y = (points(*span, dtype, seed=k) for k, span in enumerate((first, second)))
    count = min(x.size, y.size)
    x, y = x[:count], y[:count]
    np.random.default_rng(3).shuffle(y)
    found = worst(name, exact, dtype, loops(name, dtype, 2), x, y)
    assert found[0] <= (single if dtype == np.float32 else double), found


@pytest.mark.parametrize("dtype", DTYPES)
def test_logaddexp_is_exact_to_two_units_of_the_greater(loops, dtype):
    random = np.random.default_rng(0)
    x, y = random.uniform(-30, 30, (2, 300)).astype(dtype)
    found = loops("logaddexp", dtype, 2)(x, y)
    with mp.workdps(40):
        exact = [logaddexp(mpf(float(a)), mpf(float(b))) for a, b in zip(x, y, strict=True)]
        error = [abs(mpf(float(z)) - e) for z, e in zip(found, exact, strict=True)]
    unit = np.spacing(np.maximum(abs(found), abs(np.maximum(x, y))))
    assert all(float(e) <= 2 * u for e, u in zip(error, unit, strict=True))


def extremes(dtype):
    """Zeros, denormals, the ends of the normal range, units, infinities, NaN; their negatives."""
    info = np.finfo(dtype)
    sizes = [0.0, info.smallest_subnormal, 5 * info.smallest_subnormal, info.tiny, info.max,
             info.eps / 8, info.eps, 0.5, 1.0, 1.0 + info.eps, 1.0 - info.epsneg, 2.0, 10.0, 88.7,
             89.0, 100.0, 104.0, 709.7, 710.4, 745.0, 746.0, 1e5, 3e6, 1e9, 2e9, 1e15, 1e30,
             1e300, np.inf]  # fmt: skip
    with np.errstate(over="ignore"):
        sizes = np.array(sizes, np.float64).astype(dtype)
    return np.concatenate([sizes, -sizes, np.array([np.nan], dtype)])


# Where mpmath raises or takes another limit than C.
AT_EDGES = {
    ("log", 0.0): -np.inf, ("log2", 0.0): -np.inf, ("log10", 0.0): -np.inf,
    ("log1p", -1.0): -np.inf, ("rsqrt", 0.0): np.inf, ("arctanh", 1.0): np.inf,
    ("arctanh", -1.0): -np.inf, ("sigmoid", -np.inf): 0.0, ("sigmoid", np.inf): 1.0,
    ("sin", np.inf): np.nan, ("cos", np.inf): np.nan, ("tan", np.inf): np.nan,
    ("sin", -np.inf): np.nan, ("cos", -np.inf): np.nan, ("tan", -np.inf): np.nan,
    ("cbrt", np.inf): np.inf, ("cbrt", -np.inf): -np.inf, ("sinh", -np.inf): -np.inf,
    ("arcsinh", -np.inf): -np.inf, ("softplus", np.inf): np.inf, ("softplus", -np.inf): 0.0,
    ("sqrt", -np.inf): np.nan, ("rsqrt", -np.inf): np.nan, ("log", -np.inf): np.nan,
    ("log2", -np.inf): np.nan, ("log10", -np.inf): np.nan, ("log1p", -np.inf): np.nan,
    ("arccosh", -np.inf): np.nan, ("arctanh", np.inf): np.nan, ("arctanh", -np.inf): np.nan,
    ("arcsin", np.inf): np.nan, ("arcsin", -np.inf): np.nan, ("arccos", np.inf): np.nan,
    ("arccos", -np.inf): np.nan, ("rsqrt", np.inf): 0.0, ("expm1", -np.inf): -1.0,
    ("expm1", np.inf): np.inf, ("erfc", 1e300): 0.0, ("erfc", -1e300): 2.0,
}  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_extremes(loops, name, dtype):
    exact, _, single, double = FUNCTIONS[name]
    x = extremes(dtype)
    if name == "rsqrt":  # 1 / -0 is -inf
        x = x[~np.signbit(x) | (x != 0)]
    bound = single if dtype == np.float32 else double
    for argument, z in zip(x, loops(name, dtype)(x), strict=True):
        edge = AT_EDGES.get((name, float(argument)))
        if name == "erfc" and abs(argument) == np.finfo(np.float64).max:
            continue  # mpmath itself overflows
        with mp.workdps(400):
            wanted = value(exact, argument) if edge is None else mpf(edge)
        assert ulps(z, wanted, dtype) <= bound, (argument, z, wanted)


ODD = ["expm1", "tanh", "sinh", "log1p", "erf", "sin", "tan", "sqrt", "cbrt", "arctan", "arcsin",
       "arcsinh", "arctanh"]  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ODD)
def test_minus_zero_stays(loops, name, dtype):
    zeros = np.array([-0.0] * 16 + [0.0] * 16, dtype)
    assert np.array_equal(np.signbit(loops(name, dtype)(zeros)), np.signbit(zeros))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", [*FUNCTIONS, *BINARY, "logaddexp"])
def test_one_lane_gives_the_bits_of_many(loops, name, dtype):
    arity = 1 if name in FUNCTIONS else 2
    loop = loops(name, dtype, arity)
    x = np.concatenate([points(-4, 4, dtype, 20), extremes(dtype)])
    operands = [x, np.roll(x, 5)][:arity]
    together = loop(*operands)
    alone = np.concatenate([loop(*(o[k : k + 1] for o in operands)) for k in range(x.size)])
    assert np.array_equal(together, alone, equal_nan=True)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["power", "arctan2", "hypot", "logaddexp"])
def test_conventions_of_two_operands_are_those_of_c(loops, name, dtype):
    edges = [0.0, 0.5, 1.0, 2.0, 3.0, 2.5, 1e30, np.inf, -0.0, -0.5, -1.0, -2.0, -3.0, -1e30,
             -np.inf, np.nan]  # fmt: skip
    x, y = (grid.ravel().astype(dtype) for grid in np.meshgrid(edges, edges))
    found = loops(name, dtype, 2)(x, y)
    with np.errstate(all="ignore"):
        wanted = getattr(np, name)(x, y)
    np.testing.assert_allclose(found, wanted, rtol=4 * np.finfo(dtype).eps)
    zeros = (wanted == 0) & (name != "logaddexp")
    assert np.array_equal(np.signbit(found[zeros]), np.signbit(wanted[zeros]))


@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
def test_an_angle_may_be_the_nearest_to_a_multiple_of_half_pi(loops, name):
    # 6381956970095103 2^797 is the double nearest to a multiple of π/2 (Kahan; Muller 2006).
    x = np.array([6381956970095103.0 * 2.0**797, 6381956970095103.0 * 2.0**797] * 4)
    with mp.workdps(400):
        exact = FUNCTIONS[name][0](mpf(float(x[0])))
    assert ulps(loops(name, np.float64)(x)[0], exact, np.float64) <= 1.0


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", GATES)
def test_a_gate_is_as_exact_as_it_says(loops, name, dtype):
    exact, single, double = GATES[name]
    x = points(-12, 12, dtype, 80)
    found = loops(name, dtype)(x)
    with mp.workdps(40):
        errors = [float(abs(z - exact(mpf(float(y))))) for y, z in zip(x, found, strict=True)]
    errors /= np.maximum(1, np.abs(x)) * np.finfo(dtype).eps
    assert errors.max() <= (single if dtype == np.float32 else double), x[errors.argmax()]


@pytest.mark.parametrize("dtype", DTYPES)
def test_gates_at_their_ends(loops, dtype):
    x = np.array([0.0, np.inf, 1e30, -1e30, -np.inf, np.nan], dtype)
    for name in ("gelu", "gelu_tanh"):
        wanted = np.array([0, np.inf, 1e30, 0, 0, np.nan], dtype)
        np.testing.assert_array_equal(loops(name, dtype)(x), wanted)
    for name in ("gelu_slope", "gelu_tanh_slope"):
        found = loops(name, dtype)(x)
        np.testing.assert_allclose(found, [0.5, 1, 1, 0, 0, np.nan], atol=1e-30)


def test_every_function_is_measured():
    assert set(TABLE) == {*FUNCTIONS, *BINARY, *GATES, "logaddexp"}


def test_an_unknown_function_is_an_error_that_names_the_known():
    with pytest.raises(KeyError, match=r"emit: there is no elementary function 'gamma', only \["):
        emit(None, "gamma")


def test_the_table_of_words_is_two_over_pi():
    with mp.workdps(500):
        assert reduction.BITS == int(mp.floor(mp.ldexp(2 / mp.pi, 1216)))
    assert lane.DOUBLE.tiny == np.finfo(np.float64).tiny
