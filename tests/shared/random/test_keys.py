"""Keys: their values, and that what derives from them is independent."""

import subprocess
import sys

import numpy as np
import pytest

from wonderland.shared import random

KEY = random.key(7)


@pytest.mark.parametrize("seed", [0, 1, np.int32(5), np.uint64(2**64 - 1), 2**64, 2**128 - 1, True])
def test_a_key_is_numpys_for_the_seed(seed):
    key = random.key(seed)
    assert type(key) is np.ndarray and key.dtype == np.uint64 and key.shape == (2,)
    expected = np.random.Philox(key=int(seed)).random_raw(5)
    np.testing.assert_array_equal(random.bits(key, 5), expected)


def test_golden_children():
    key = random.key(2024)
    assert random.split(key).tolist() == [
        [11663889516129456594, 13744750536210374461],
        [3540930704917185347, 5830581719786478507],
    ]
    assert random.fold_in(key, 0).tolist() == [11393937415767752496, 10793044820445329442]
    assert random.fold_in(key, 2**64).tolist() == [17594642564017960327, 15963954079829284107]
    assert random.fold_in(key, "a").tolist() == [13903466285823818557, 16619990665560581086]


def test_split():
    children = random.split(KEY, 5)
    assert children.shape == (5, 2) and children.dtype == np.uint64
    np.testing.assert_array_equal(random.split(KEY), children[:2])
    np.testing.assert_array_equal(random.split(KEY, 3), children[:3])
    assert random.split(KEY, 0).shape == (0, 2)


def test_fold_in_takes_its_data_in_order():
    folded = random.fold_in(KEY, "encoder.0", 3)
    np.testing.assert_array_equal(folded, random.fold_in(random.fold_in(KEY, "encoder.0"), 3))
    assert not np.array_equal(folded, random.fold_in(KEY, 3, "encoder.0"))
    np.testing.assert_array_equal(random.fold_in(KEY), KEY)
    np.testing.assert_array_equal(random.fold_in(KEY, np.uint8(3)), random.fold_in(KEY, 3))


def test_strings_are_hashed_the_same_in_every_process():
    program = (
        "from wonderland.shared import random; "
        "print(random.fold_in(random.key(7), 'encoder.0', 'π').tolist())"
    )
    output = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    ).stdout
    assert output.strip() == str(random.fold_in(KEY, "encoder.0", "π").tolist())


def test_fold_in_of_an_array_of_data():
    keys = random.split(KEY, 4)
    data = np.array([0, 1, 2**40, 5])
    expected = np.stack([random.fold_in(k, int(d)) for k, d in zip(keys, data, strict=True)])
    np.testing.assert_array_equal(random.fold_in.batched(keys, data), expected)
    np.testing.assert_array_equal(
        random.fold_in.batched(keys, data, "a"), random.fold_in.batched(expected, "a")
    )


def family():
    """Keys related in every way there is."""
    children = random.split(KEY, 50)
    yield from [KEY, *children, *(random.key(seed) for seed in range(20)), random.key(7 << 64)]
    for child in children[:5]:
        yield from random.split(child, 10)
        yield random.fold_in(child, 0)
    yield from (random.fold_in(KEY, i) for i in range(50))
    yield from (random.fold_in(KEY, i << 64) for i in range(1, 50))
    yield from (random.fold_in(KEY, str(i)) for i in range(50))
    yield from (random.fold_in(KEY, "a", i) for i in range(10))


def test_no_two_keys_of_a_family_share_a_word():
    keys = {key.tobytes(): key for key in family()}  # key(7) is there twice
    streams = np.stack([random.bits(key, 256) for key in keys.values()])
    assert len(keys) > 250
    assert len(np.unique(streams)) == streams.size
    # A key is not a piece of any stream either.
    assert not np.isin(np.stack(list(keys.values()))[:, 0], streams).any()


def test_streams_of_a_family_are_uncorrelated():
    keys = list({key.tobytes(): key for key in family()}.values())
    draws = np.stack([random.normal(key, 4000, np.float64) for key in keys])
    correlation = np.corrcoef(draws) * np.sqrt(4000)
    np.fill_diagonal(correlation, 0)
    # Standard normal if independent: about 40,000 pairs stay within 5.
    assert np.abs(correlation).max() < 5
    assert abs(correlation[np.triu_indices(len(keys), 1)].std() - 1) < 0.02


def test_bits_of_a_child_depend_on_every_bit_of_the_data():
    base = random.bits(random.fold_in(KEY, 0), 16)
    for bit in range(128):
        changed = random.bits(random.fold_in(KEY, 1 << bit), 16) ^ base
        share = np.unpackbits(changed.view(np.uint8)).mean()
        assert 0.4 < share < 0.6


ERRORS = [
    (lambda: random.key(-1), ValueError, r"random.key: seed must lie in \[0, 2\*\*128\), got -1"),
    (
        lambda: random.key(2**128),
        ValueError,
        r"random.key: seed must lie in \[0, 2\*\*128\), got 34",
    ),
    (
        lambda: random.key(1.0),
        TypeError,
        r"random.key: seed must be a non-negative integer, got 1.0 \(float\)",
    ),
    (lambda: random.key("1"), TypeError, r"must be a non-negative integer, got '1' \(str\)"),
    (lambda: random.split(KEY, -1), ValueError, r"random.split: num must lie in \[0, .*, got -1"),
    (
        lambda: random.split(KEY, 2.5),
        TypeError,
        r"random.split: num must be a non-negative integer",
    ),
    (
        lambda: random.fold_in(KEY, 1.5),
        TypeError,
        r"random.fold_in: data must be a non-negative integer or a string, got 1.5 \(float\)",
    ),
    (lambda: random.fold_in(KEY, -1), ValueError, r"random.fold_in: data must lie in .*, got -1"),
    (lambda: random.fold_in(KEY, b"a"), TypeError, r"or a string, got b'a' \(bytes\)"),
    (
        lambda: random.fold_in(KEY, np.arange(3)),
        ValueError,
        r"random.fold_in: an array of data must .*, one per key: keys \(\), data int64 \(3,\)",
    ),
    (
        lambda: random.fold_in.batched(random.split(KEY), np.array([1, -1])),
        ValueError,
        r"must hold non-negative integers, one per key: keys \(2,\), data int64 \(2,\)",
    ),
    (
        lambda: random.fold_in.batched(random.split(KEY), np.array([1.0, 2.0])),
        ValueError,
        r"must hold non-negative integers, one per key: keys \(2,\), data float64 \(2,\)",
    ),
]


@pytest.mark.parametrize(("call", "error", "text"), ERRORS)
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()
