"""Truth values, integers, orders and choices: formulas, frequencies, errors."""

import math

import numpy as np
import pytest

from wonderland.shared import random
from wonderland.shared.random import discrete

KEY = random.key(12)
N = 20_000
X = np.arange(12).reshape(3, 4)
WEIGHTS = np.array([0.1, 0.0, 0.3, 0.6, 0.0])


def assert_frequencies(values, probabilities):
    """Pearson's χ² test, at about one in a thousand (Wilson and Hilferty's cube root)."""
    probabilities = np.asarray(probabilities, np.float64)
    counts = np.bincount(values.reshape(-1), minlength=len(probabilities))
    assert len(counts) == len(probabilities) and not counts[probabilities == 0].any()
    expected, counts = (x[probabilities > 0] for x in (probabilities * values.size, counts))
    square, freedom = ((counts - expected) ** 2 / expected).sum(), len(counts) - 1
    share = 2 / (9 * freedom)
    assert (square / freedom) ** (1 / 3) < 1 - share + 3.1 * math.sqrt(share)


def test_the_check_of_frequencies_can_fail():
    with pytest.raises(AssertionError):
        assert_frequencies(random.randint(KEY, N, 0, 4), [0.27, 0.23, 0.25, 0.25])


@pytest.mark.parametrize("p", [0, 0.0, 1, 1.0, 0.5, 0.3, 1e-9, np.float64(0.7), np.float16(0.1)])
def test_bernoulli_of_a_number_is_uniform_below_it(p):
    found = random.bernoulli(KEY, p, N)
    assert found.dtype == bool
    np.testing.assert_array_equal(found, random.uniform(KEY, N) < np.float32(p))


def test_bernoulli_of_an_array():
    for dtype in (np.float16, np.float32, np.float64):
        p = np.array([0, 0.25, 1], dtype)
        found = random.bernoulli(KEY, p, (N, 3))
        np.testing.assert_array_equal(found, random.uniform(KEY, (N, 3), dtype) < p)
    np.testing.assert_array_equal(random.bernoulli(KEY, np.array([0, 1, 1])), [False, True, True])
    assert random.bernoulli(KEY, np.array(0.5)).shape == ()
    assert random.bernoulli(KEY, 0.5, 0).shape == (0,)


def test_bernoulli_frequency():
    assert_frequencies(random.bernoulli(KEY, 0.3, N).astype(int), [0.7, 0.3])


@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.float16, np.float32, np.complex64])
def test_rademacher(dtype):
    found = random.rademacher(KEY, N, dtype)
    assert found.dtype == dtype
    top = random.bits(KEY, N, np.uint8) >> 7
    np.testing.assert_array_equal(found, np.where(top, 1, -1))
    assert_frequencies((found.real.astype(int) + 1) // 2, [0.5, 0.5])


@pytest.mark.parametrize(
    ("low", "high", "dtype"),
    [
        (0, 10, np.int64),
        (-7, -3, np.int8),
        (-128, 128, np.int8),
        (-(2**63), 2**63, np.int64),
        (0, 2**64, np.uint64),
        (2**63, 2**64, np.uint64),
        (-(2**63), 5, np.int64),
        (3, 4, np.int32),
    ],
)
def test_randint_is_the_scaled_word(low, high, dtype):
    expected = [low + ((high - low) * word >> 64) for word in random.bits(KEY, 200).tolist()]
    found = random.randint(KEY, 200, low, high, dtype)
    assert found.dtype == dtype and found.tolist() == expected
    ends = np.full(200, low, dtype), np.full(200, high - 1, dtype)
    if low < high - 1:
        below = random.randint(KEY, 200, ends[0], ends[1], dtype)
        assert below.tolist() == random.randint(KEY, 200, low, high - 1, dtype).tolist()


def test_randint_between_arrays():
    low, high = np.array([0, -5, 100]), np.array([[101], [200]]) + np.array([0, 0, 50])
    found = random.randint(KEY, (500, 2, 3), low, high)
    assert (found >= low).all() and (found < high).all()
    assert len(np.unique(found[:, 1, 1])) > 100


def test_randint_frequencies():
    assert_frequencies(random.randint(KEY, N, 0, 7), [1 / 7] * 7)


def test_permutation():
    found = random.permutation(KEY, 100)
    np.testing.assert_array_equal(found, np.argsort(random.bits(KEY, 100)))
    np.testing.assert_array_equal(np.sort(found), np.arange(100))
    assert random.permutation(KEY, 0).shape == (0,)
    assert random.permutation(KEY, np.array(3)).shape == (3,)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_permutation_of_an_array(axis):
    order = random.permutation(KEY, X.shape[axis])
    np.testing.assert_array_equal(random.permutation(KEY, X, axis), np.take(X, order, axis))


@pytest.mark.parametrize("axis", [0, 1, -2])
def test_independent_permutations_differ_from_line_to_line(axis):
    wide = np.broadcast_to(np.arange(20)[:, None], (20, 30))
    wide = wide if axis != 1 else wide.T
    found = random.permutation(KEY, wide, axis, independent=True)
    np.testing.assert_array_equal(np.sort(found, axis), wide)
    lines = found.T if axis != 1 else found
    assert len({line.tobytes() for line in lines}) == 30


def test_all_orders_are_as_likely():
    orders = random.permutation.batched(random.split(KEY, 6000), 3)
    assert_frequencies(orders @ np.array([9, 3, 1]), np.bincount([21, 19, 15, 11, 7, 5]) / 6)


def test_choice_with_replacement():
    np.testing.assert_array_equal(random.choice(KEY, 9, (4, 5)), random.randint(KEY, (4, 5), 0, 9))
    assert_frequencies(random.choice(KEY, 5, N, p=WEIGHTS), WEIGHTS)
    assert_frequencies(random.choice(KEY, 5, N, p=20 * WEIGHTS), WEIGHTS)
    assert_frequencies(random.choice(KEY, 2, N, p=np.array([1, 3])), [0.25, 0.75])
    assert random.choice(KEY, np.array([5, 5])) == 5


def test_entries_of_weight_zero_are_not_chosen_even_at_the_ends(monkeypatch):
    u = np.array([0.0, 0.25, 0.5, 1 - 2.0**-53])
    monkeypatch.setattr(discrete, "flat_unit", lambda key, count, dtype: u)
    found = random.choice(KEY, 6, 4, p=np.array([0, 1, 0, 1, 2, 0]))
    assert found.tolist() == [1, 3, 4, 4]
    weights = np.random.default_rng(0).uniform(0, 1, (1000, 1)) * np.array([1.0, 0.0])
    assert all(random.choice(KEY, 2, 4, p=p)[3] == 0 for p in weights)


def test_choice_without_replacement():
    found = random.choice(KEY, 9, (2, 3), replace=False)
    assert found.shape == (2, 3) and len(np.unique(found)) == 6
    everything = random.choice(KEY, 5, (3,), replace=False, p=WEIGHTS)
    assert sorted(everything) == [0, 2, 3]


def test_weighted_choice_without_replacement_is_one_after_the_other():
    p = np.array([0.2, 0.3, 0.5])
    pairs = random.choice.batched(random.split(KEY, N), 3, (2,), False, p)
    expected = np.zeros((3, 3))
    for i, j in np.ndindex(3, 3):
        expected[i, j] = p[i] * p[j] / (1 - p[i]) if i != j else 0
    assert_frequencies(pairs @ np.array([3, 1]), expected.reshape(-1))


def test_choice_along_an_axis():
    index = random.choice(KEY, 4, (2, 5))
    found = random.choice(KEY, X, (2, 5), axis=1)
    assert found.shape == (3, 2, 5)
    np.testing.assert_array_equal(found, X[:, index])


def test_categorical_is_the_argmax_with_gumbel_noise():
    logits = np.linspace(-1, 1, 24, dtype=np.float32).reshape(2, 3, 4)
    for axis in (0, 1, -1):
        shape = tuple(np.delete(logits.shape, axis))
        noise_shape = (5, *logits.shape)
        noise = random.gumbel(KEY, noise_shape)
        expected = np.argmax(noise + logits, axis=axis + 1 if axis >= 0 else axis)
        np.testing.assert_array_equal(random.categorical(KEY, logits, axis, (5, *shape)), expected)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_categorical_frequencies(dtype):
    with np.errstate(divide="ignore"):
        logits = np.log(WEIGHTS).astype(dtype)
    assert_frequencies(random.categorical(KEY, logits, shape=(N,)), WEIGHTS)
    assert_frequencies(random.categorical(KEY, logits + dtype(3), shape=(N,)), WEIGHTS)
    integers = random.categorical(KEY, np.array([0, 1]), shape=(N,))
    assert_frequencies(integers, [1 / (1 + math.e), math.e / (1 + math.e)])


ERRORS = [
    (lambda: random.bernoulli(KEY, 1.5), ValueError, r"bernoulli: p must lie in \[0, 1\], got 1.5"),
    (lambda: random.bernoulli(KEY, math.nan), ValueError, r"p must lie in \[0, 1\], got nan"),
    (
        lambda: random.bernoulli(KEY, np.array([2.0])),
        ValueError,
        r"p must lie in \[0, 1\], got \[2",
    ),
    (lambda: random.bernoulli(KEY, "1"), TypeError, r"p must be a number or an array, got str"),
    (
        lambda: random.bernoulli(KEY, np.ones(3), (2,)),
        ValueError,
        r"random.bernoulli: p of shape \(3,\) does not broadcast to \(2,\)",
    ),
    (
        lambda: random.rademacher(KEY, 2, np.uint8),
        TypeError,
        r"random.rademacher: dtype must have a sign, got uint8",
    ),
    (
        lambda: random.randint(KEY, 2, 5, 5),
        ValueError,
        r"randint: minval must be below maxval and both fit int64: minval 5, maxval 5",
    ),
    (lambda: random.randint(KEY, 2, 0, 129, np.int8), ValueError, r"fit int8: .* maxval 129"),
    (lambda: random.randint(KEY, 2, -1, 9, np.uint8), ValueError, r"fit uint8: minval -1"),
    (
        lambda: random.randint(KEY, 2, np.array([-1, 0]), 9, np.uint8),
        ValueError,
        r"fit uint8: minval \[-1  0\]",
    ),
    (
        lambda: random.randint(KEY, 2, 0, np.array([1, 300]), np.int8),
        ValueError,
        r"fit int8: minval 0, maxval \[  1 300\]",
    ),
    (lambda: random.randint(KEY, 2, 0, np.array([1, 0])), ValueError, r"minval must be below"),
    (
        lambda: random.randint(KEY, (2, 3), 0, np.array([1, 2])),
        ValueError,
        r"random.randint: maxval of shape \(2,\) does not broadcast to \(2, 3\)",
    ),
    (
        lambda: random.randint(KEY, 2, 0, 5, np.float32),
        TypeError,
        r"random.randint: dtype must be an integer type, got float32",
    ),
    (lambda: random.randint(KEY, 2, 0.5, 5), TypeError, r"minval must hold integers, got 0.5"),
    (
        lambda: random.randint(KEY, 2, 0, np.array([1.0, 2.0])),
        TypeError,
        r"random.randint: maxval must hold integers, got array",
    ),
    (
        lambda: random.permutation(KEY, -3),
        ValueError,
        r"permutation: x must not be negative, got -3",
    ),
    (
        lambda: random.permutation(KEY, [1, 2]),
        TypeError,
        r"random.permutation: x must be an array or an integer, got \[1, 2\]",
    ),
    (
        lambda: random.permutation(KEY, X, 2),
        ValueError,
        r"random.permutation: axis 2 is out of range for shape \(3, 4\)",
    ),
    (lambda: random.choice(KEY, X, (), axis=-3), ValueError, r"choice: axis -3 is out of range"),
    (lambda: random.choice(KEY, 1.5), TypeError, r"choice: a must be an array or an integer"),
    (
        lambda: random.choice(KEY, 0),
        ValueError,
        r"random.choice: 1 choices with replacement among 0 possible entries",
    ),
    (
        lambda: random.choice(KEY, 3, (2, 2), replace=False),
        ValueError,
        r"random.choice: 4 choices without replacement among 3 possible entries",
    ),
    (
        lambda: random.choice(KEY, 5, 4, False, WEIGHTS),
        ValueError,
        r"random.choice: 4 choices without replacement among 3 possible entries",
    ),
    (
        lambda: random.choice(KEY, 3, p=WEIGHTS),
        ValueError,
        r"random.choice: p must be an array of shape \(3,\), one per entry, got \(5,\)",
    ),
    (lambda: random.choice(KEY, 2, p=[0.5, 0.5]), ValueError, r"one per entry, got list"),
    (
        lambda: random.choice(KEY, 2, p=np.array([1.0, -1.0])),
        ValueError,
        r"random.choice: p must be finite and not negative, got \[ 1. -1.\]",
    ),
    (
        lambda: random.categorical(KEY, [0.5, 0.5]),
        TypeError,
        r"random.categorical: logits must be an array, got list",
    ),
    (lambda: random.categorical(KEY, np.array(0.5)), ValueError, r"axis -1 is out of range for"),
    (
        lambda: random.categorical(KEY, np.zeros((2, 0))),
        ValueError,
        r"random.categorical: logits of shape \(2, 0\) need entries along axis -1",
    ),
    (
        lambda: random.categorical(KEY, np.zeros((2, 3)), shape=(3,)),
        ValueError,
        r"logits of shape \(2, 3\) need .* and without it must broadcast to shape \(3,\)",
    ),
]


@pytest.mark.parametrize(("call", "error", "text"), ERRORS)
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()
