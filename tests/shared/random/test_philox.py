"""The block function against the authors' vectors, its array form against NumPy's generator."""

import sys
import threading

import numpy as np
import pytest

from tests.standin import installed, lift, peek
from wonderland.shared.random.philox import (
    DRAWS,
    FOLD,
    WORDS_WORTH_A_CALL,
    _array_words,
    multiply,
    philox,
    words,
)

KEY = np.array([0x452821E638D01377, 0xBE5466CF34E90C6C], np.uint64)
ONES = 2**64 - 1

# Random123, kat_vectors: philox4x64, 10 rounds. counter, key, result
KNOWN = [
    (
        (0, 0, 0, 0),
        (0, 0),
        (0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B),
    ),
    (
        (ONES, ONES, ONES, ONES),
        (ONES, ONES),
        (0x87B092C3013FE90B, 0x438C3C67BE8D0224, 0x9CC7D7C69CD777B6, 0xA09CAEBF594F0BA0),
    ),
    (
        (0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89),
        (0x452821E638D01377, 0xBE5466CF34E90C6C),
        (0xA528F45403E61D95, 0x38C72DBD566E9788, 0xA5A1610E72FD18B5, 0x57BD43B5E52B7FE6),
    ),
]


def column(*numbers):
    return [np.array([number], np.uint64) for number in numbers]


@pytest.mark.parametrize(("counter", "key", "result"), KNOWN)
def test_known_answers(counter, key, result):
    assert tuple(int(word[0]) for word in philox(column(*counter), column(*key))) == result


@pytest.mark.parametrize("factor", [0, 1, 3, 2**32 - 1, 2**32, 0xD2E7470EE14C6C93, ONES])
def test_multiply_is_the_128_bit_product(factor):
    numbers = [0, 1, 2**31, 2**32 - 1, 2**32, 2**63, 0x9E3779B97F4A7C15, ONES]
    high, low = multiply(np.array(numbers, np.uint64), factor)
    products = [number * factor for number in numbers]
    assert high.tolist() == [product >> 64 for product in products]
    assert low.tolist() == [product & ONES for product in products]


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 63, 64, 1001])
@pytest.mark.parametrize("key", [0, 1, 2**64, 2**128 - 1])
def test_both_ways_are_the_stream_of_numpy(count, key):
    numbers = np.array([key & ONES, key >> 64], np.uint64)
    expected = np.random.Philox(key=key).random_raw(count)
    for found in (words(numbers, count), _array_words(numbers, count, 0, 0, DRAWS)):
        assert found.dtype == np.uint64
        np.testing.assert_array_equal(found, expected)


def test_data_and_domain_are_the_upper_words_of_the_counter():
    low, high = 5, 2**63
    generator = np.random.Philox(key=KEY, counter=[0, low, high, FOLD])
    expected = generator.random_raw(9)
    np.testing.assert_array_equal(words(KEY, 9, (low, high), FOLD), expected)
    np.testing.assert_array_equal(_array_words(KEY, 9, low, high, FOLD), expected)


@pytest.mark.parametrize("count", [3, WORDS_WORTH_A_CALL - 1, WORDS_WORTH_A_CALL, 100])
@pytest.mark.parametrize("batch", [(), (0,), (3,), (2, 3)])
def test_keys_in_a_batch(batch, count):
    keys = np.arange(2 * np.prod(batch, dtype=int), dtype=np.uint64).reshape(*batch, 2) + KEY
    expected = np.zeros((*batch, count), np.uint64)
    for index in np.ndindex(*batch):
        expected[index] = np.random.Philox(key=keys[index]).random_raw(count)
    np.testing.assert_array_equal(words(keys, count), expected)
    np.testing.assert_array_equal(words(keys[..., ::-1][..., ::-1], count), expected)


@pytest.mark.parametrize("count", [3, 2 * WORDS_WORTH_A_CALL])
def test_data_in_a_batch(count):
    keys, data = np.stack([KEY, KEY + KEY]), np.array([3, 4], np.uint64)
    found = words(keys, count, (data, 0), FOLD)
    for i in range(2):
        np.testing.assert_array_equal(found[i], words(keys[i], count, (int(data[i]), 0), FOLD))


def test_on_the_device():
    with installed():
        found = peek(words(lift(KEY), 9))
    np.testing.assert_array_equal(found, words(KEY, 9))


def test_threads_do_not_disturb_each_other():
    interval = sys.getswitchinterval()
    expected = [words(KEY + np.uint64(i), 9) for i in range(4)]
    wrong = []

    def work(i):
        for _ in range(2000):
            if not np.array_equal(words(KEY + np.uint64(i), 9), expected[i]):
                wrong.append(i)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert not wrong
