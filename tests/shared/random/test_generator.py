"""The stateful generator: a counter over keys."""

import pickle
import threading

import numpy as np
import pytest

from wonderland.shared import random


def test_keys_are_those_of_a_counter():
    generator = random.Generator(7)
    for count in range(3):
        np.testing.assert_array_equal(generator.next_key(), random.fold_in(random.key(7), count))


def test_manual_seed_starts_over():
    generator = random.Generator(7)
    first = generator.next_key()
    assert generator.manual_seed(7) is generator
    np.testing.assert_array_equal(generator.next_key(), first)
    assert not np.array_equal(generator.manual_seed(8).next_key(), first)


def test_the_state_can_be_kept():
    generator = random.Generator(2**127 + 3)
    generator.next_key()
    state = generator.get_state()
    assert state.tolist() == [3, 2**63, 1]
    expected = [generator.next_key() for _ in range(3)]
    other = random.Generator().set_state(state)
    state[:] = 0  # the generator keeps a copy
    np.testing.assert_array_equal([other.next_key() for _ in range(3)], expected)
    copy = pickle.loads(pickle.dumps(other))
    np.testing.assert_array_equal(copy.next_key(), other.next_key())
    assert repr(copy) == f"Generator(seed={2**127 + 3}, given=5)"


def test_each_key_is_given_once_to_all_threads_together():
    generator, given = random.Generator(7), []

    def work():
        given.extend(generator.next_key().tobytes() for _ in range(500))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(given)) == 2000
    assert generator.get_state()[2] == 2000


@pytest.mark.parametrize(
    "state", [np.zeros(2, np.uint64), np.zeros(3), [1, 2, 3], np.zeros((3, 1), np.uint64)]
)
def test_what_is_no_state(state):
    text = r"Generator.set_state: the state must be a uint64 array of shape \(3,\), got .*; take"
    generator = random.Generator(7)
    with pytest.raises(ValueError, match=text):
        generator.set_state(state)
    assert generator.get_state().tolist() == [7, 0, 0]


def test_a_seed_that_is_none():
    generator = random.Generator(7)
    with pytest.raises(ValueError, match=r"random.key: seed must lie in \[0, 2\*\*128\), got -1"):
        generator.manual_seed(-1)
    assert generator.get_state().tolist() == [7, 0, 0]
