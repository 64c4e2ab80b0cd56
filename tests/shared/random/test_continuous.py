"""Bits and real numbers: the documented formulas, and the distributions."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from wonderland.shared import random
from wonderland.shared.random.continuous import flat_open

KEY = random.key(11)
KEYS = random.split(KEY, 3)
N = 20_000
DTYPES = [np.float16, np.float32, np.float64]


def assert_distributed(values, distribution):
    """Kolmogorov and Smirnov's test, at one in a thousand; the keys are fixed."""
    expected = distribution(np.sort(values.astype(np.float64)))
    steps = np.arange(len(values) + 1) / len(values)
    distance = np.maximum(steps[1:] - expected, expected - steps[:-1]).max()
    assert distance * math.sqrt(len(values)) < 1.95


@np.vectorize
def normal_distribution(x):
    return math.erfc(-x / math.sqrt(2)) / 2  # NormalDist().cdf has no digits left at -8


def test_the_check_of_distributions_can_fail():
    with pytest.raises(AssertionError):
        assert_distributed(random.uniform(KEY, N) * 0.97, lambda x: x)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32, np.uint64])
def test_bits_are_numpys_stream_read_little_endian(dtype):
    raw = np.random.Philox(key=KEY).random_raw(10)
    expected = np.frombuffer(raw.astype("<u8").tobytes(), np.dtype(dtype).newbyteorder("<"))
    np.testing.assert_array_equal(random.bits(KEY, len(expected), dtype), expected)
    np.testing.assert_array_equal(random.bits(KEY, (), dtype), expected[0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_uniform_is_that_of_numpys_generator(dtype):
    expected = np.random.Generator(np.random.Philox(key=KEY)).random(1001, dtype)
    np.testing.assert_array_equal(random.uniform(KEY, 1001, dtype), expected)


@pytest.mark.parametrize(("dtype", "kept"), list(zip(DTYPES, [11, 24, 53], strict=True)))
def test_uniform_takes_the_top_bits(dtype, kept):
    size = 8 * np.dtype(dtype).itemsize
    bits = random.bits(KEY, 1000, f"uint{size}").tolist()
    found = random.uniform(KEY, 1000, dtype)
    expected = [(number >> (size - kept)) / 2**kept for number in bits]
    assert found.tolist() == expected
    assert found.min() >= 0 and found.max() < 1


@pytest.mark.parametrize("dtype", DTYPES)
def test_uniform_stays_below_maxval(dtype):
    found = random.uniform(KEY, N, dtype, 1000, 1001)
    assert found.min() >= 1000 and found.max() < 1001
    np.testing.assert_array_equal(random.uniform(KEY, 3, dtype, 2, 2), np.full(3, 2, dtype))


def test_uniform_between_arrays():
    low, high = np.arange(3.0), np.array([[1.0], [5.0]]) + np.arange(3.0)
    found = random.uniform(KEY, (1000, 2, 3), np.float32, low, high)
    assert found.dtype == np.float32
    assert (found >= low).all() and (found < high).all()
    unit = random.uniform(KEY, (1000, 2, 3))
    np.testing.assert_allclose(found, low + (high - low) * unit, rtol=1e-5)
    per_key = random.uniform.batched(KEYS, (5,), np.float32, 0, np.array([[1.0], [2.0], [3.0]]))
    for key, high, row in zip(KEYS, (1, 2, 3), per_key, strict=True):
        np.testing.assert_array_equal(row, random.uniform(key, (5,), np.float32, 0, high))


@pytest.mark.parametrize("dtype", DTYPES)
def test_uniform_distribution(dtype):
    found = random.uniform(KEY, N, dtype)
    resolution = float(np.finfo(dtype).eps) / 2
    assert_distributed(found.astype(np.float64) + resolution / 2, lambda x: x)


@pytest.mark.parametrize("dtype", DTYPES)
def test_normal_distribution_and_moments(dtype):
    found = random.normal(KEY, N, dtype).astype(np.float64)
    assert_distributed(found, normal_distribution)
    # Standard errors of the moments of N independent values: √(Var zᵏ / N), Var z⁴ = 96.
    for power, moment, variance in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)):
        assert abs((found**power).mean() - moment) < 4 * math.sqrt(variance / N)


@pytest.mark.parametrize("dtype", DTYPES)
def test_normal_is_the_quantile_of_the_open_uniform(dtype):
    u = flat_open(KEY, 1000, np.dtype(dtype))
    expected = np.array([NormalDist().inv_cdf(value) for value in u.tolist()])
    tolerance = max(2e-15, float(np.finfo(dtype).eps))
    np.testing.assert_allclose(random.normal(KEY, 1000, dtype), expected, rtol=tolerance)


def test_the_open_uniform():
    bits = random.bits(KEY, 100, np.uint32)
    expected = [(b + 0.5) / 2**32 for b in bits.tolist()]
    assert flat_open(KEY, 100, np.dtype(np.float32)).tolist() == expected
    words = random.bits(KEY, 100).tolist()
    expected = [((b >> 12) + 0.5) / 2**52 for b in words]
    assert flat_open(KEY, 100, np.dtype(np.float64)).tolist() == expected
    assert (2**52 - 1 + 0.5) / 2**52 < 1  # the largest is not rounded up


def test_a_normal_in_the_plane():
    found = random.normal(KEY, N, np.complex64)
    parts = random.normal(KEY, 2 * N) / np.sqrt(np.float32(2))
    np.testing.assert_allclose(found.view(np.float32), parts, rtol=1e-6)
    assert abs((np.abs(found) ** 2).mean() - 1) < 4 / math.sqrt(N)
    assert random.normal(KEY, (2, 3), np.complex128).shape == (2, 3)
    assert random.normal(KEY, (), np.complex128).dtype == np.complex128


@pytest.mark.parametrize(
    ("lower", "upper"),
    [(-2, 2), (0.5, 0.7), (3, math.inf), (-math.inf, -3), (8, 9), (-1, math.inf), (-0.1, 20)],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_truncated_normal_distribution(lower, upper, dtype):
    found = random.truncated_normal(KEY, lower, upper, N, dtype)
    assert (found > lower).all() and (found < upper).all()
    sign = -1 if lower > 0 else 1  # the lower tail is the exact one
    ends = [normal_distribution(sign * end) for end in (lower, upper)]
    assert_distributed(
        found, lambda x: (normal_distribution(sign * x) - ends[0]) / (ends[1] - ends[0])
    )


def test_truncated_normal_of_everything_is_normal():
    found = random.truncated_normal(KEY, -math.inf, math.inf, 1000, np.float64)
    np.testing.assert_allclose(found, random.normal(KEY, 1000, np.float64), rtol=1e-12)


@pytest.mark.parametrize("dtype", DTYPES)
def test_exponential_and_gumbel_distribution(dtype):
    found = random.exponential(KEY, N, dtype)
    assert_distributed(found, lambda x: 1 - np.exp(-x))
    assert_distributed(random.gumbel(KEY, N, dtype), lambda x: np.exp(-np.exp(-x)))
    u = flat_open(KEY, N, np.dtype(dtype))
    np.testing.assert_allclose(found, -np.log(u), rtol=float(np.finfo(dtype).eps), atol=1e-7)


ERRORS = [
    (
        lambda: random.bits(KEY, 2, np.int32),
        TypeError,
        r"random.bits: dtype must be uint8, uint16, uint32 or uint64, got int32",
    ),
    (
        lambda: random.uniform(KEY, 2, np.float32, 1, 0),
        ValueError,
        r"random.uniform: minval must not exceed .* fit float32: minval 1, maxval 0",
    ),
    (lambda: random.uniform(KEY, 2, np.float16, 0, 1e6), ValueError, r"must fit float16: minval 0"),
    (lambda: random.uniform(KEY, 2, np.float32, math.nan), ValueError, r"minval nan, maxval 1.0"),
    (
        lambda: random.uniform(KEY, (2, 3), np.float32, np.zeros(2)),
        ValueError,
        r"random.uniform: minval of shape \(2,\) does not broadcast to \(2, 3\)",
    ),
    (
        lambda: random.uniform(KEY, 3, np.float32, 0, np.ones((1, 3))),
        ValueError,
        r"random.uniform: maxval of shape \(1, 3\) does not broadcast to \(3,\)",
    ),
    (
        lambda: random.truncated_normal(KEY, 1, 1),
        ValueError,
        r"random.truncated_normal: lower must be below upper, got 1.0 and 1.0",
    ),
    (lambda: random.truncated_normal(KEY, math.nan, 1), ValueError, r"lower must be below upper"),
    (
        lambda: random.truncated_normal(KEY, 40, 41),
        ValueError,
        r"random.truncated_normal: no probability in float64 between 40.0 and 41.0",
    ),
    (
        lambda: random.truncated_normal(KEY, np.zeros(2), 1),
        TypeError,
        r"random.truncated_normal: lower must be a number, got array",
    ),
]


@pytest.mark.parametrize(("call", "error", "text"), ERRORS)
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()
