import threading

import numpy as np
import pytest

from wonderland.oop.random import drawing_from, manual_seed, next_key
from wonderland.shared import random


def same(a, b):
    return np.array_equal(a, b)


def test_manual_seed_starts_over():
    generator = manual_seed(4)
    keys = [next_key(), next_key()]
    assert same(keys[0], random.fold_in(random.key(4), 0)) and not same(*keys)
    assert manual_seed(4) is generator and same(next_key(), keys[0])


def test_a_bound_key_counts_and_leaves_the_generator():
    manual_seed(4)
    with drawing_from(random.key(1)):
        keys = [next_key(), next_key()]
    assert [same(k, random.fold_in(random.key(1), i)) for i, k in enumerate(keys)] == [True, True]
    assert same(next_key(), random.fold_in(random.key(4), 0))


def test_a_generator_of_ones_own_wins():
    with drawing_from(random.key(1)):
        assert same(next_key(generator=random.Generator(2)), random.fold_in(random.key(2), 0))


def test_binding_ends_with_an_exception_and_stays_in_its_thread():
    manual_seed(4)
    found = []
    with pytest.raises(KeyError), drawing_from(random.key(1)):
        thread = threading.Thread(target=lambda: found.append(next_key()))
        thread.start()
        thread.join()
        raise KeyError
    assert same(found[0], random.fold_in(random.key(4), 0))
    assert same(next_key(), random.fold_in(random.key(4), 1))
