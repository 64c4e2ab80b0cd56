"""Keys for programs that keep state: a counter over the same core."""

import threading

import numpy as np

from .keys import fold_in, key


class Generator:
    """The keys fold_in(key(seed), 0), fold_in(key(seed), 1), ..., one per call; safe in threads.

    >>> from wonderland.shared import random
    >>> generator = random.Generator(7)
    >>> bool((generator.next_key() == random.fold_in(random.key(7), 0)).all())
    True
    """

    def __init__(self, seed=0):
        self._lock = threading.Lock()
        self.manual_seed(seed)

    def manual_seed(self, seed):
        """Start over from key(seed); returns the generator."""
        fresh = key(seed)
        with self._lock:
            self._key, self._count = fresh, 0
        return self

    def next_key(self):
        """The next key; each is given once."""
        with self._lock:
            base, count = self._key, self._count
            self._count += 1
        return fold_in(base, count)

    def get_state(self):
        """[key, key, how many keys were given] as a uint64 array (3,)."""
        with self._lock:
            return np.array([*self._key.tolist(), self._count], np.uint64)

    def set_state(self, state):
        """Continue from what `get_state` gave, else ValueError; returns the generator."""
        state = np.asarray(state)
        if state.shape != (3,) or state.dtype != np.uint64:
            raise ValueError(
                "random.Generator.set_state: the state must be a uint64 array of shape (3,), "
                f"got {state.dtype} {state.shape}; take it from get_state()"
            )
        with self._lock:
            self._key, self._count = state[:2].copy(), int(state[2])
        return self

    def __repr__(self):
        first, second, count = self.get_state().tolist()
        return f"Generator(seed={first | second << 64}, given={count})"

    def __getstate__(self):
        return self.get_state()

    def __setstate__(self, state):
        self._lock = threading.Lock()
        self.set_state(state)
