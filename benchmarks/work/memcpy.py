"""The yardstick: the bytes that a row must read and write, copied by two threads."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

THREADS = 2


def prepare(traffic):
    """step() which reads traffic/2 bytes and writes as many."""
    source = np.ones((THREADS, traffic // 2 // THREADS), np.uint8)
    target = np.zeros_like(source)
    pool = ThreadPoolExecutor(THREADS)

    def step():
        list(pool.map(np.copyto, target, source))
        return target[:, 0]

    return step
